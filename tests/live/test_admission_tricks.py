"""Who has kubectl, and looks for what a policy at a real API server has not thought of."""

from inference_provider.converge.policy import Under
from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests import labels
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, POD, Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.confined import REGION
from inference_provider.placement.demanded import demanded
from inference_provider.placement.flavors import MODELS
from inference_provider.placement.regions import Atlas
from inference_provider.resources.admission import hold
from tests.live.conftest import Enforce
from tests.live.mallory import OWNERS, Mallory, among, there
from tests.live.stand import Stand
from tests.live.test_admission import KEEPS, OUTSIDE, container, rule

PLACES: Body = {
    "name": "location",
    "type": "location",
    "locations": [{"type": "location", "name": "eu-central-1"}],
    "labels": {"team": "law"},
}
#: Devices that are less than a GPU, or another maker's.
NO_WHOLE_GPUS = ("nvidia.com/mig-1g.10gb", "nvidia.com/gpu.shared", "amd.com/gpu", "gpu.intel.com/i915", "a.b/vgpu")


async def test_a_slice_or_a_claim_is_no_whole_gpu_on_whatever_node(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace, "flavor", without_gpus=True))
    whole = container({"limits": {"nvidia.com/gpu": "1"}})
    keeps: Body = {"affinity": KEEPS["flavor"]}
    assert mallory.make(POD, "whole", containers=[whole], **keeps) == "passed"
    for number, device in enumerate(NO_WHOLE_GPUS):
        other = container({"limits": {device: "1"}}, "b")
        said = mallory.make(POD, f"p{number}", containers=[whole, other], **keeps)
        assert "GPUs that are shared" in said, device
        for owner in OWNERS:
            assert mallory.make(owner, f"p{number}", containers=[other], **keeps) == said, (device, owner)
    claim = [{"name": "gpu", "resourceClaimTemplateName": "a-slice"}]
    assert "claims are not these" in mallory.make(POD, "claims", containers=[whole], resourceClaims=claim, **keeps)
    first = [container({"limits": {NO_WHOLE_GPUS[0]: "1"}}, "b")]
    said = mallory.make(POD, "first", containers=[whole], initContainers=first, **keeps)
    assert "GPUs that are shared" in said


async def test_a_term_is_taken_at_its_word_and_not_at_its_looks(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace))
    inside: Body = {"matchExpressions": [among(REGION, "eu-central-1")]}
    named: Body = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [OUTSIDE]}]}
    tricks: list[list[Body]] = [
        [inside, {}],
        [inside, {"matchExpressions": None}],
        [inside, {"matchExpressions": []}],
        [inside, named],
        [inside, {"matchExpressions": [there("topology.kubernetes.io/zone")], **named}],
        [{"matchExpressions": [{"key": REGION, "operator": "Gt", "values": ["0"]}]}],
        [{"matchExpressions": [{"key": REGION, "operator": "DoesNotExist"}]}],
        [{"matchExpressions": [among(REGION, "EU-CENTRAL-1")]}],
        [{"matchExpressions": [among("failure-domain.beta.kubernetes.io/region", "eu-central-1")]}],
    ]
    for number, terms in enumerate(tricks):
        assert mallory.make(POD, f"p{number}", affinity=choosing(*terms)) != "passed", terms
    assert mallory.make(POD, "both", affinity=choosing({**inside, **named})) == "passed"
    assert (await stand.client.get(POD, stand.namespace, "both"))["spec"].get("nodeName") is None


