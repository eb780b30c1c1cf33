"""Policies through the plugin: what the engine is told at each call."""

import pytest

from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import POLICY
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused
from tests.resources.outside import chat, llama, runtime
from tests.resources.ruled import EU, flavors

CHAT: Properties = {**EU, "name": "chat"}


async def test_a_policy_is_made_previewed_changed_and_refreshed(door: Door) -> None:
    foreseen = await door.create(CHAT, kind=POLICY, preview=True)
    assert (foreseen["namespace"], foreseen["workloads"]) == ("models", UNKNOWN)

    outputs = await door.create(CHAT, kind=POLICY)
    assert outputs["workloads"] == []
    assert not list((await door.diff(outputs, CHAT, kind=POLICY)).diffs)

    wider: Properties = {**CHAT, "locations": [{"type": "continent", "name": "europe"}]}
    assert list((await door.diff(outputs, wider, kind=POLICY)).diffs) == ["locations"]
    foreseen = await door.update(outputs, wider, kind=POLICY, preview=True)
    changed = await door.update(outputs, wider, kind=POLICY)
    assert {key: changed[key] for key, value in foreseen.items() if value != UNKNOWN} == {
        key: value for key, value in foreseen.items() if value != UNKNOWN
    }
    seen, inputs = await door.refresh(changed, wider, kind=POLICY)
    assert (seen, inputs) == (changed, wider)


async def test_another_name_makes_another_policy(door: Door) -> None:
    outputs = await door.create(CHAT, kind=POLICY)
    assert list((await door.diff(outputs, {**CHAT, "name": "other"}, kind=POLICY)).replaces) == ["name"]


async def test_a_workload_that_no_node_could_take_is_a_failure_of_check_at_its_property(door: Door) -> None:
    await door.create({**flavors("t4"), "name": "chat"}, kind=POLICY)
    version = (await door.outside.artifact(llama()))["versionId"]
    given = chat(version, runtime=runtime(gpu=1.0, gpuModel="NVIDIA-L4"))

    chosen = await door.check(given)
    named = await door.check({**given, "policies": [{"refType": "localPolicy", "name": "chat"}]})

    assert [each.property for each in chosen.failures] == ["policies"]
    assert [each.property for each in named.failures] == ["policies[0]"]
    assert "allows no such GPU" in chosen.failures[0].reason


async def test_what_a_preview_does_not_know_is_not_judged(door: Door) -> None:
    await door.create({**flavors("t4"), "name": "chat"}, kind=POLICY)
    version = (await door.outside.artifact(llama()))["versionId"]

    answer = await door.check(chat(version, runtime=UNKNOWN))

    assert not answer.failures
    assert received(answer.inputs).values["runtime"] == UNKNOWN


async def test_a_creation_that_a_policy_refuses_leaves_nothing_behind_and_is_a_plain_error(door: Door) -> None:
    version = (await door.outside.artifact(llama()))["versionId"]
    named = [{"refType": "remotePolicy", "id": "rules/eu-only"}]

    with pytest.raises(Refused, match="Policy rules/eu-only is named, and not in this cluster") as refused:
        await door.create(chat(version, policies=named))

    assert refused.value.kept() is None


async def test_more_pods_of_a_version_that_a_policy_came_after_are_a_failure_at_their_count(door: Door) -> None:
    version = (await door.outside.artifact(llama()))["versionId"]
    given = chat(version, runtime=runtime(gpu=1.0))
    outputs = await door.create(given)
    await door.create(CHAT, kind=POLICY)

    answer = await door.check(chat(version, runtime=runtime(gpu=1.0, replicas=3.0)), olds=sent(outputs))

    assert [each.property for each in answer.failures] == ["runtime.containerGroups[0].replicaCount"]
    assert "r1 was made before that. Let it roll in the same update" in answer.failures[0].reason
