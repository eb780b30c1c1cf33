"""Versions from before a policy, of which the API server lets no pod be made anew: told of, and never ended in vain."""

from pathlib import Path

import pytest

from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import POD
from inference_provider.resources import policy, workload, workload_commands
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import warnings
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Plan, PlanVerdict, SurgeOutcome
from tests.resources.outside import Outside, llama, runtime
from tests.resources.ruled import EU, affinity, gpu_chat, inside, made, node
from tests.support.fake_scheduler import FakeScheduler

OLDER = (
    "r1 of Workload models/chat was made before what Policy models/eu-only says now: a pod that it loses may not come "
    "back, since the API server refuses pods that nothing keeps where they are allowed. A new version is kept there, "
    "and any change of its Artifact or of what its containers are given makes one, an environment variable in its "
    "Artifact for one"
)


GUIDE = (Path(__file__).parents[2] / "docs/guides/policies.md").read_text()


async def older(
    outside: Outside, region: str = "eu-central-1", *, gpus: float = 1.0, **more: object
) -> tuple[Properties, Properties]:
    """A Workload on a node with eight GPUs, made before any policy: its inputs and its outputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, region)
    inputs = await gpu_chat(outside, **{"runtime": runtime(gpu=gpus), **more})
    return inputs, await outside.workload(inputs)


async def planned(outside: Outside, olds: Properties, news: Properties) -> Plan:
    """The plan of an update."""
    full = {**news, "namespace": "models"}
    return await plan_of(outside.world(), olds, full, workload.diff(olds, full))


async def test_making_a_policy_names_what_is_older_than_it_though_that_is_allowed(outside: Outside) -> None:
    await older(outside)

    await policy.announce(outside.world(), EU, ())
    assert outside.heard.warnings == [OLDER], "in the preview"
    assert OLDER in " ".join(GUIDE.split())
    outside.heard.warnings.clear()
    out = await made(outside, EU)
    assert outside.heard.warnings == [OLDER]

    outside.heard.warnings.clear()
    await policy.update(outside.world(), "models/eu-only", inside("DE", namespace="models"), out)
    assert outside.heard.warnings == [OLDER], "and when it changes"


async def test_the_workload_itself_says_so_in_a_refresh_and_in_a_preview_until_it_has_rolled(outside: Outside) -> None:
    inputs, out = await older(outside)
    await made(outside, EU)
    outside.heard.warnings.clear()

    await workload.read(outside.world(), "models/chat", out)
    assert outside.heard.warnings == [OLDER]
    assert OLDER in warnings(await planned(outside, out, {**inputs, "description": "for the shop"}))

    rolling = {**inputs, "artifactId": await with_variable(outside)}
    assert OLDER not in warnings(await planned(outside, out, rolling))
    outside.heard.warnings.clear()
    rolled = await outside.workload(rolling, out)
    assert (rolled["revision"], outside.heard.warnings) == ("r2", [])
    assert affinity(outside, "chat-r2")


async def with_variable(outside: Outside) -> object:
    """The same Artifact with an environment variable more: its version."""
    env = [{"name": "ROLLED", "value": "1"}]
    container = {"name": "vllm", "image": "vllm/vllm:v1", "primary": True, "port": 8000.0, "env": env}
    return (await outside.artifact(llama(spec={"containerGroups": [{"containers": [container]}]})))["versionId"]


async def test_a_preview_tells_of_pods_that_were_lost_and_are_refused_because_of_a_policy(outside: Outside) -> None:
    _, out = await older(outside, runtime=runtime(gpu=1.0, replicas=2.0))
    held = "pulumi-inference.models.eu-only"
    denied = f"ValidatingAdmissionPolicy '{held}' with binding '{held}' denied request: pods may run in eu only."
    outside.controllers.refusal = lambda _: denied
    assert await workload.found(outside.world(), "models/chat", out) == ()
    assert outside.heard.warnings == [], "all of its pods are there"

    outside.cluster.remove(POD, "models", outside.pods()[0])
    await workload.found(outside.world(), "models/chat", out)

    [said] = outside.heard.warnings
    assert said.startswith(
        "r1 of Workload models/chat: 1 of 2 pods ready; Policy models/eu-only refuses its pods: pods may run in eu "
        "only. A new version is kept there, and any change of its Artifact"
    )


async def test_of_many_older_ones_five_are_named_and_the_others_counted(outside: Outside) -> None:
    inputs, _ = await older(outside)
    for number in range(2, 8):
        await outside.workload({**inputs, "name": f"chat{number}"})

    await made(outside, EU)

    [said] = outside.heard.warnings
    assert said.startswith("r1 of Workload models/chat, r1 of Workload models/chat2, ")
    assert ", r1 of Workload models/chat5 and 2 more were made before what Policy models/eu-only says now" in said


async def test_a_policy_that_comes_while_a_first_version_does_says_that_this_is_not_under_it(outside: Outside) -> None:
    node(outside, "us-east-1")
    FakeScheduler(outside.cluster, outside.controllers)
    inputs = await gpu_chat(outside)
    checked = await workload.check(outside.world(), {}, inputs)
    await outside.killed_while_loading(workload.create(outside.world(), checked.inputs))

    await made(outside, EU)

    assert outside.heard.warnings == [OLDER]


async def test_nothing_is_said_of_a_sandbox_or_of_what_asks_for_the_same_by_itself(outside: Outside) -> None:
    await older(outside)
    await made(outside, {**EU, "sandbox": True})
    await made(outside, inside("DE", name="home"))
    [said] = outside.heard.warnings
    assert "models/home" in said
    assert "eu-only" not in said


async def test_what_runs_where_it_may_not_gets_one_warning_that_says_both(outside: Outside) -> None:
    await older(outside, "us-east-1")
    await made(outside, EU)
    [said] = outside.heard.warnings
    assert said.startswith("r1 of Workload models/chat is against Policy models/eu-only: pods run where it allows none")
    assert said.endswith("only started where that is allowed, and a pod that this one loses may not come back")


async def test_what_could_not_come_back_makes_no_room(outside: Outside) -> None:
    inputs, out = await older(outside, gpus=8.0, replacement={"surge": "recreate"})
    await made(outside, EU)
    news = {**inputs, "artifactId": await with_variable(outside)}

    plan = await planned(outside, out, news)
    assert plan.surge is not None
    assert plan.surge.outcome is SurgeOutcome.REFUSED
    with pytest.raises(InferenceError, match="r1 was made before what Policy models/eu-only says now") as failed:
        await outside.workload(news, out)

    assert "Nothing was changed; r1 serves" in str(failed.value)
    assert outside.replicas("chat-r1") == 1


async def test_it_is_ended_for_good_by_who_stops_it_first_as_the_refusal_says(outside: Outside) -> None:
    inputs, out = await older(outside, gpus=8.0, replacement={"surge": "recreate"})
    await made(outside, EU)
    news = {**inputs, "artifactId": await with_variable(outside)}

    out = await outside.workload({**inputs, "running": False}, out)
    out = await outside.workload({**news, "running": True}, out)

    assert (out["revision"], outside.replicas("chat-r2")) == ("r2", 1)
    assert affinity(outside, "chat-r2")


async def test_what_a_policy_keeps_in_place_makes_room_as_ever(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "eu-central-1")
    await made(outside, EU)
    inputs = await gpu_chat(outside, runtime=runtime(gpu=8.0), replacement={"surge": "recreate"})
    out = await outside.workload(inputs)

    out = await outside.workload({**inputs, "artifactId": await with_variable(outside)}, out)

    assert out["revision"] == "r2"


async def staged(outside: Outside) -> tuple[Properties, Properties]:
    """r2 waits in Virginia for promotion, and then a policy comes."""
    inputs, out = await older(outside, "us-east-1", replacement={"promotion": "manual"})
    news = {**inputs, "artifactId": await with_variable(outside)}
    out = await outside.workload(news, out)
    node(outside, "eu-central-1", name="gpu-2")
    await made(outside, EU)
    outside.heard.warnings.clear()
    return {**news, "replacement": {"promotion": "manual", "promote": "r2"}}, out


async def test_a_version_that_waits_and_became_forbidden_is_said_to_be_passed_over_and_why(outside: Outside) -> None:
    news, out = await staged(outside)
    why = "it was made before what Policy models/eu-only says now"

    plan = await planned(outside, out, news)
    assert plan.verdict is PlanVerdict.ROLLS
    said = f"r2 of Workload models/chat waits for promotion and will not be the one: {why}. A new one is made"
    assert said in warnings(plan)

    out = await outside.workload(news, out)
    assert f"removing r2: {why}" in outside.heard.statuses
    assert out["revision"] == "r1"
    assert affinity(outside, "chat-r3")


async def test_a_person_promotes_what_became_forbidden_and_is_told(outside: Outside) -> None:
    await staged(outside)

    out = await workload_commands.promote(outside.world(), "models", "chat")

    assert out["revision"] == "r2"
    [said] = outside.heard.warnings
    assert said.startswith("r2 of Workload models/chat is against Policy models/eu-only")
