"""The plan as a value names the bundle of each group, and why it is not the first one."""

from inference_provider.manifests.kinds import NODE
from inference_provider.resources import workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan, PlanVerdict, SurgeOutcome
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_scheduler import MODEL, FakeScheduler, gpu_node

H100: Properties = {"name": "h100", "gpu": 2.0, "gpuModel": MODEL}
A100: Properties = {"name": "a100", "gpu": 4.0, "gpuModel": "A100"}


async def planned(outside: Outside, *, h100: int, a100: int, surge: str = "fallback") -> Plan:
    """The plan of another image, for two pods that serve on H100s of a node with so many GPUs."""
    FakeScheduler(outside.cluster, outside.controllers, h100)
    outside.cluster.put(NODE, gpu_node("other-1", "A100", a100))
    first = await outside.artifact(llama("vllm/vllm:v1"))
    more: Properties = {
        "namespace": "models",
        "runtime": {"containerGroups": [{"replicaCount": 2.0, "resourceBundles": [H100, A100]}]},
        "replacement": {"surge": surge},
    }
    olds = await outside.workload(chat(first["versionId"], **more))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    news = chat(second["versionId"], **more)
    return await plan_of(outside.world(), olds, news, workload.diff(olds, news))


async def test_a_plan_names_the_bundle_that_is_fallen_back_to(outside: Outside) -> None:
    plan = await planned(outside, h100=4, a100=8)

    assert plan.verdict is PlanVerdict.ROLLS
    assert plan.groups is not None
    (group,) = plan.groups
    assert (group.bundle, group.model, group.gpus, group.nodes) == ("a100", "A100", 8, ("other-1",))
    assert plan.bundle_said is not None
    assert plan.bundle_said.startswith("the new version of Workload models/chat takes bundle a100: h100 needs 4")
    assert plan.gpus is not None
    assert (plan.gpus.active, plan.gpus.candidate, plan.gpus.peak) == (4, 8, 12)


async def test_a_plan_without_room_counts_the_first_bundle(outside: Outside) -> None:
    plan = await planned(outside, h100=4, a100=4)

    assert plan.groups is not None
    assert [(each.bundle, each.missing) for each in plan.groups] == [("h100", 4)]
    assert plan.surge is not None
    assert plan.surge.outcome is SurgeOutcome.WAITS
    assert "as none has room" in (plan.bundle_said or "")


async def test_a_plan_without_fallback_has_nothing_to_say_of_other_bundles(outside: Outside) -> None:
    plan = await planned(outside, h100=4, a100=8, surge="wait")

    assert plan.groups is not None
    assert [each.bundle for each in plan.groups] == ["h100"]
    assert plan.bundle_said is None
