"""The one line that preview leaves: what rolls and why, with how many GPUs."""

import pytest

from inference_provider.converge.ports import Cluster
from inference_provider.errors import Forbidden, InferenceError, Unavailable
from inference_provider.manifests.kinds import JOB, NODE
from inference_provider.resources import workload
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_cluster import Fault

OLD, NEW = "models/llama@0123456789ab", "models/llama@ffffffffffff"


def served(**more: object) -> Properties:
    """The outputs of a Workload's last run."""
    return chat(OLD, namespace="models", activeArtifactId=OLD, revision="r7", **more)


async def line(outside: Outside, olds: Properties, news: Properties) -> str | None:
    """What preview says."""
    return await plan_line(outside.world(), olds, news, workload.diff(olds, news))


def gpu_node(outside: Outside, count: int) -> None:
    """A node with GPUs."""
    status = {"allocatable": {"nvidia.com/gpu": str(count)}, "conditions": [{"type": "Ready", "status": "True"}]}
    labels = {"nvidia.com/gpu.product": "H100"}
    outside.cluster.put(NODE, {"metadata": {"name": "gpu-1", "labels": labels}, "status": status})


async def test_nothing_to_do_needs_no_line(outside: Outside) -> None:
    assert await line(outside, served(), served()) is None


async def test_a_roll_names_from_where_to_where_and_why(outside: Outside) -> None:
    said = await line(outside, served(), chat(NEW, namespace="models"))

    assert said == f"Workload models/chat rolls from r7 ({OLD}) to {NEW} because of artifactId; it needs no GPUs"


async def test_a_roll_counts_gpus(outside: Outside) -> None:
    gpu_node(outside, 8)
    hardware = runtime(replicas=2, gpu=2, gpuModel="H100")

    said = await line(outside, served(runtime=hardware), chat(NEW, namespace="models", runtime=hardware))

    assert said is not None
    assert said.endswith("needs 4 × H100 (2 pods × 2): 8 free on gpu-1, beside those in use")


async def test_a_roll_without_room_warns_that_it_will_wait(outside: Outside) -> None:
    gpu_node(outside, 3)
    hardware = runtime(replicas=2, gpu=2, gpuModel="H100")

    await line(outside, served(runtime=hardware), chat(NEW, namespace="models", runtime=hardware))

    assert outside.heard.warnings == ["it will wait for room: needs 4 × H100 (2 pods × 2): 3 free on gpu-1; 2 missing"]


async def test_who_may_not_count_says_so_and_is_not_warned(outside: Outside) -> None:
    refused = Forbidden("list", kind="Node", namespace=None, name="", said="not you")
    outside.cluster.faults.append(Fault("list", NODE, refused))
    hardware = runtime(replicas=2, gpu=2)

    said = await line(outside, served(runtime=hardware), chat(NEW, namespace="models", runtime=hardware))

    assert said is not None
    assert said.endswith("needs 4 GPUs beside those in use; free GPUs unknown (no right to list nodes)")
    assert outside.heard.warnings == []


KEEPING: Properties = {"replacement": {"keepOldVersionMinutes": 5.0}}


