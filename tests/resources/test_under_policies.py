"""What becomes of Workloads that are under policies."""

import pytest

from inference_provider.errors import InferenceError, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, SERVICE
from inference_provider.resources import policy, replacement, workload, workload_commands
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, H100, REGION, affinity, flavors, gpu_chat, inside, made, node, refused, verdicts
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import FakeScheduler

GROUP = {"containers": [{"name": "vllm", "image": "vllm/vllm:v2", "primary": True, "port": 8000.0}]}


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


async def test_a_policy_that_this_run_declares_counts_before_it_is_made(outside: Outside) -> None:
    world, named = outside.world(), [{"refType": "localPolicy", "name": "eu-only"}]
    await policy.check(world, {}, EU)

    await workload.create(world, {**await gpu_chat(outside, policies=named), "namespace": "models"})

    assert affinity(outside, "chat-r1")


async def test_a_person_may_go_back_to_what_a_policy_forbids_and_is_told(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "us-east-1")
    inputs = await gpu_chat(outside, replacement={"keepOldVersionMinutes": 30.0})
    first = await outside.workload(inputs)
    await outside.workload({**inputs, "runtime": runtime(gpu=2.0)}, first)
    await made(outside, EU)

    back = await workload_commands.undo(outside.world(), "models", "chat")

    assert back["revision"] == "r1"
    assert any("r1 of Workload models/chat is against Policy models/eu-only" in each for each in outside.heard.warnings)


async def test_a_replacement_is_under_the_policies_of_its_workload(outside: Outside) -> None:
    await made(outside, {**EU, "labels": {"tier": "gold"}})
    await made(outside, {**flavors("h100"), "labels": {"tier": "silver"}})
    named = [{"refType": "localPolicy", "name": "gpus"}]
    external: Properties = {"driver": "external"}
    await outside.workload(await gpu_chat(outside, tags={"tier": "gold"}, policies=named, replacement=external))
    newer = await outside.artifact({"name": "llama", "spec": {"containerGroups": [GROUP]}}, {"name": "llama"})

    moved = {"workloadId": "models/chat", "candidateArtifactId": newer["versionId"]}
    await replacement.create(outside.world(), moved)

    for each in affinity(outside, "chat-r2"):
        assert REGION in {one["key"] for one in each["matchExpressions"]}
    assert len(affinity(outside, "chat-r2")) > 1


async def test_a_named_policy_counts_though_it_chooses_others(outside: Outside) -> None:
    await made(outside, {**EU, "labels": {"tier": "gold"}})
    named = [{"refType": "localPolicy", "name": "eu-only"}]
    free = await outside.workload(await gpu_chat(outside))
    assert free["policyVerdicts"] == []

    out = await outside.workload(await gpu_chat(outside, policies=named, runtime=runtime(gpu=2.0)), free)

    assert affinity(outside, "chat-r2")
    assert [each["policy"] for each in verdicts(out)] == ["models/eu-only"]


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


async def _driven(outside: Outside, **more: object) -> tuple[Properties, Properties]:
    """A Workload that a Replacement drives, from one GPU in Virginia; its outputs, and a Replacement's inputs."""
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "us-east-1")
    out = await outside.workload(await gpu_chat(outside, replacement={"driver": "external"}, **more))
    newer = await outside.artifact({"name": "llama", "spec": {"containerGroups": [GROUP]}}, {"name": "llama"})
    return out, {"workloadId": "models/chat", "candidateArtifactId": newer["versionId"]}


async def _replacement_refused(outside: Outside, inputs: Properties, olds: Properties | None = None) -> dict[str, str]:
    checked = await replacement.check(outside.world(), olds or {}, inputs)
    return {each.path: each.reason for each in checked.faults}


async def test_a_replacement_by_a_version_that_policies_forbid_is_refused_by_its_own_check(outside: Outside) -> None:
    _, moved = await _driven(outside)
    assert await _replacement_refused(outside, moved) == {}
    await made(outside, EU)

    refused_for = await _replacement_refused(outside, moved)

    assert list(refused_for) == ["candidateArtifactId"]
    assert "node gpu-1 is in region us-east-1, in US" in refused_for["candidateArtifactId"]


async def test_a_replacement_that_starts_nothing_is_not_judged(outside: Outside) -> None:
    out, moved = await _driven(outside)
    await made(outside, EU)

    assert await _replacement_refused(outside, {**moved, "keepOldVersionMinutes": 5.0}, moved) == {}
    assert await _replacement_refused(outside, {**moved, "candidateArtifactId": out["activeArtifactId"]}) == {}
    assert await _replacement_refused(outside, moved, {**moved, "candidateArtifactId": out["activeArtifactId"]})


async def test_a_replacement_is_judged_by_the_hardware_that_it_says(outside: Outside) -> None:
    _, moved = await _driven(outside)
    await made(outside, flavors("h100"))

    assert await _replacement_refused(outside, moved) == {}, "as what serves has it: a GPU"
    assert "these pods take no GPUs" in str(await _replacement_refused(outside, {**moved, "runtime": runtime()}))


async def test_a_run_that_takes_its_workload_out_of_a_policy_may_replace_it_at_once(outside: Outside) -> None:
    await made(outside, {**inside("US"), "labels": {"tier": "gold"}})
    out, moved = await _driven(outside, tags={"tier": "gold"})
    await policy.update(outside.world(), "models/eu-only", {**inside("IE"), "labels": {"tier": "gold"}}, {})
    assert "us-east-1" in str(await _replacement_refused(outside, moved))
    world = outside.world()
    free = {**await gpu_chat(outside, replacement={"driver": "external"}), "artifactId": out["artifactId"]}

    await workload.check(world, {**free, "tags": {"tier": "gold"}}, free)

    assert not (await replacement.check(world, {}, moved)).faults


async def test_a_replacement_only_warns_in_a_sandbox_and_says_nothing_while_nobody_answers(outside: Outside) -> None:
    _, moved = await _driven(outside)
    await made(outside, {**EU, "sandbox": True, "locations": [{"type": "country", "name": "PT"}]})
    assert await _replacement_refused(outside, moved) == {}
    assert "eu-only is a sandbox, so that is only said" in outside.heard.warnings[-1]

    down = Unavailable("list", kind="ConfigMap", namespace="models", name="", said="no answer")
    outside.cluster.faults.append(Fault("list", CONFIG_MAP, down))
    assert await _replacement_refused(outside, moved) == {}
