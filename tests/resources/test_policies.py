"""Policies made, changed and removed, and what becomes of the Workloads that are under them."""

import pytest

from inference_provider.errors import InferenceError, InUse, NameTaken
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, NODE, SERVICE, Body
from inference_provider.resources import imported, policy, workload
from inference_provider.resources.registry import POLICY
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import FakeScheduler, gpu_node

H100 = "NVIDIA-H100-80GB-HBM3"
REGION = "topology.kubernetes.io/region"
HERS = "urn:pulumi:dev::shop::inference:index:Policy::hers"
EU: Properties = {"name": "eu-only", "type": "location", "locations": [{"type": "continent", "name": "eu"}]}


def inside(country: str, **more: object) -> Properties:
    """A policy about one country."""
    return {**EU, "locations": [{"type": "country", "name": country}], **more}


def flavors(*names: str, **more: object) -> Properties:
    """A policy about GPUs."""
    return {"name": "gpus", "type": "flavor", "flavors": [{"type": "gpu", "name": each} for each in names], **more}


def node(outside: Outside, region: str | None, *, name: str = "gpu-1", model: str = H100) -> None:
    """A node with eight GPUs somewhere."""
    outside.cluster.put(NODE, gpu_node(name, model, 8, **({REGION: region} if region else {})))


async def made(outside: Outside, inputs: Properties) -> Properties:
    """A Policy that is there."""
    checked = await policy.check(outside.world(), {}, inputs)
    assert not checked.faults, checked.faults
    return (await policy.create(outside.world(), checked.inputs))[1]


async def refused(outside: Outside, inputs: Properties, olds: Properties | None = None) -> dict[str, str]:
    """What check refuses, by property."""
    checked = await workload.check(outside.world(), olds or {}, inputs)
    return {each.path: each.reason for each in checked.faults}


def affinity(outside: Outside, name: str) -> list[Body]:
    """The alternatives that a Deployment's pods name."""
    spec = outside.cluster.named(DEPLOYMENT, name)["spec"]["template"]["spec"]
    found = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    return list(found.get("nodeSelectorTerms", []))


async def gpu_chat(outside: Outside, **more: object) -> Properties:
    """The inputs of a Workload on one GPU."""
    version = (await outside.artifact(llama()))["versionId"]
    return chat(version, **{"runtime": runtime(gpu=1.0), **more})


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


async def test_a_new_version_is_kept_where_the_policies_allow_it(outside: Outside) -> None:
    await made(outside, EU)
    await made(outside, flavors("h100"))

    await outside.workload(await gpu_chat(outside))

    terms = affinity(outside, "chat-r1")
    assert len(terms) > 1, "nodes say their GPUs in several ways"
    for each in terms:
        said = {one["key"]: one for one in each["matchExpressions"]}
        assert "eu-central-1" in said[REGION]["values"]
        assert "eu-west-2" not in said[REGION]["values"], "London is not in the Union"


async def test_what_runs_does_not_roll_when_a_policy_comes_and_its_own_next_version_obeys(outside: Outside) -> None:
    inputs = await gpu_chat(outside)
    out = await outside.workload(inputs)
    await made(outside, EU)

    same = await outside.workload({**inputs, "displayName": "Chat"}, out)
    assert (same["revision"], affinity(outside, "chat-r1")) == ("r1", [])

    rolled = await outside.workload({**inputs, "runtime": runtime(gpu=2.0)}, same)
    assert rolled["revision"] == "r2"
    assert affinity(outside, "chat-r2")


async def test_the_way_back_does_not_lead_to_where_a_policy_forbids(outside: Outside) -> None:
    keep: Properties = {"keepOldVersionMinutes": 30.0}
    inputs = await gpu_chat(outside, replacement=keep)
    first = await outside.workload(inputs)
    second = await outside.workload({**inputs, "runtime": runtime(gpu=2.0)}, first)
    assert second["revision"] == "r2"
    await made(outside, EU)

    back = await outside.workload(inputs, second)

    assert back["revision"] == "r3", "r1 is kept, but its pods may be anywhere"
    assert affinity(outside, "chat-r3")


async def test_a_policy_says_whom_it_touches_before_it_comes_or_changes(outside: Outside) -> None:
    await outside.workload(await gpu_chat(outside, tags={"tier": "gold"}))

    said = await policy.announce(outside.world(), {**EU, "labels": {"tier": "gold"}}, ())
    assert said == "Policy models/eu-only touches models/chat"
    out = await made(outside, {**EU, "labels": {"tier": "gold"}})
    assert out["workloads"] == ["models/chat"]

    news = {**out, "labels": {"tier": "silver"}}
    told = await policy.foretell(outside.world(), out, news, POLICY.diff(out, news))
    assert told == "Policy models/eu-only touches models/chat"


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


async def test_a_rule_that_nobody_can_read_allows_nothing(outside: Outside) -> None:
    await made(outside, EU)
    held = outside.cluster.named(CONFIG_MAP, "policy-eu-only")
    outside.cluster.put(CONFIG_MAP, held | {"data": {"policy": '{"type": "carbon"}'}})

    inputs = await gpu_chat(outside)
    assert "cannot be read" in (await refused(outside, inputs))["policies"]
    with pytest.raises(InferenceError, match="cannot be read"):
        await workload.create(outside.world(), {**inputs, "namespace": "models"})
    assert not outside.cluster.all_of(SERVICE)


