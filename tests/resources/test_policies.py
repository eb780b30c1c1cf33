"""Policies made, changed, imported and removed."""

import pytest

from inference_provider.errors import InUse, NameTaken
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import imported, policy
from inference_provider.resources.registry import POLICY
from inference_provider.resources.world import Properties
from tests.resources.outside import URN, Outside
from tests.resources.ruled import EU, flavors, gpu_chat, inside, made, node

HERS = "urn:pulumi:dev::shop::inference:index:Policy::hers"


async def test_a_policy_that_nobody_is_under_comes_changes_and_goes(outside: Outside) -> None:
    out = await made(outside, EU)
    assert (out["workloads"], out["namespace"]) == ([], "models")

    wider = {**EU, "namespace": "models", "displayName": "Union only"}
    assert POLICY.diff(out, wider).changed == ("displayName",)
    changed = await policy.update(outside.world(), "models/eu-only", wider, out)
    assert changed["incarnation"] == out["incarnation"]
    assert await policy.read(outside.world(), "models/eu-only", changed) == changed

    await policy.delete(outside.world(), "models/eu-only", changed)
    assert await policy.read(outside.world(), "models/eu-only", changed) is None


async def test_a_policy_says_whom_it_touches_before_it_comes_or_changes(outside: Outside) -> None:
    await outside.workload(await gpu_chat(outside, tags={"tier": "gold"}))

    said = await policy.announce(outside.world(), {**EU, "labels": {"tier": "gold"}}, ())
    assert said == "Policy models/eu-only touches models/chat"
    out = await made(outside, {**EU, "labels": {"tier": "gold"}})
    assert out["workloads"] == ["models/chat"]

    news = {**out, "labels": {"tier": "silver"}}
    told = await policy.foretell(outside.world(), out, news, POLICY.diff(out, news))
    assert told == "Policy models/eu-only touches models/chat"


async def test_a_policy_says_before_it_comes_or_changes_what_will_run_against_it(outside: Outside) -> None:
    node(outside, "us-east-1")
    await outside.workload(await gpu_chat(outside))
    outside.heard.warnings.clear()

    await policy.announce(outside.world(), EU, ())
    [said] = outside.heard.warnings
    assert said.startswith("r1 of Workload models/chat is against Policy models/eu-only: pods run where it allows none")

    out = await made(outside, inside("US"))
    outside.heard.warnings.clear()
    news = {**out, "locations": EU["locations"], "sandbox": True}
    told = await policy.foretell(outside.world(), out, news, POLICY.diff(out, news))
    assert told == "Policy models/eu-only touches models/chat"
    [said] = outside.heard.warnings
    assert said.startswith("r1 of Workload models/chat is against Policy models/eu-only (sandbox): pods run where")
    assert said.endswith("It is left alone; so is its next version")


async def test_a_policy_that_is_in_use_is_not_deleted_unless_that_is_forced(outside: Outside) -> None:
    out = await made(outside, EU)
    await outside.workload(await gpu_chat(outside))

    with pytest.raises(InUse, match="models/chat is under it"):
        await policy.delete(outside.world(), "models/eu-only", out)
    await policy.delete(outside.world(), "models/eu-only", {**out, "forceDelete": True})

    assert await policy.read(outside.world(), "models/eu-only", out) is None
    assert outside.heard.warnings == ["Policy models/eu-only is deleted, and models/chat was under it"]


async def test_a_policy_of_somebody_else_is_left_alone(outside: Outside) -> None:
    out = await made(outside, EU)
    with pytest.raises(NameTaken, match="belongs to Policy eu-only"):
        await policy.create(outside.world(urn=HERS), EU)
    await policy.delete(outside.world(), "models/eu-only", {**out, "incarnation": "another"})
    assert await policy.read(outside.world(), "models/eu-only", out) is not None


async def test_a_policy_is_imported_as_a_program_would_say_it(outside: Outside) -> None:
    await made(outside, {**EU, "resourceTypes": ["model"], "sandbox": True})
    found = await imported.policy_inputs(outside.world(), "models/eu-only")
    assert found == {**EU, "namespace": "models", "resourceTypes": ["model"], "sandbox": True}