async def rolled(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """A Workload that went from v1 to v2 and keeps v1; its outputs, and inputs that name v1 again."""
    first = await outside.artifact(llama("vllm/vllm:v1"))
    out = await outside.workload({**chat(first["versionId"]), **KEEPING})
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    out = await outside.workload({**chat(second["versionId"], **more), **KEEPING}, out)
    again = await outside.artifact(llama("vllm/vllm:v1"), second)
    return out, {**chat(again["versionId"], namespace="models", **more), **KEEPING}


async def test_going_back_says_that_nothing_loads(outside: Outside) -> None:
    out, news = await rolled(outside)

    said = await line(outside, out, news)

    assert said is not None
    assert said.startswith(f"Workload models/chat goes back from r2 ({out['artifactId']}) to {news['artifactId']}, ")
    assert "whose pods are kept until 2031-05-04T" in said
    assert said.endswith("no load, no further GPUs")


async def test_no_way_back_is_promised_when_the_kept_pods_are_gone(outside: Outside) -> None:
    out, news = await rolled(outside)
    outside.cluster.remove(JOB, "models", "chat-r1-keep")

    assert "rolls from r2" in str(await line(outside, out, news))


async def test_no_way_back_is_promised_when_the_kept_pods_have_other_hardware(outside: Outside) -> None:
    out, news = await rolled(outside, runtime=runtime(cpu=4.0))

    assert "rolls from r2" in str(await line(outside, out, news))


async def test_another_artifact_with_the_same_content_is_said_to_roll_nothing(outside: Outside) -> None:
    said = await line(outside, served(), chat("models/twin@0123456789ab", namespace="models"))

    assert said == "Workload models/chat names another Artifact with the same content, in place; no pod restarts"


async def test_a_version_that_is_not_known_yet_is_the_only_cause_named(outside: Outside) -> None:
    olds = served(runtime=runtime(replicas=2.0, cpu="4", memory="16Gi"))
    news = chat(OLD, namespace="models", runtime=runtime(replicas=2.0, cpu=4.0, memory="16Gi"))
    difference = workload.diff(olds, news).and_perhaps(("artifactId",))

    said = await plan_line(outside.world(), olds, news, difference)

    assert said == (
        f"Workload models/chat may roll from r7 ({OLD}) because of artifactId (not known yet); it needs no GPUs"
    )


async def test_hardware_that_is_not_known_yet_is_not_counted(outside: Outside) -> None:
    difference = workload.diff(served(), served()).and_perhaps(("runtime.containerGroups",))

    said = await plan_line(outside.world(), served(), chat(OLD, namespace="models"), difference)

    assert said is not None
    assert said.endswith("because of runtime.containerGroups (not known yet); what it needs is not known yet")


async def test_a_workload_with_its_artifact_inside_counts_gpus_too(outside: Outside) -> None:
    gpu_node(outside, 8)
    hardware = runtime(gpu=2, gpuModel="H100")
    named: Properties = {"name": "chat", "namespace": "models", "runtime": hardware}
    old, new = ({"artifact": {"spec": llama(image)["spec"]}} for image in ("v:1", "v:2"))

    said = await line(outside, named | old, named | new)

    assert said is not None
    assert said.endswith("needs 2 × H100 (1 pod × 2): 8 free on gpu-1, beside those in use")


async def test_what_an_interrupted_run_left_is_said_to_be_removed(outside: Outside) -> None:
    said = await line(outside, served(candidateProtonIds=["models/chat-r8"]), chat(OLD, namespace="models"))

    assert said == "Workload models/chat: removes what an interrupted run has left, in place; no pod restarts"


async def test_changes_in_place_say_that_no_pod_restarts(outside: Outside) -> None:
    said = await line(outside, served(), chat(OLD, namespace="models", displayName="Chat", importance="high"))

    assert said == (
        "Workload models/chat: displayName changes, importance counts from the next roll on, in place; no pod restarts"
    )


async def test_a_warm_up_that_comes_counts_from_the_next_roll_on(outside: Outside) -> None:
    said = await line(outside, served(), chat(OLD, namespace="models", replacement={"warmup": {"path": "/v1/models"}}))

    assert said == "Workload models/chat: replacement.warmup counts from the next roll on, in place; no pod restarts"


async def test_another_name_warns_of_another_endpoint(outside: Outside) -> None:
    said = await line(outside, served(), {**chat(OLD, namespace="models"), "name": "talk"})

    assert said is None, "it is more than a remark"
    assert outside.heard.warnings == ["Workload models/talk: name changes, so it is made anew and its endpoint changes"]


async def test_a_name_that_is_not_known_yet_is_not_said_to_change(outside: Outside) -> None:
    same = served()

    await plan_line(outside.world(), same, same, workload.diff(same, same).and_perhaps(("name",)))

    assert outside.heard.warnings == [
        "Workload models/chat: name not known yet; another one makes it anew, and its endpoint changes"
    ]


async def test_a_roll_from_nothing_does_not_speak_of_none(outside: Outside) -> None:
    nothing = served() | {"activeArtifactId": None, "revision": None}

    said = await line(outside, nothing, chat(NEW, namespace="models"))

    assert said == f"Workload models/chat rolls to {NEW} because of artifactId; it needs no GPUs"


async def test_many_causes_are_counted(outside: Outside) -> None:
    before = runtime(cpu=1, memory="1Gi", gpu=1, gpuModel="A100", gpuMemory="40GB")
    after = runtime(cpu=2, memory="2Gi", gpu=2, gpuModel="H100", gpuMemory="80GB")

    said = await line(outside, served(runtime=before), chat(OLD, namespace="models", runtime=after))

    assert said is not None
    assert "resourceAllocation.gpuMemory and 2 more; needs" in said


@pytest.mark.parametrize("wrong", [{"runtime": {"containerGroups": [{"replicaCount": 0}]}}])
async def test_what_is_not_known_yet_is_not_counted(outside: Outside, wrong: Properties) -> None:
    said = await line(outside, served(), chat(NEW, namespace="models", **wrong))

    assert said is not None
    assert said.endswith("what it needs is not known yet")


async def test_a_server_that_stops_answering_while_gpus_are_counted_is_told(outside: Outside) -> None:
    hardware = runtime(replicas=2, gpu=2)
    down = Unavailable("list", kind="Node", namespace=None, name="", said="no answer from https://cluster")
    outside.cluster.faults.append(Fault("list", NODE, down))

    said = await line(outside, served(runtime=hardware), chat(NEW, namespace="models", runtime=hardware))

    assert said is not None
    assert said.endswith("free GPUs unknown")
    (warning,) = outside.heard.warnings
    assert warning == (
        "free GPUs are not known, nor whether the update will wait for room, since the cluster could not be asked: "
        "could not list Node : no answer from https://cluster"
    )


async def unreachable() -> Cluster:
    raise Unavailable(
        "reach",
        kind="cluster",
        namespace=None,
        name="prod",
        said="no answer from https://cluster of context prod: refused",
        advice="Check that the cluster runs and that its address can be reached.",
    )


async def test_a_workload_that_is_started_without_a_cluster_is_planned_all_the_same(outside: Outside) -> None:
    olds, news = served(running=False), chat(OLD, namespace="models", running=True)

    said = await plan_line(outside.world(connect=unreachable), olds, news, workload.diff(olds, news))

    assert said == "Workload models/chat starts: its pods come back, and load their model"


async def test_a_preview_whose_way_to_the_cluster_is_not_known_yet_does_not_warn(outside: Outside) -> None:
    async def undecided() -> Cluster:
        raise InferenceError("which cluster is meant is not known yet")

    olds, news = served(), chat(NEW, namespace="models")

    assert await plan_line(outside.world(connect=undecided), olds, news, workload.diff(olds, news)) is not None
    assert outside.heard.warnings == []


async def test_without_a_cluster_the_plan_says_what_is_needed_and_that_nobody_answered(outside: Outside) -> None:
    hardware = runtime(replicas=2, gpu=2)
    olds, news = served(runtime=hardware), chat(NEW, namespace="models", runtime=hardware)

    said = await plan_line(outside.world(connect=unreachable), olds, news, workload.diff(olds, news))

    assert said is not None
    assert said.endswith("free GPUs unknown")
    (warning,) = outside.heard.warnings
    assert warning == (
        "what serves now, free GPUs and minutes are not known, and the plan rests on the last run, since the cluster "
        "could not be asked: could not reach cluster prod: no answer from https://cluster of context prod: refused. "
        "Check that the cluster runs and that its address can be reached."
    )
