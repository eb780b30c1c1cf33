"""A policy at a real API server from its first moment to its last, and what a rollout says that meets it."""

import asyncio
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.converge.admission import enforce, lift
from inference_provider.converge.policy import Under
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Denied, NameTaken, RolloutFailed
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, AdmissionRule, admission_policy
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import DEPLOYMENT, POD, Body
from inference_provider.placement.confined import REGION
from inference_provider.resources.admission import hold, let_go
from inference_provider.resources.rights import NEEDED
from tests.live.conftest import Enforce
from tests.live.mallory import Mallory, among, asking
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.test_command_line import config, token_of_somebody_with
from tools.cluster import Cluster


def rule(namespace: str, *regions: str, governed: Governed | None = None, sandbox: bool = False) -> AdmissionRule:
    """A policy about places."""
    everybody = Governed(frozenset({namespace}))
    ways = ((among(REGION, *regions),),)
    return AdmissionRule(namespace, "places", ways, "Places matter.", governed or everybody, sandbox=sandbox)


def policy(namespace: str) -> PolicyInputs:
    """The same as people say it."""
    places = [{"type": "location", "name": "eu-west-1"}]
    return PolicyInputs.model_validate(
        {"name": "places", "namespace": namespace, "type": "location", "locations": places}
    )


def inside(region: str) -> Body:
    """A pod's wish."""
    return asking((among(REGION, region),))


async def test_when_a_change_is_said_to_be_in_effect_it_is(stand: Stand, mallory: Mallory, enforced: Enforce) -> None:
    await enforced(rule(stand.namespace, "eu-west-1"))
    assert mallory.make(POD, "a", affinity=inside("us-east-1")) != "passed"
    await enforced(rule(stand.namespace, "us-east-1"))
    assert mallory.make(POD, "b", affinity=inside("us-east-1")) == "passed"
    assert mallory.make(POD, "c", affinity=inside("eu-west-1")) != "passed"
    assert await lift(stand.client, stand.namespace, "places") is None
    assert mallory.make(POD, "d") == "passed"
    for kind in (ADMISSION_POLICY, ADMISSION_BINDING):
        assert await stand.client.find(kind, None, rule(stand.namespace, "x").name) is None


async def test_the_api_server_finds_nothing_to_complain_of_and_adds_nothing(stand: Stand, enforced: Enforce) -> None:
    wanted = rule(stand.namespace, 'a "quoted" Süd 😀 region', "eu-west-1")
    await enforced(wanted)
    found = await stand.client.get(ADMISSION_POLICY, None, wanted.name)
    assert found["spec"] == admission_policy(wanted)["spec"]
    for _ in range(600):
        found = await stand.client.get(ADMISSION_POLICY, None, wanted.name)
        if found.get("status", {}).get("observedGeneration") == found["metadata"]["generation"]:
            assert not found["status"].get("typeChecking", {}).get("expressionWarnings")
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody has looked at its types")


async def test_workloads_that_join_at_the_same_time_are_all_governed(stand: Stand, enforced: Enforce) -> None:
    namespace = stand.namespace
    alone = [rule(namespace, "x", governed=Governed(workloads=frozenset({(namespace, each)}))) for each in "abcd"]
    await enforced(alone[0])
    said = await asyncio.gather(*(enforce(stand.client, each, grows=True) for each in alone))
    assert said == [None] * 4
    for each in "abcd":
        with pytest.raises(Denied):
            await stand.client.rehearse(POD, _pod(namespace, each))
    await stand.client.rehearse(POD, _pod(namespace, "e"))


def _pod(namespace: str, workload_name: str) -> Body:
    named = {"pulumi-inference.dev/workload": workload_name}
    meta = {"name": "p", "namespace": namespace, "labels": named}
    return {"metadata": meta, "spec": {"containers": [{"name": "a", "image": "a"}]}}


async def test_somebody_elses_object_of_that_name_is_left_alone(stand: Stand) -> None:
    wanted = rule(stand.namespace, "eu-west-1")
    theirs = admission_policy(wanted)
    del theirs["metadata"]["labels"]
    made = await stand.client.create(ADMISSION_POLICY, theirs)
    try:
        with pytest.raises(NameTaken, match="it is not ours"):
            await enforce(stand.client, wanted)
        assert await lift(stand.client, stand.namespace, "places") is None
        assert await stand.client.get(ADMISSION_POLICY, None, wanted.name) == made
    finally:
        await stand.client.delete(ADMISSION_POLICY, None, wanted.name)


async def test_without_rights_on_the_cluster_it_is_said_in_a_sentence_and_nothing_fails(
    simulated_cluster: Cluster, stand: Stand, tmp_path: Path
) -> None:
    token = await asyncio.to_thread(token_of_somebody_with, simulated_cluster.client(), stand.namespace, NEEDED)
    client = Client(await connect(kubeconfig=str(config(simulated_cluster, tmp_path / "config", token=token))))
    group = "admissionregistration.k8s.io"
    may_not = (
        f"this identity may not get, list, create, update, delete validatingadmissionpolicies.{group}, nor "
        f"get, create, update, delete validatingadmissionpolicybindings.{group} in the whole cluster"
    )
    try:
        said = await hold(client, policy(stand.namespace), Under(()))
        left = await let_go(client, stand.namespace, "places")
    finally:
        await client.close()
    assert said == (
        f"Policy {stand.namespace}/places holds in previews and in placement, but who makes pods with kubectl goes "
        f"around it: {may_not}"
    )
    assert left is not None
    assert may_not in left
    assert f"pulumi-inference.{stand.namespace}.places" in left


async def test_a_roll_that_a_policy_refuses_names_it_and_what_serves_goes_on(stand: Stand, enforced: Enforce) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(gpu=0)))
    before = await stand.pod_uids("r1")
    await enforced(rule(stand.namespace, "eu-west-1"))
    with pytest.raises((Denied, RolloutFailed)) as caught:
        await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(gpu=0)))
    said = str(caught.value)
    assert f"could not create Deployment {stand.namespace}/chat-r2: Policy {stand.namespace}/places" in said
    assert "refuses it: Places matter (422). " in said
    assert "r1 still serves" in said
    assert "Grant this identity" not in said
    assert await stand.pod_uids("r1") == before
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_pods_that_a_policy_refuses_later_are_named_too(stand: Stand, enforced: Enforce) -> None:
    wanted = workload(await stand.version(artifact()), runtime(gpu=0))
    await stand.create(wanted)
    await enforced(rule(stand.namespace, "eu-west-1"))
    with pytest.raises(RolloutFailed) as caught:
        await stand.update(workload(wanted["artifactId"], runtime(2, gpu=0)))
    assert f"1 of 2 pods ready; Policy {stand.namespace}/places refuses its pods: Places matter." in str(caught.value)