async def test_what_waits_behind_a_gate_cannot_be_let_go_elsewhere(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    gated: Body = {"schedulingGates": [{"name": "example.com/wait"}]}
    assert mallory.make(POD, "older", **gated) == "passed"
    await enforced(rule(stand.namespace))
    assert mallory.make(POD, "newer", affinity=KEEPS["location"], **gated) == "passed"
    opened = {"op": "remove", "path": "/spec/schedulingGates"}
    assert mallory.patch(POD, "older", opened) != "passed"
    assert mallory.patch(POD, "newer", opened) == "passed"


async def test_older_pods_outside_may_be_finalized_owned_and_reported_on_and_not_resized(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    assert mallory.make(POD, "old", nodeName=OUTSIDE) == "passed"
    # One that runs is only resized by nodes that say they can, which simulated ones do not.
    small = container({"requests": {"cpu": "1"}})
    assert mallory.make(POD, "waits", nodeSelector={"pool": "none"}, containers=[small]) == "passed"
    await enforced(rule(stand.namespace))
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "0d9b6b2e-0000-4000-8000-000000000000"}
    for path, value in (("finalizers", ["example.com/f"]), ("ownerReferences", [owner]), ("annotations", {"a": "b"})):
        assert mallory.patch(POD, "old", {"op": "add", "path": f"/metadata/{path}", "value": value}) == "passed"
    reported = {"op": "add", "path": "/status/message", "value": "fine"}
    assert mallory.patch(POD, "old", reported, subresource="status") == "passed"
    more = {"op": "add", "path": "/spec/containers/0/resources/requests/cpu", "value": "2"}
    assert mallory.patch(POD, "waits", more, subresource="resize") != "passed"
    assert mallory.patch(POD, "old", {"op": "remove", "path": "/metadata/finalizers"}) == "passed"


async def test_a_pod_that_leaves_a_workload_and_comes_back_is_looked_at_when_it_comes(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    assert mallory.make(POD, "old", labels={labels.WORKLOAD: "chat"}, nodeName=OUTSIDE) == "passed"
    chat = Governed(workloads=frozenset({(stand.namespace, "chat")}))
    await enforced(rule(stand.namespace, governed=chat))
    path = f"/metadata/labels/{labels.WORKLOAD.replace('/', '~1')}"
    newer = {"op": "replace", "path": "/spec/containers/0/image", "value": "example/b"}
    assert mallory.patch(POD, "old", newer) != "passed"
    assert mallory.patch(POD, "old", {"op": "replace", "path": path, "value": "free"}, newer) == "passed"
    assert mallory.patch(POD, "old", {"op": "replace", "path": path, "value": "chat"}) != "passed"


async def test_who_may_not_change_the_policy_itself_does_not_change_what_it_is_made_from(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    written = {"metadata": {"name": "policy-location", "labels": {"a": "b"}}, "data": {"policy": "{}"}}
    assert mallory.send(CONFIG_MAP, written) == "passed"
    await enforced(rule(stand.namespace))
    who = f"Policy {stand.namespace}/location: location matters. Who may not change"
    for operation in (
        {"op": "replace", "path": "/data/policy", "value": '{"type": "flavor"}'},
        {"op": "remove", "path": "/metadata/labels/a"},
    ):
        assert mallory.patch(CONFIG_MAP, "policy-location", operation).startswith(who)
    noted = {"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}
    assert mallory.patch(CONFIG_MAP, "policy-location", noted) == "passed"
    regions = {"metadata": {"name": "pulumi-inference-regions"}, "data": {"us-east-1": "IE"}}
    assert mallory.send(CONFIG_MAP, regions).startswith(who)
    for meta in ({"name": "anything"}, {"generateName": "any-"}, {"name": "policy-other"}):
        assert mallory.send(CONFIG_MAP, {"metadata": meta, "data": {"a": "b"}}) == "passed"
    held = await stand.client.get(CONFIG_MAP, stand.namespace, "policy-location")
    changed = await stand.client.replace(CONFIG_MAP, held | {"data": {"policy": "[]"}})  # who may
    assert changed["data"] == {"policy": "[]"}
    await stand.client.delete(CONFIG_MAP, stand.namespace, "policy-location")
    assert mallory.send(CONFIG_MAP, written).startswith(who)


async def test_the_largest_policies_there_are_hold_pods_that_name_all_their_places(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    places = [{"type": "location", "name": f"{'shop-' * 11}{number:03}"} for number in range(500)]
    everywhere = {"name": "all", "type": "location", "locations": places}
    every = [{"type": "gpu", "name": each} for each in MODELS]
    hardware = {"name": "gpus", "type": "flavor", "flavors": [*every, {"type": "cpu", "name": "cpu"}]}
    policies = tuple(PolicyInputs.model_validate(each) for each in (everywhere, hardware))
    for each in policies:
        wanted = demanded(each, stand.namespace, Governed(frozenset({stand.namespace})), Atlas())
        assert wanted is not None
        await enforced(wanted)
    gpu = {"limits": {"nvidia.com/gpu": "1"}}
    terms = allowance(Rules(policies), Hardware({"a": gpu})).terms or ()
    assert mallory.make(DEPLOYMENT, "keeps", containers=[container(gpu)], affinity=choosing(*terms)) == "passed"
    terms[-1]["matchExpressions"][0]["values"].append("elsewhere")
    assert mallory.make(DEPLOYMENT, "not", containers=[container(gpu)], affinity=choosing(*terms)) != "passed"


async def test_a_rule_that_is_too_long_for_the_api_server_is_said_to_hold_elsewhere_only(stand: Stand) -> None:
    names = [f"{'chat-' * 11}{number}" for number in range(1500)]
    many = tuple({"metadata": {"namespace": stand.namespace, "name": each}} for each in names)
    said = await hold(stand.client, PolicyInputs.model_validate(PLACES | {"namespace": stand.namespace}), Under(many))
    assert said is not None
    assert said.startswith(f"Policy {stand.namespace}/location holds in previews and in placement, but who makes pods")
    assert "the API server does not take the rule: could not create ValidatingAdmissionPolicy" in said


def choosing(*terms: Body) -> Body:
    """A node affinity with these terms, whatever they are."""
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}
