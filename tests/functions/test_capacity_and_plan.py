"""Would it fit?"""

import pytest

from inference_provider.errors import Forbidden, InputError, NotFound
from inference_provider.manifests.kinds import NODE, RESOURCE_QUOTA
from inference_provider.resources.world import Properties
from tests.functions.asker import Asker, objects
from tests.resources.outside import chat, llama, runtime
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import MODEL, FakeScheduler, gpu_node

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)


async def test_free_gpus_are_counted_node_by_node(asker: Asker) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8, 4)
    tainted = gpu_node("gpu-3", "A100", 8)
    tainted["spec"] = {"taints": [{"key": "team", "value": "vision", "effect": "NoSchedule"}]}
    asker.cluster.put(NODE, tainted)
    await asker.made(runtime=HARDWARE)

    found = await asker.asks("getCapacity")

    assert (found["gpus"], found["used"], found["free"], found["waiting"]) == (12, 4, 8, 0)
    assert [(each["name"], each["free"], each["tainted"]) for each in objects(found, "nodes")] == [
        ("gpu-1", 4, False),
        ("gpu-2", 4, False),
        ("gpu-3", 8, True),
    ]
    assert (found["fits"], found["said"]) == (None, None), "nobody asked"


@pytest.mark.parametrize(
    ("given", "fits", "missing"),
    [
        ({"pods": 2, "gpusPerPod": 4}, True, 0),
        ({"pods": 3, "gpusPerPod": 4}, False, 4),
        ({"pods": 1, "gpusPerPod": 8}, False, 8),
        ({"pods": 8}, True, 0),
        ({"pods": 1, "gpuModel": "H200"}, False, 1),
        ({"pods": 1, "gpuMemory": "80Gi"}, False, 1),
    ],
)
async def test_pods_fit_only_where_all_their_gpus_are_on_one_node(
    asker: Asker, given: Properties, *, fits: bool, missing: int
) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8, 4)
    await asker.made(runtime=HARDWARE)

    found = await asker.asks("getCapacity", **given)

    assert (found["fits"], found["missing"]) == (fits, missing)
    assert str(found["said"]).startswith("needs ")


async def test_quotas_of_the_namespace_count_beside_nodes(asker: Asker) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8)
    gpus, meta = "requests.nvidia.com/gpu", {"name": "budget", "namespace": "models"}
    quota = {"metadata": meta, "spec": {"hard": {gpus: "6"}}, "status": {"used": {gpus: "3"}}}
    await asker.cluster.create(RESOURCE_QUOTA, quota)

    found = await asker.asks("getCapacity", pods=2, gpusPerPod=2)

    assert (found["fits"], found["missing"], found["free"]) == (False, 0, 8)
    assert str(found["said"]).endswith("; needs 4 GPUs, and the namespace's quota budget leaves 3 of 6")
    assert objects(found, "quotas") == [{"quota": "budget", "resource": gpus, "left": "3", "hard": "6"}]
    assert (await asker.asks("getCapacity", pods=2, gpusPerPod=2, namespace="other"))["fits"] is True


async def test_who_may_not_look_at_nodes_is_told_so(asker: Asker) -> None:
    asker.cluster.faults.append(
        Fault("list", NODE, Forbidden("list", kind="Node", namespace=None, name="*", said="no"))
    )

    with pytest.raises(Forbidden, match=r"could not list Node \*: no"):
        await asker.asks("getCapacity")


async def test_gpus_of_no_pods_are_no_question(asker: Asker) -> None:
    with pytest.raises(InputError, match="gpusPerPod: says how large pods are, but not how many"):
        await asker.asks("getCapacity", gpusPerPod=2)


async def test_another_version_is_planned_with_its_gpus(asker: Asker) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8)
    first = await asker.outside.artifact(llama("vllm/vllm:v1"))
    await asker.outside.workload(chat(first["versionId"], runtime=HARDWARE))
    second = await asker.outside.artifact(llama("vllm/vllm:v2"), first)
    version = str(second["versionId"])

    found = await asker.asks("planReplacement", name="chat", artifactId=version.partition("/")[2])

    assert (found["verdict"], found["refused"], found["fromRevision"], found["toVersion"]) == (
        "rolls",
        False,
        "r1",
        version,
    )
    assert found["causes"] == [{"path": "artifactId", "known": True}]
    gpus = found["gpus"]
    assert isinstance(gpus, dict)
    assert (gpus["active"], gpus["candidate"], gpus["peak"], gpus["missing"]) == (4, 4, 8, 0)
    assert str(found["said"]).startswith("['Workload models/chat rolls from r1")


async def test_a_plan_that_would_be_refused_says_so(asker: Asker) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8)
    await asker.made(runtime=HARDWARE)
    more = runtime(replicas=2, gpu=4, gpuModel=MODEL)

    found = await asker.asks(
        "planReplacement", name="chat", changes={"runtime": more, "replacement": {"surge": "require"}}
    )

    assert (found["verdict"], found["refused"]) == ("rolls", True)
    assert "it will be refused" in str(found["said"])


async def test_the_way_back_and_more_pods_are_planned(asker: Asker) -> None:
    first, _ = await asker.twice(runtime=runtime(replicas=1, cpu=1))

    back = await asker.asks("planReplacement", name="chat", toRevision="r1")
    more = await asker.asks("planReplacement", name="chat", replicas={"default": 3})

    assert (back["verdict"], back["toRevision"], back["toVersion"]) == ("goesBack", "r1", first)
    assert (more["verdict"], more["inPlace"]) == ("inPlace", ["runtime.containerGroups[0].replicaCount"])


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, ""),
        ({"artifactId": "llama@0123456789ab", "toRevision": "r1"}, "toRevision"),
        (
            {"changes": {"runtime": {"containerGroups": [{"replicas": 2}]}}},
            "changes.runtime.containerGroups[0].replicas",
        ),
        ({"replicas": {"default": 1.5}}, "replicas.default"),
        ({"replicas": {"decode": 2}}, "runtime.containerGroups[0].name"),
        ({"artifactId": "llama"}, "artifactId"),
    ],
)
async def test_a_plan_of_what_cannot_be_is_refused_at_its_place(asker: Asker, given: Properties, path: str) -> None:
    await asker.twice()

    with pytest.raises(InputError) as caught:
        await asker.asks("planReplacement", name="chat", **given)

    assert path in [fault.path for fault in caught.value.faults]


async def test_a_version_that_is_not_there_cannot_be_planned_with(asker: Asker) -> None:
    await asker.twice()

    with pytest.raises(NotFound, match=r"could not plan with version models/llama@0123456789ab: it is not there"):
        await asker.asks("planReplacement", name="chat", artifactId="llama@0123456789ab")
