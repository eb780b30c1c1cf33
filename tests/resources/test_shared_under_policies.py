"""A Workload that is under policies, shared with others, and short of a quota, all at once."""

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import CONFIG_MAP, NODE, ROLE_BINDING
from inference_provider.resources import imported, workload
from inference_provider.resources.plan import plan_of
from inference_provider.resources.plan_unseen import unruled
from inference_provider.resources.plan_words import remarks, warnings
from inference_provider.resources.policies_in_force import Whom, in_force
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, H100, REGION, affinity, gpu_chat, made, verdicts
from tests.resources.test_plans_and_quotas import limited
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import FakeScheduler, gpu_node

NAMED: list[Properties] = [{"refType": "localPolicy", "name": "eu-only"}]
SHARED: list[Properties] = [{"role": "EDITOR", "shareRecipientType": "group", "name": "ml"}]


async def serving(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """A Workload that serves on a node in Frankfurt: its inputs and its outputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    outside.cluster.put(NODE, gpu_node("frankfurt", H100, 8, **{REGION: "eu-central-1"}))
    await made(outside, EU)
    inputs = await gpu_chat(outside, policies=NAMED, sharedRoles=SHARED, **more)
    return inputs, await outside.workload(inputs)


async def test_it_is_placed_as_its_policy_wants_and_its_roles_are_given(outside: Outside) -> None:
    _, out = await serving(outside)

    assert affinity(outside, "chat-r1")
    assert [each["subjects"][0]["name"] for each in outside.cluster.all_of(ROLE_BINDING)] == ["ml"]
    assert [(each["policy"], each["verdict"]) for each in verdicts(out)] == [("models/eu-only", "allowed")]


async def test_an_import_finds_its_policies_and_whom_it_is_shared_with(outside: Outside) -> None:
    await serving(outside)

    found = await imported.workload_inputs(outside.world(), "models/chat")

    assert found is not None
    assert (found["policies"], found["sharedRoles"]) == (NAMED, SHARED)


async def test_a_refresh_tells_a_grant_that_went_and_what_policies_say(outside: Outside) -> None:
    inputs, out = await serving(outside)
    for each in outside.cluster.all_of(ROLE_BINDING):
        await outside.cluster.delete(ROLE_BINDING, "models", each["metadata"]["name"], uid=each["metadata"]["uid"])

    found = await workload.read(outside.world(), "models/chat", {**inputs, **out})

    assert found is not None
    assert found["sharedRoles"] == []
    assert [each["verdict"] for each in verdicts(found)] == ["allowed"]
    assert workload.diff(found, {**inputs, "namespace": "models"}).changed == ("sharedRoles[0]",)


async def test_a_change_of_both_names_both_and_rolls_nothing(outside: Outside) -> None:
    inputs, out = await serving(outside)
    news = {**inputs, "policies": [], "sharedRoles": [{**SHARED[0], "role": "OWNER"}], "namespace": "models"}

    plan = await plan_of(outside.world(), out, news, workload.diff(out, news))

    assert not plan.rolls
    assert [path.partition("[")[0] for path in plan.next_roll] == ["policies"]
    assert [path.partition("[")[0] for path in plan.in_place] == ["sharedRoles"]


async def test_a_quota_refuses_what_the_policy_allows_in_the_preview_and_by_the_update(outside: Outside) -> None:
    inputs, out = await serving(outside, replacement={"surge": "require"})
    await limited(outside, "2", used="1")
    news = {**inputs, "runtime": runtime(gpu=2.0), "namespace": "models"}

    plan = await plan_of(outside.world(), out, news, workload.diff(out, news))

    short = "needs 2 GPUs, and the namespace's quota gpu-budget leaves 1 of 2"
    assert "Policy models/eu-only allows the new version on frankfurt" in remarks(plan)
    assert any(short in each for each in warnings(plan)), warnings(plan)
    with pytest.raises(InferenceError, match=short):
        await outside.workload(news, out)


async def test_who_may_not_read_a_policy_of_another_namespace_is_told_that_it_is_named(outside: Outside) -> None:
    whom = Whom("models", "chat", {}, ("rules/eu-only",), None)
    refused = Forbidden("read", kind="ConfigMap", namespace="rules", name="policy-eu-only", said="it is not yours")
    outside.cluster.faults.append(Fault("find", CONFIG_MAP, refused))
    with pytest.raises(Forbidden) as caught:
        await in_force(outside.world(), whom)
    assert str(caught.value) == (
        "could not read ConfigMap rules/policy-eu-only: it is not yours. Workload models/chat names Policy "
        "rules/eu-only (`policies`), so whoever plans or changes it has to read that one, too; to be shared with in "
        "namespace models does not give that"
    )
    assert unruled(caught.value) == (f"it will be refused: {caught.value}",)
