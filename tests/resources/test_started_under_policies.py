"""Pods that a program starts of a version that is older than a policy: made anew where that is allowed, or refused."""

import pytest

from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import DEPLOYMENT, POD
from inference_provider.resources import replacement, workload, workload_commands
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_words import warnings
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, affinity, gpu_chat, inside, made, node, refused, verdicts
from tests.support.fake_scheduler import FakeScheduler

GROUP = {"containers": [{"name": "vllm", "image": "vllm/vllm:v2", "primary": True, "port": 8000.0}]}
WHY = "could start where Policy models/eu-only does not allow it: r1 was made before that"


async def _stopped(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """A stopped Workload with a version from Virginia, where an empty node is in Ireland; its inputs and outputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "us-east-1")
    node(outside, "northeurope", name="gpu-2", model="Tesla-T4")
    given = {"runtime": runtime(gpu=1.0, replicas=2.0), **more}
    inputs = {**await gpu_chat(outside, **given), "namespace": "models"}
    out = await outside.workload(inputs)
    return inputs, await workload.update(outside.world(), "models/chat", {**inputs, "running": False}, out)


def _on(outside: Outside) -> set[str]:
    return {str(each["spec"].get("nodeName")) for each in outside.cluster.all_of(POD)}


def _versions(outside: Outside) -> list[str]:
    return sorted(str(each["metadata"]["name"]) for each in outside.cluster.all_of(DEPLOYMENT))


async def test_what_was_stopped_before_a_policy_is_made_anew_where_that_is_allowed(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, EU)
    plan = await plan_of(outside.world(), out, inputs, workload.diff(out, inputs))
    assert any("r1 of Workload models/chat is not started again" in each for each in warnings(plan))

    assert await refused(outside, inputs, out) == {}
    done = await workload.update(outside.world(), "models/chat", inputs, out)

    assert (done["revision"], done["readyReplicas"]) == ("r2", 2)
    assert _on(outside) == {"gpu-2"}
    assert affinity(outside, "chat-r2")
    assert [each["verdict"] for each in verdicts(done)] == ["allowed"]
    assert _versions(outside) == ["chat-r2"]


async def test_made_anew_it_is_started_again_as_it_is(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, EU)
    done = await workload.update(outside.world(), "models/chat", inputs, out)

    again = await workload.update(outside.world(), "models/chat", {**inputs, "running": False}, done)
    again = await workload.update(outside.world(), "models/chat", inputs, again)

    assert (again["revision"], again["readyReplicas"]) == ("r2", 2)


async def test_a_start_that_was_killed_is_carried_on_where_that_is_allowed(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, EU)
    await outside.killed_while_loading(workload.update(outside.world(), "models/chat", inputs, out))

    done = await workload.update(outside.world(), "models/chat", inputs, out)

    assert done["readyReplicas"] == 2
    assert _versions(outside) == [f"chat-{done['revision']}"]
    assert affinity(outside, f"chat-{done['revision']}")


async def test_a_start_that_no_policy_allows_is_refused_by_check_and_by_the_update(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, inside("PT"))
    assert "Policy eu-only allows PT" in str(await refused(outside, inputs, out))

    with pytest.raises(InferenceError) as refusal:
        await workload.update(outside.world(), "models/chat", inputs, out)

    assert refusal.value.message.startswith("could not start r1 of Workload models/chat: there would be 2 pods of r1")
    assert refusal.value.message.endswith("Nothing was changed; it stays stopped")
    assert _on(outside) == set()


async def test_another_version_that_no_policy_allows_is_not_put_into_the_place_of_a_stopped_one(
    outside: Outside,
) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, inside("PT"))
    rolled = {**inputs, "runtime": runtime(gpu=2.0)}

    with pytest.raises(InferenceError, match="could not start a version of Workload models/chat"):
        await workload.update(outside.world(), "models/chat", rolled, out)

    assert _versions(outside) == ["chat-r1"]


async def test_what_waits_for_promotion_does_not_start_the_old_version_where_policies_forbid_it(
    outside: Outside,
) -> None:
    inputs, out = await _stopped(outside, replacement={"promotion": "manual"})
    await made(outside, EU)
    rolled = {**inputs, "runtime": runtime(gpu=1.0, cpu=2.0, replicas=2.0)}

    with pytest.raises(
        InferenceError, match=f"could not start r1 of Workload models/chat: of 2 pods of r1, new ones {WHY}"
    ):
        await workload.update(outside.world(), "models/chat", rolled, out)

    assert _on(outside) == set()


async def test_what_a_replacement_drives_is_not_started_where_policies_forbid_it(outside: Outside) -> None:
    inputs, out = await _stopped(outside, replacement={"driver": "external"})
    await made(outside, EU)
    assert list(await refused(outside, inputs, out)) == ["running"]

    with pytest.raises(InferenceError, match="could not start r1 of Workload models/chat"):
        await workload.update(outside.world(), "models/chat", inputs, out)

    newer = await outside.artifact({"name": "llama", "spec": {"containerGroups": [GROUP]}}, {"name": "llama"})
    moved: Properties = {"workloadId": "models/chat", "candidateArtifactId": newer["versionId"]}
    await replacement.create(outside.world(), moved)
    done = await workload.update(outside.world(), "models/chat", inputs, out)
    assert (done["revision"], _on(outside)) == ("r2", {"gpu-2"})


async def test_a_person_may_start_what_was(outside: Outside) -> None:
    await _stopped(outside)
    await made(outside, EU)

    back = await workload_commands.start(outside.world(), "models", "chat")

    assert (back["revision"], back["readyReplicas"]) == ("r1", 2)


async def test_more_pods_are_refused_though_the_policy_came_after_the_check(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    out = await workload.update(outside.world(), "models/chat", inputs, out)
    more = {**inputs, "runtime": runtime(gpu=1.0, replicas=4.0)}
    assert await refused(outside, more, out) == {}
    await made(outside, EU)

    with pytest.raises(InferenceError) as refusal:
        await workload.update(outside.world(), "models/chat", more, out)

    assert refusal.value.message.startswith(
        f"could not scale r1 of Workload models/chat: of 4 pods of r1, new ones {WHY}"
    )
    assert refusal.value.message.endswith("Nothing was changed; r1 serves on")
    assert outside.replicas("chat-r1") == 2


async def test_pods_that_somebody_took_away_come_back(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    out = await workload.update(outside.world(), "models/chat", inputs, out)
    await made(outside, EU)
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 1)

    done = await workload.update(outside.world(), "models/chat", inputs, out)

    assert (done["revision"], outside.replicas("chat-r1")) == ("r1", 2)


async def test_a_workload_under_another_name_is_judged_as_a_new_one(outside: Outside) -> None:
    inputs, out = await _stopped(outside)
    await made(outside, inside("PT"))

    assert await refused(outside, {**inputs, "running": False, "displayName": "Chat"}, out) == {}
    assert "allows PT" in str(await refused(outside, {**inputs, "name": "chat2"}, out))
