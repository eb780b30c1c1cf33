"""A Workload with everything at once: after every success there is nothing to do, before and after a refresh."""

from inference_provider.domain.runtime import Runtime
from inference_provider.manifests.kinds import NODE
from inference_provider.resources import plan_question, replacement, workload, workload_commands
from inference_provider.resources.changes import shown
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import PlanVerdict
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_scheduler import MODEL, FakeScheduler, gpu_node

CHAT = "models/chat"
POLICY: Properties = {"scalingMetric": "cpuAverageUtilization", "target": 70.0, "minCount": 1.0, "maxCount": 3.0}
BUNDLES: list[Properties] = [
    {"name": "h100", "gpu": 1.0, "gpuModel": MODEL, "cpu": 4.0},
    {"name": "a100", "gpu": 1.0, "gpuModel": "A100", "cpu": 4.0},
]
GROUP: Properties = {"autoscaling": {"policies": [POLICY]}, "resourceBundles": BUNDLES}
WARMUP: Properties = {"path": "/v1/models"}


def program(version: object, driver: str = "artifact", **more: object) -> Properties:
    """Scaled by load, on one of two bundles, warmed up, with a history that stays."""
    settings = {"surge": "fallback", "warmup": WARMUP, "driver": driver, "keepOldVersionMinutes": 5.0}
    given = {"runtime": {"containerGroups": [GROUP]}, "replacement": settings, "retainHistory": True}
    return chat(version, namespace="models", **given, **more)


async def done(outside: Outside, news: Properties, olds: Properties | None = None) -> Properties:
    """The outputs of an update after which nothing is to be done, and which a refresh bears out."""
    out = await outside.workload(news, olds)
    for known in (out, await workload.read(outside.world(), CHAT, out)):
        assert known is not None
        checked = (await workload.check(outside.world(), known, news)).inputs
        left = workload.diff(known, checked).and_found(await workload.found(outside.world(), CHAT, known))
        assert not left.changes, left
    return out


async def two_kinds(outside: Outside) -> Properties:
    """A version, and two nodes of which each takes one of the bundles."""
    FakeScheduler(outside.cluster, outside.controllers, 2)
    outside.cluster.put(NODE, gpu_node("other-1", "A100", 4))
    return await outside.artifact(llama("vllm/vllm:v1"))


async def newer(outside: Outside, known: Properties) -> object:
    """The next version."""
    return (await outside.artifact(llama("vllm/vllm:v2"), known))["versionId"]


async def test_nothing_is_to_be_done_after_any_success(outside: Outside) -> None:
    known = await two_kinds(outside)
    first = known["versionId"]
    out = await done(outside, program(first))
    second = await newer(outside, known)
    outside.controllers.loads["chat-r1"] = 2
    outside.controllers.react()
    out = await done(outside, program(second), out)
    assert out["resolvedBundles"] == {"default": "a100"}
    await workload_commands.undo(outside.world(), "models", "chat")
    out = await done(outside, program(first), out)
    out = await done(outside, program(first, running=False), out)
    await done(outside, program(first), out)


async def test_a_replacement_takes_over_what_the_scaled_groups_of_what_serves_were_given(outside: Outside) -> None:
    known = await two_kinds(outside)
    first = known["versionId"]
    out = await done(outside, program(first, driver="external"))
    second = await newer(outside, known)
    moves: Properties = {"workloadId": CHAT, "candidateArtifactId": second, "surge": "fallback", "warmup": WARMUP}

    _, told = await replacement.create(outside.world(), moves)

    left = replacement.diff(told, moves).and_found(await replacement.found(outside.world(), CHAT, told))
    assert (told["revision"], left.changes) == ("r2", False)
    out = await done(outside, program(first, driver="external", description="x"), out)
    await done(outside, program(second), out)


def test_what_is_recorded_of_a_group_that_load_scales_can_be_read_again() -> None:
    given = Runtime.model_validate({"containerGroups": [GROUP]})
    assert Runtime.model_validate(shown(given)) == given


async def test_whoever_asks_for_a_plan_of_groups_that_load_scales_is_answered(outside: Outside) -> None:
    known = await two_kinds(outside)
    await done(outside, program(known["versionId"]))
    outside.controllers.loads["chat-r1"] = 2
    outside.controllers.react()

    plan = await plan_question.plan_for(outside.world(), "models", "chat", plan_question.Question())

    assert plan.verdict is PlanVerdict.NOTHING
