"""Who has kubectl, and every right in a namespace with a policy over it: what passes a real API server."""

import asyncio

import pytest

from inference_provider.cluster import requests
from inference_provider.manifests import labels
from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, Body, Kind
from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import PRODUCT, SHARING, alternatives, signs
from tests.live.conftest import Enforce
from tests.live.mallory import DAEMON_SET, OWNERS, Mallory, among, asking, made, there
from tests.live.stand import Stand

EU = frozenset({"eu-central-1", "eu-west-2"})
H100 = alternatives(signs("h100"))
OUTSIDE = "gpu-h100-3"  # in Virginia
BINDING = Kind("Binding", "bindings")
POD_BINDING = Kind("Binding", "pods")

#: What a policy of each kind demands, what keeps to it, and what looks as if it did.
LOCATION = ((among(REGION, *sorted(EU)),),)
KEEPS = {"location": asking((among(REGION, "eu-central-1"),)), "flavor": asking(*H100)}
WAYS = {"location": LOCATION, "flavor": H100}
WHOLE = {"key": SHARING, "operator": "NotIn", "values": ["mps", "time-slicing"]}
PRETENDS: dict[str, dict[str, Body]] = {
    "location": {
        "another region": asking((among(REGION, "us-east-1"),)),
        "one region of two": asking((among(REGION, "eu-central-1", "us-east-1"),)),
        "or another region": asking((among(REGION, "eu-central-1"),), (among(REGION, "us-east-1"),)),
        "or any node": asking((among(REGION, "eu-central-1"),), (there("kubernetes.io/hostname"),)),
        "any region": asking((there(REGION),)),
        "not that region": asking(({"key": REGION, "operator": "NotIn", "values": ["us-east-1"]},)),
        "another label": asking((among("topology.kubernetes.io/zone", "eu-central-1"),)),
    },
    "flavor": {
        "another GPU": asking((among(PRODUCT, "Tesla-T4"), WHOLE)),
        "or another GPU": asking(*H100, (among(PRODUCT, "Tesla-T4"), WHOLE)),
        "or any node": asking(*H100, (there("kubernetes.io/hostname"),)),
        "a shared one": asking((among(PRODUCT, "NVIDIA-H100-80GB-HBM3"),)),
        "time-sliced": asking((among(PRODUCT, "NVIDIA-H100-80GB-HBM3"), WHOLE | {"values": ["mps"]})),
        "half of one way, half of another": asking((H100[0][0], *H100[1][1:])),
    },
}
BY_NAME: Body = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [OUTSIDE]}]},
            ]
        }
    }
}


def rule(
    namespace: str,
    kind: str = "location",
    *,
    governed: Governed | None = None,
    without_gpus: bool = False,
    sandbox: bool = False,
) -> AdmissionRule:
    """A policy; if nothing else is said, over everybody in the namespace."""
    everybody = Governed(frozenset({namespace}))
    return AdmissionRule(
        namespace,
        kind,
        WAYS[kind],
        f"{kind} matters.",
        governed or everybody,
        hardware=kind == "flavor",
        without_gpus=without_gpus,
        sandbox=sandbox,
    )


@pytest.mark.parametrize("kind", ["location", "flavor"])
async def test_pods_that_keep_to_a_policy_pass_and_those_that_pretend_to_do_not(
    stand: Stand, mallory: Mallory, enforced: Enforce, kind: str
) -> None:
    await enforced(rule(stand.namespace, kind))
    keeps = {"affinity": KEEPS[kind]}
    said = {what: mallory.make(POD, f"p{n}", affinity=each) for n, (what, each) in enumerate(PRETENDS[kind].items())}
    said |= {
        "nothing": mallory.make(POD, "nothing"),
        "a preference": mallory.make(POD, "prefers", affinity=preferring(kind)),
        "a node by its name": mallory.make(POD, "field", affinity=BY_NAME),
    }
    who = f"Policy {stand.namespace}/{kind}: {kind} matters"
    assert said == dict.fromkeys(said, who)
    assert mallory.make(POD, "named", nodeName=OUTSIDE, **keeps) == f"{who}. `nodeName` goes around that: leave it out"
    other = mallory.make(POD, "other", schedulerName="mine", **keeps)
    assert other == f"{who}. Another scheduler may go around that: leave `schedulerName` out"
    assert mallory.make(POD, "keeps", **keeps) == "passed"


