"""Having an API server hold to a policy: both objects, in an order that harms nobody, and waited for."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge.admission import PATIENCE_SECONDS, enforce, lift
from inference_provider.errors import Conflict, Forbidden, NameTaken
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_policy,
    governed_of,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import DEPLOYMENT
from tests.support.fake_cluster import FakeCluster, Fault

RULE = AdmissionRule(
    "models",
    "gdpr",
    (({"key": "region", "operator": "In", "values": ["here"]},),),
    "Pods run here.",
    Governed(frozenset({"models"})),
)


@pytest.fixture
def cluster() -> FakeCluster:
    """One with the namespaces that are governed."""
    return FakeCluster("models", "shop")


async def test_a_policy_is_made_and_waited_for(cluster: FakeCluster) -> None:
    cluster.admission.takes(0.7)
    began = asyncio.get_running_loop().time()
    assert await enforce(cluster, RULE) is None
    assert cluster.admission.in_effect == {RULE.digest}
    assert 0.7 <= asyncio.get_running_loop().time() - began < 1.2
    made = [call for call in cluster.calls if call.startswith("create")]
    assert made == [f"create {kind.name} {RULE.name}" for kind in (ADMISSION_POLICY, ADMISSION_BINDING)]


@pytest.mark.parametrize("other", [replace(RULE, sentence="Otherwise."), replace(RULE, sandbox=True)])
@pytest.mark.parametrize("back", [False, True])
async def test_after_a_change_the_former_version_is_not_in_effect_any_more(
    cluster: FakeCluster, other: AdmissionRule, *, back: bool
) -> None:
    one, two = (other, RULE) if back else (RULE, other)
    cluster.admission.takes(0.7)
    await enforce(cluster, one)
    assert await enforce(cluster, two) is None
    assert cluster.admission.in_effect == (set() if two.sandbox else {two.digest})


async def test_what_others_wrote_on_the_objects_stays_and_what_they_did_to_the_rule_does_not(
    cluster: FakeCluster,
) -> None:
    cluster.admission.takes(0.7)
    await enforce(cluster, RULE)
    edited = await cluster.get(ADMISSION_POLICY, None, RULE.name)
    edited["metadata"]["labels"]["team"] = "law"
    edited["spec"]["failurePolicy"] = "Ignore"
    cluster.put(ADMISSION_POLICY, edited)
    assert await enforce(cluster, RULE) is None
    found = await cluster.get(ADMISSION_POLICY, None, RULE.name)
    assert found["spec"] == admission_policy(RULE)["spec"]
    assert found["metadata"]["labels"]["team"] == "law"


async def test_nothing_is_written_where_nothing_changes(cluster: FakeCluster) -> None:
    cluster.admission.takes(0.7)
    await enforce(cluster, RULE)
    writes = cluster.writes
    assert await enforce(cluster, RULE) is None
    assert cluster.writes == writes


async def test_somebody_who_was_faster_is_looked_at_again(cluster: FakeCluster) -> None:
    cluster.admission.takes(0.7)
    await enforce(cluster, RULE)
    busy = Conflict("replace", kind=ADMISSION_POLICY.name, namespace=None, name=RULE.name, status=409)
    cluster.faults = [Fault("replace", ADMISSION_POLICY, busy), Fault("replace", ADMISSION_BINDING, busy, after=True)]
    other = replace(RULE, governed=Governed(frozenset({"shop"})))
    assert await enforce(cluster, other) is None
    assert governed_of(await cluster.get(ADMISSION_BINDING, None, RULE.name)) == other.governed


async def test_workloads_that_join_stay_when_others_join_and_go_when_the_policy_says_so(cluster: FakeCluster) -> None:
    cluster.admission.takes(0.7)
    chat, search = (replace(RULE, governed=Governed(workloads=frozenset({("shop", each)}))) for each in ("chat", "x"))
    await enforce(cluster, chat, grows=True)
    await enforce(cluster, search, grows=True)
    both = chat.governed.joined(search.governed)
    for kind in (ADMISSION_POLICY, ADMISSION_BINDING):
        assert governed_of(await cluster.get(kind, None, RULE.name)) == both
    await enforce(cluster, search)
    assert governed_of(await cluster.get(ADMISSION_POLICY, None, RULE.name)) == search.governed


async def test_an_api_server_that_takes_nothing_up_is_told_of_in_a_sentence(cluster: FakeCluster) -> None:
    cluster.admission.takes(60)
    began = asyncio.get_running_loop().time()
    said = await enforce(cluster, RULE)
    assert asyncio.get_running_loop().time() - began == pytest.approx(PATIENCE_SECONDS, abs=0.2)
    assert said is not None
    assert "was written, and is not in effect after 15 s" in said
    assert "in namespace models" in said


async def test_where_nobody_may_ask_that_is_said_and_the_policy_stands(cluster: FakeCluster) -> None:
    no = Forbidden("create", kind="Deployment", namespace="models", name="x", status=403, said="no right")
    cluster.faults = [Fault("rehearse", DEPLOYMENT, no)]
    said = await enforce(cluster, RULE)
    assert said is not None
    assert said.startswith(
        f"nobody could see whether ValidatingAdmissionPolicy {RULE.name} is in effect: could not create"
    )
    assert len(cluster.all_of(ADMISSION_BINDING)) == 1


async def test_a_policy_that_was_lifted_refuses_nothing_any_more(cluster: FakeCluster) -> None:
    cluster.admission.takes(0.7)
    await enforce(cluster, RULE)
    cluster.calls.clear()
    assert await lift(cluster, "models", "gdpr") is None
    assert cluster.admission.in_effect == set()
    gone = [call for call in cluster.calls if call.startswith("delete")]
    assert gone == [f"delete {kind.name} {RULE.name}" for kind in (ADMISSION_BINDING, ADMISSION_POLICY)]
    assert await lift(cluster, "models", "gdpr") is None


async def test_objects_of_somebody_else_are_neither_changed_nor_deleted(cluster: FakeCluster) -> None:
    theirs = admission_policy(RULE)
    theirs["metadata"]["labels"] = {}
    await cluster.create(ADMISSION_POLICY, theirs)
    with pytest.raises(NameTaken, match=f"could not change ValidatingAdmissionPolicy {RULE.name}: it is not ours"):
        await enforce(cluster, RULE)
    assert await lift(cluster, "models", "gdpr") is None
    assert cluster.all_of(ADMISSION_POLICY)
