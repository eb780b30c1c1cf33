"""A plan of what load scales: it counts the pods that there are, not those that the program begins with."""

from inference_provider.manifests.kinds import DEPLOYMENT
from inference_provider.resources import workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import line
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan, PlanVerdict
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_scheduler import MODEL, FakeScheduler


def program(version: object, *, most: float) -> Properties:
    """A Workload whose pods want two GPUs each, as many as load asks for."""
    policy = {"scalingMetric": "gpuRequestQueueDepth", "target": 4.0, "minCount": 1.0, "maxCount": most}
    given = {"name": "vllm", "resourceAllocation": {"gpu": 2.0, "gpuModel": MODEL}}
    group = {"autoscaling": {"policies": [policy]}, "containers": [given]}
    return chat(version, namespace="models", runtime={"containerGroups": [group]})


async def planned(outside: Outside, olds: Properties, news: Properties) -> Plan:
    return await plan_of(outside.world(), olds, news, workload.diff(olds, news))


async def under_load(outside: Outside) -> tuple[Properties, Properties, Properties]:
    """Five pods serve: the outputs, and the versions that serve and that are to come."""
    FakeScheduler(outside.cluster, outside.controllers, 16, 16)
    made = await outside.artifact(llama("vllm/vllm:v1"))
    out = await outside.workload(program(made["versionId"], most=8))
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 5)
    return out, made, await outside.artifact(llama("vllm/vllm:v2"), made)


async def test_a_new_version_needs_gpus_for_the_pods_that_load_has_made(outside: Outside) -> None:
    out, _, newer = await under_load(outside)

    plan = await planned(outside, out, program(newer["versionId"], most=8))

    assert plan.verdict is PlanVerdict.ROLLS
    assert [(each.pods, each.gpus) for each in plan.groups or ()] == [(5, 10)]


async def test_not_for_more_than_the_new_bounds_allow(outside: Outside) -> None:
    out, _, newer = await under_load(outside)

    plan = await planned(outside, out, program(newer["versionId"], most=3))

    assert [(each.pods, each.gpus) for each in plan.groups or ()] == [(3, 6)]


async def test_other_bounds_are_said_to_change_in_place(outside: Outside) -> None:
    out, made, _ = await under_load(outside)

    plan = await planned(outside, out, program(made["versionId"], most=9))

    assert plan.verdict is PlanVerdict.IN_PLACE
    assert (plan.gpus.candidate, plan.gpus.active) == (0, 10) if plan.gpus else False
    assert "autoscaling.policies[0].maxCount changes, in place; no pod restarts" in (line(plan) or "")