@pytest.mark.parametrize("kind", ["location", "flavor"])
async def test_what_makes_pods_is_held_to_the_same(
    stand: Stand, mallory: Mallory, enforced: Enforce, kind: str
) -> None:
    await enforced(rule(stand.namespace, kind))
    around: dict[str, Body] = {
        "free": {},
        "pretends": {"affinity": PRETENDS[kind]["or any node"]},
        "names": {"affinity": KEEPS[kind], "nodeName": OUTSIDE},
        "schedules": {"affinity": KEEPS[kind], "schedulerName": "mine"},
    }
    for owner in OWNERS:
        assert mallory.make(owner, "keeps", affinity=KEEPS[kind]) == "passed", owner
        for name, spec in around.items():
            assert mallory.make(owner, name, **spec).startswith(f"Policy {stand.namespace}/{kind}: "), (owner, name)


async def test_a_node_selector_will_do_where_it_leaves_no_other_node(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace))
    anywhere = asking((there("kubernetes.io/hostname"),))
    assert mallory.make(POD, "inside", nodeSelector={REGION: "eu-central-1"}) == "passed"
    assert mallory.make(POD, "both", nodeSelector={REGION: "eu-central-1"}, affinity=anywhere) == "passed"
    assert mallory.make(POD, "outside", nodeSelector={REGION: "us-east-1"}) != "passed"
    assert mallory.make(POD, "beside", nodeSelector={"pool": "eu-central-1"}) != "passed"


async def test_a_daemon_set_needs_a_node_selector_because_its_pods_get_no_other_wish(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace))
    assert mallory.make(DAEMON_SET, "wishes", affinity=KEEPS["location"]) != "passed"
    assert mallory.make(DAEMON_SET, "selects", nodeSelector={REGION: "eu-central-1"}) == "passed"
    inside = {"gpu-h100-1", "gpu-h100-2", "gpu-a100-1", "gpu-l4-1", "cpu-1"}
    for _ in range(600):
        pods = await stand.objects(POD, "app=selects")
        if inside == {pod["spec"].get("nodeName") for pod in pods}:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("its pods did not get onto every node inside, and onto none outside")


@pytest.mark.parametrize("path", ["pods/binding", "bindings"])
async def test_nobody_binds_a_pod_by_hand(stand: Stand, mallory: Mallory, enforced: Enforce, path: str) -> None:
    await enforced(rule(stand.namespace))
    nowhere = asking((among(REGION, "eu-west-2"),))
    assert mallory.make(POD, "waits", affinity=nowhere) == "passed"
    bound = {"metadata": {"name": "waits"}, "target": {"apiVersion": "v1", "kind": "Node", "name": OUTSIDE}}
    said = (
        mallory.send(POD_BINDING, bound, of="waits", subresource="binding")
        if path == "pods/binding"
        else mallory.send(BINDING, bound)
    )
    assert said.endswith("location matters. Pods are bound to nodes by schedulers only")
    assert "nodeName" not in mallory.get(POD, "waits")["spec"]


async def test_what_was_there_before_may_be_tidied_and_counted_and_not_made_anew(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    assert mallory.make(POD, "old", nodeName=OUTSIDE) == "passed"
    assert mallory.make(DEPLOYMENT, "old") == "passed"
    await enforced(rule(stand.namespace))
    label = {"op": "add", "path": "/metadata/labels", "value": {"app": "old", "kept": "yes"}}
    assert mallory.patch(POD, "old", label) == "passed"
    assert mallory.patch(DEPLOYMENT, "old", label) == "passed"
    assert mallory.patch(DEPLOYMENT, "old", {"op": "replace", "path": "/spec/replicas", "value": 0}) == "passed"
    newer = {"op": "replace", "path": "/spec/containers/0/image", "value": "example/b"}
    assert mallory.patch(POD, "old", newer) != "passed"
    assert mallory.patch(DEPLOYMENT, "old", newer | {"path": "/spec/template/spec/containers/0/image"}) != "passed"
    restart = {"op": "add", "path": "/spec/template/metadata/annotations", "value": {"restartedAt": "now"}}
    assert mallory.patch(DEPLOYMENT, "old", restart) != "passed"


async def test_a_job_that_never_makes_a_pod_is_nobodys_business(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace))
    tombstone = made(JOB, "keep")
    tombstone["spec"] |= {"completions": 0, "parallelism": 0}
    assert mallory.send(JOB, tombstone) == "passed"
    half = made(JOB, "half")
    half["spec"] |= {"completions": 0, "parallelism": 1}
    assert mallory.send(JOB, half) != "passed"


