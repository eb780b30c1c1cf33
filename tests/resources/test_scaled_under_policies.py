"""More pods of a version that is older than a policy: refused where the program asks for them, told of elsewhere."""

import pytest

from inference_provider.errors import InputError
from inference_provider.manifests.kinds import DEPLOYMENT
from inference_provider.resources import workload, workload_commands
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_question import Question, plan_for
from inference_provider.resources.plan_words import warnings
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, H100, affinity, flavors, gpu_chat, inside, made, node, refused
from tests.support.fake_scheduler import FakeScheduler

COUNT = "runtime.containerGroups[0].replicaCount"
LOAD = {"policies": [{"scalingMetric": "gpuRequestQueueDepth", "target": 4.0, "minCount": 1.0, "maxCount": 4.0}]}


async def older(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """Two pods of a version that was made before any policy, in Frankfurt; its inputs and its outputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "eu-central-1")
    inputs = await gpu_chat(outside, **{"runtime": runtime(gpu=1.0, replicas=2.0), **more})
    return inputs, await outside.workload(inputs)


def counted(inputs: Properties, pods: float) -> Properties:
    """The same with so many pods."""
    return {**inputs, "runtime": runtime(gpu=1.0, replicas=pods)}


async def test_more_pods_of_a_version_that_nothing_keeps_in_place_are_refused(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, EU)

    said = await refused(outside, counted(inputs, 4.0), out)

    assert said == {
        COUNT: "of 4 pods of r1, new ones could start where Policy models/eu-only does not allow it: r1 was made "
        "before that. Let it roll in the same update, by any change of its Artifact or of what its containers are "
        "given: the new version gets its pods where they are allowed"
    }


async def test_fewer_pods_and_as_many_as_there_are_by_now_are_nobodys_business(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, EU)
    assert await refused(outside, counted(inputs, 1.0), out) == {}

    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 4)

    assert await refused(outside, counted(inputs, 4.0), out) == {}
    assert list(await refused(outside, counted(inputs, 5.0), out)) == [COUNT]


async def test_rolled_in_the_same_update_it_gets_its_pods_where_they_are_allowed(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, EU)
    news = {**inputs, "runtime": runtime(gpu=1.0, cpu=2.0, replicas=4.0)}

    assert await refused(outside, news, out) == {}
    rolled = await outside.workload(news, out)

    assert (rolled["revision"], outside.replicas("chat-r2")) == ("r2", 4)
    assert affinity(outside, "chat-r2")
    assert await refused(outside, {**news, "runtime": runtime(gpu=1.0, cpu=2.0, replicas=5.0)}, rolled) == {}


async def test_more_pods_on_hardware_that_a_policy_forbids_are_refused_with_the_reason(outside: Outside) -> None:
    inputs, out = await older(outside, runtime=runtime(gpu=1.0, gpuModel=H100))
    await made(outside, {"name": "small", "type": "flavor", "flavors": [{"type": "cpu", "name": "cpu"}]})

    said = await refused(outside, {**inputs, "runtime": runtime(gpu=1.0, gpuModel=H100, replicas=2.0)}, out)

    assert said[COUNT].startswith("there would be 2 pods of r1 against policies: Policy small allows cpu only")


async def test_a_sandbox_and_a_policy_over_others_refuse_no_pods(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, {**EU, "sandbox": True})
    await made(outside, {**flavors("t4"), "labels": {"tier": "gold"}})
    await made(outside, {**flavors("t4", name="tools"), "resourceTypes": ["function"]})

    assert await refused(outside, counted(inputs, 4.0), out) == {}


async def test_a_stopped_workload_does_not_start_where_a_policy_came_meanwhile(outside: Outside) -> None:
    inputs, out = await older(outside)
    stopped = await outside.workload({**inputs, "running": False}, out)
    await made(outside, EU)

    assert list(await refused(outside, inputs, {**stopped, "running": False})) == ["running"]
    assert await refused(outside, {**counted(inputs, 4.0), "running": False}, stopped) == {}

    back = await workload_commands.start(outside.world(), "models", "chat")
    assert back["readyReplicas"] == 2, "a person has the last word"


async def test_the_command_line_foretells_the_refusal(outside: Outside) -> None:
    await older(outside, tags={"tier": "gold"})
    await made(outside, {**EU, "labels": {"tier": "gold"}})

    with pytest.raises(InputError, match="of 4 pods of r1, new ones could start where Policy models/eu-only"):
        await plan_for(outside.world(), "models", "chat", Question(replicas={"": 4}))


async def test_where_load_adds_pods_a_refresh_and_a_preview_say_so(outside: Outside) -> None:
    group = {"containers": [{"name": "vllm", "resourceAllocation": {"gpu": 1.0}}], "autoscaling": LOAD}
    inputs, out = await older(outside, runtime={"containerGroups": [group]})
    await made(outside, EU)
    spreads = (
        "pods that are added to r1 of Workload models/chat may start where Policy models/eu-only does not allow it: it "
        "was made before that. Its next version is kept there"
    )

    await workload.read(outside.world(), "models/chat", out)
    assert spreads in outside.heard.warnings

    news = {**inputs, "namespace": "models", "displayName": "Chat"}
    assert spreads in warnings(await plan_of(outside.world(), out, news, workload.diff(out, news)))


async def test_a_version_that_is_kept_in_place_is_told_nothing_of(outside: Outside) -> None:
    await made(outside, inside("DE"))
    group = {"containers": [{"name": "vllm", "resourceAllocation": {"gpu": 1.0}}], "autoscaling": LOAD}
    _, out = await older(outside, runtime={"containerGroups": [group]})

    await workload.read(outside.world(), "models/chat", out)

    assert not [each for each in outside.heard.warnings if "may start where" in each]


async def test_pods_that_an_update_brings_back_after_somebody_scaled_it_are_told_of(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, EU)
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 1)
    news = {**inputs, "namespace": "models"}

    plan = await plan_of(outside.world(), out, news, workload.diff(out, news))

    assert any("pods that are added to r1 of Workload models/chat may start where" in each for each in warnings(plan))