async def test_somebody_s_change_of_a_rule_is_seen_and_put_right(outside: Outside) -> None:
    out = await made(outside, EU)
    held = outside.cluster.named(CONFIG_MAP, "policy-eu-only")
    held["data"]["policy"] = held["data"]["policy"].replace('"eu"', '"asia"')
    outside.cluster.put(CONFIG_MAP, held)

    assert await policy.found(outside.world(), "models/eu-only", out) == ("somebody changed its ConfigMap",)
    seen = await policy.read(outside.world(), "models/eu-only", out)
    assert seen is not None
    assert seen["locations"] == [{"type": "continent", "name": "asia"}]
    mended = await policy.update(outside.world(), "models/eu-only", {**EU, "namespace": "models"}, seen)
    assert await policy.found(outside.world(), "models/eu-only", mended) == ()


async def test_labels_that_somebody_struck_off_a_policy_come_back(outside: Outside) -> None:
    out = await made(outside, EU)
    held = outside.cluster.named(CONFIG_MAP, "policy-eu-only")
    struck = held | {"metadata": {key: value for key, value in held["metadata"].items() if key != "labels"}}
    outside.cluster.put(CONFIG_MAP, struck)

    assert await policy.read(outside.world(), "models/eu-only", out) == out
    [said] = await policy.found(outside.world(), "models/eu-only", out)
    assert said == "somebody took the labels off its ConfigMap, by which it is found for Workloads"
    mended = await policy.update(outside.world(), "models/eu-only", {**EU, "namespace": "models"}, out)
    assert await policy.found(outside.world(), "models/eu-only", mended) == ()
    assert outside.cluster.named(CONFIG_MAP, "policy-eu-only")["metadata"]["labels"] == held["metadata"]["labels"]

    outside.cluster.put(CONFIG_MAP, struck)
    await policy.delete(outside.world(), "models/eu-only", mended)
    assert not outside.cluster.all_of(CONFIG_MAP)


async def test_a_policy_that_is_renamed_hands_over_its_workloads(outside: Outside) -> None:
    out = await made(outside, EU)
    await outside.workload(await gpu_chat(outside))
    renamed = await made(outside, {**EU, "name": "gdpr"})
    assert renamed["workloads"] == ["models/chat"]

    await policy.delete(outside.world(), "models/eu-only", out)

    assert await policy.read(outside.world(), "models/eu-only", out) is None
    assert outside.heard.warnings == []


@pytest.mark.parametrize(
    ("more", "urn", "names"),
    [
        ({}, HERS, []),
        ({"labels": {"tier": "gold"}}, URN, []),
        ({}, URN, [{"refType": "localPolicy", "name": "eu-only"}]),
    ],
    ids=["another resource", "one that does not choose it", "but the Workload names the old one"],
)
async def test_a_policy_that_nothing_takes_the_place_of_stays_in_use(
    outside: Outside, more: Properties, urn: str, names: list[Properties]
) -> None:
    out = await made(outside, EU)
    await outside.workload(await gpu_chat(outside, policies=names))
    await policy.create(outside.world(urn=urn), {**EU, "name": "gdpr", **more})

    with pytest.raises(InUse, match="models/chat is under it"):
        await policy.delete(outside.world(), "models/eu-only", out)


async def test_flavors_that_nobody_knows_are_refused_where_they_are_written(outside: Outside) -> None:
    found = await policy.check(outside.world(), {}, flavors("t4", "warp-core"))
    assert [each.path for each in found.faults] == ["flavors[1].name"]


async def test_a_place_that_no_node_can_be_labelled_with_is_refused_where_it_is_written(outside: Outside) -> None:
    places = [{"type": "location", "name": each} for each in ("eu-west-1", "EU West!", "-x", "a" * 64)]
    found = await policy.check(outside.world(), {}, {**EU, "locations": places})
    assert [each.path for each in found.faults] == [f"locations[{index}].name" for index in (1, 2, 3)]
    assert "cannot be a node's region" in found.faults[0].reason
    gpu = await policy.check(outside.world(), {}, flavors("NVIDIA-H100 80GB"))
    assert [each.path for each in gpu.faults] == ["flavors[0].name"]


async def test_a_policy_that_is_too_long_for_an_api_server_is_refused(outside: Outside) -> None:
    places = [{"type": "location", "name": f"shop-{number}"} for number in range(501)]
    found = await policy.check(outside.world(), {}, {**EU, "locations": places})
    assert [(each.path, "500 at most" in each.reason) for each in found.faults] == [("locations", True)]
    assert not (await policy.check(outside.world(), {}, {**EU, "locations": places[1:]})).faults