async def test_a_debugger_gets_into_pods_inside_and_not_into_older_ones_outside(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    assert mallory.make(POD, "outside", nodeName=OUTSIDE) == "passed"
    await enforced(rule(stand.namespace))
    assert mallory.make(POD, "inside", affinity=KEEPS["location"]) == "passed"
    said = {}
    for name in ("outside", "inside"):
        debugger = {"op": "add", "path": "/spec/ephemeralContainers", "value": [{"name": "d", "image": "example/d"}]}
        said[name] = mallory.patch(POD, name, debugger, subresource="ephemeralcontainers")
    assert said == {"outside": f"Policy {stand.namespace}/location: location matters", "inside": "passed"}


async def test_a_policy_about_some_workloads_leaves_other_pods_alone_until_they_join(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    chat = Governed(workloads=frozenset({(stand.namespace, "chat"), ("elsewhere", "other")}))
    await enforced(rule(stand.namespace, governed=chat))
    assert mallory.make(POD, "free") == "passed"
    assert mallory.make(POD, "other", labels={labels.WORKLOAD: "other"}) == "passed"
    assert mallory.make(DEPLOYMENT, "chat", labels={labels.WORKLOAD: "chat"}) != "passed"
    assert mallory.make(POD, "chat", labels={labels.WORKLOAD: "chat"}) != "passed"
    assert mallory.make(POD, "serves", labels={labels.SERVES: "chat"}) != "passed"
    join = {"op": "add", "path": f"/metadata/labels/{labels.SERVES.replace('/', '~1')}", "value": "chat"}
    assert mallory.patch(POD, "free", join) != "passed"
    assert mallory.make(POD, "keeps", labels={labels.WORKLOAD: "chat"}, affinity=KEEPS["location"]) == "passed"


async def test_where_a_policy_allows_pods_without_gpus_those_go_anywhere_and_no_others(
    stand: Stand, mallory: Mallory, enforced: Enforce
) -> None:
    await enforced(rule(stand.namespace, "flavor", without_gpus=True))
    plain = {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}
    one, slice_ = {"limits": {"nvidia.com/gpu": "1"}}, {"limits": {"nvidia.com/mig-1g.10gb": "1"}}
    assert mallory.make(POD, "plain", containers=[container(plain)]) == "passed"
    assert mallory.make(DEPLOYMENT, "plain", containers=[container(plain)]) == "passed"
    assert mallory.make(POD, "gpu", containers=[container(plain), container(one, "b")]) != "passed"
    assert mallory.make(POD, "slice", containers=[container(slice_)]) != "passed"
    assert mallory.make(POD, "first", containers=[container(plain)], initContainers=[container(one, "b")]) != "passed"
    assert mallory.make(DEPLOYMENT, "gpu", containers=[container(one)]) != "passed"
    other, network = ({"limits": {each: "1"}} for each in ("example.com/accelerator", "vpc.amazonaws.com/pod-eni"))
    assert mallory.make(POD, "other", containers=[container(other)]) != "passed"
    assert mallory.make(POD, "network", containers=[container(network)]) == "passed"
    claim = [{"name": "gpu", "resourceClaimName": "somebodys"}]
    assert mallory.make(POD, "claims", containers=[container(plain)], resourceClaims=claim) != "passed"
    assert mallory.make(POD, "keeps", containers=[container(one)], affinity=KEEPS["flavor"]) == "passed"


async def test_a_sandbox_lets_everything_pass_and_warns(stand: Stand, mallory: Mallory, enforced: Enforce) -> None:
    await enforced(rule(stand.namespace))
    assert mallory.make(POD, "early") != "passed"
    await enforced(rule(stand.namespace, sandbox=True))
    assert mallory.make(POD, "late", nodeName=OUTSIDE) == "passed"
    body = made(POD, "warned", nodeName=OUTSIDE)
    body["metadata"]["namespace"] = stand.namespace
    answer = await stand.client._session.send(requests.rehearse(POD, body))
    assert answer.status == 201
    assert "location matters. `nodeName` goes around that" in answer.headers["warning"]


def preferring(kind: str) -> Body:
    """What keeps to a policy as a wish only."""
    required = KEEPS[kind]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    wishes = [{"weight": 100, "preference": each} for each in required["nodeSelectorTerms"]]
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": wishes}}


def container(resources: Body, name: str = "a") -> Body:
    """One that asks for this."""
    return {"name": name, "image": "example/a", "resources": resources}