@pytest.mark.parametrize(
    ("rules", "hardware", "why"),
    [
        (
            [{**EU, "locations": [{"type": "country", "name": "PT"}]}],
            runtime(gpu=1.0),
            "no region is known to be there",
        ),
        ([EU, {**EU, "name": "home", "locations": [{"type": "country", "name": "US"}]}], runtime(gpu=1.0), "no place"),
        ([flavors("t4"), flavors("h100", name="big")], runtime(gpu=1.0), "no GPU satisfies all of them"),
        ([flavors("t4")], runtime(gpu=1.0, gpuModel=H100), "allows no such GPU"),
        ([flavors("t4")], runtime(), "these pods take no GPUs"),
        ([{"name": "c", "type": "flavor", "flavors": [{"type": "cpu", "name": "cpu"}]}], runtime(gpu=1.0), "is no GPU"),
    ],
)
async def test_what_no_place_could_satisfy_is_refused_by_check_and_never_started(
    outside: Outside, rules: list[Properties], hardware: Properties, why: str
) -> None:
    for each in rules:
        await made(outside, each)
    inputs = await gpu_chat(outside, runtime=hardware)

    assert why in (await refused(outside, inputs))["policies"]
    with pytest.raises(InferenceError, match=why):
        await workload.create(outside.world(), {**inputs, "namespace": "models"})
    assert not outside.cluster.all_of(DEPLOYMENT)


async def test_a_cluster_without_a_node_in_an_allowed_place_is_told_which_nodes_it_has(outside: Outside) -> None:
    node(outside, "us-east-1")
    node(outside, None, name="gpu-2")
    await made(outside, EU)

    why = (await refused(outside, await gpu_chat(outside)))["policies"]

    assert "node gpu-1 is in region us-east-1, in US" in why
    assert "node gpu-2 has no label topology.kubernetes.io/region" in why


async def test_a_policy_that_is_named_has_to_be_there_by_the_time_a_version_is_made(outside: Outside) -> None:
    inputs = await gpu_chat(outside, policies=[{"refType": "remotePolicy", "id": "rules/eu-only"}])
    assert await refused(outside, inputs) == {}, "this run may still make it"
    with pytest.raises(InferenceError, match="Policy rules/eu-only is named, and not in this cluster"):
        await workload.create(outside.world(), {**inputs, "namespace": "models"})


async def test_a_named_policy_counts_though_it_chooses_others(outside: Outside) -> None:
    await made(outside, {**EU, "labels": {"tier": "gold"}})
    named = [{"refType": "localPolicy", "name": "eu-only"}]
    free = await outside.workload(await gpu_chat(outside))
    assert free["policyVerdicts"] == []

    out = await outside.workload(await gpu_chat(outside, policies=named, runtime=runtime(gpu=2.0)), free)

    assert affinity(outside, "chat-r2")
    assert [each["policy"] for each in verdicts(out)] == ["models/eu-only"]


def verdicts(outputs: Properties) -> list[Body]:
    """What policies are said to say."""
    found = outputs["policyVerdicts"]
    assert isinstance(found, list)
    return found


async def test_what_runs_against_a_new_policy_is_told_of_and_left_alone(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "us-east-1")
    inputs = await gpu_chat(outside)
    out = await outside.workload(inputs)
    await made(outside, EU)

    seen = await workload.read(outside.world(), "models/chat", out)

    assert seen is not None
    assert (verdicts(seen)[0]["verdict"], seen["readyReplicas"]) == ("violated", 1)
    warned = outside.heard.warnings[-1]
    assert "r1 of Workload models/chat is against Policy models/eu-only" in warned
    assert "node gpu-1 is in region us-east-1, in US" in warned
    assert await refused(outside, {**inputs, "displayName": "Chat"}, out) == {}, "nothing new is started"
    assert "us-east-1" in (await refused(outside, {**inputs, "runtime": runtime(gpu=2.0)}, out))["policies"]


async def test_a_sandbox_only_warns(outside: Outside) -> None:
    await made(outside, inside("PT", sandbox=True))
    inputs = await gpu_chat(outside)

    assert await refused(outside, inputs) == {}
    out = await outside.workload(inputs)

    assert any("sandbox" in each for each in outside.heard.warnings)
    assert verdicts(out)[0]["verdict"] == "warned"
    assert affinity(outside, "chat-r1") == []


async def test_tokens_are_never_limited_in_words_alone(outside: Outside) -> None:
    limit: Properties = {"name": "budget", "type": "maxTokens", "maxTokens": {"total": 1000.0}}
    assert [each.path for each in (await policy.check(outside.world(), {}, limit)).faults] == ["type"]

    await made(outside, {**limit, "sandbox": True})
    await outside.workload(await gpu_chat(outside))
    assert any("limits tokens" in each for each in outside.heard.warnings)


async def test_flavors_that_nobody_knows_are_refused_where_they_are_written(outside: Outside) -> None:
    found = await policy.check(outside.world(), {}, flavors("t4", "warp-core"))
    assert [each.path for each in found.faults] == ["flavors[1].name"]


async def test_what_this_run_declares_counts_before_what_is_there(outside: Outside) -> None:
    await made(outside, flavors("t4"))
    inputs = await gpu_chat(outside, runtime=runtime(gpu=1.0, gpuModel=H100))
    world = outside.world()
    assert (await workload.check(world, {}, inputs)).faults

    await policy.check(world, flavors("t4"), flavors("t4", "h100"))

    assert not (await workload.check(world, {}, inputs)).faults
    with pytest.raises(InferenceError, match="allows no such GPU"):  # until it is really so
        await workload.create(world, {**inputs, "namespace": "models"})


async def test_the_cluster_s_own_regions_are_known(outside: Outside) -> None:
    own = {"metadata": {"name": "pulumi-inference-regions", "namespace": "models"}, "data": {"cellar-1": "DE"}}
    outside.cluster.put(CONFIG_MAP, own)
    node(outside, "cellar-1")
    await made(outside, EU)

    assert await refused(outside, await gpu_chat(outside)) == {}
