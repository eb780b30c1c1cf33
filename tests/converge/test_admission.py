"""Having an API server hold to a policy: both objects, in an order that harms nobody, and waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from inference_provider.converge.admission import PATIENCE_SECONDS, Instead, enforce, lift, settle
from inference_provider.errors import Conflict, Forbidden, NameTaken
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_policy,
    governed_of,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import DEPLOYMENT, Body, Kind
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


class Meddled(FakeCluster):
    """Somebody else does something just before the first such request."""

    meddles: tuple[str, Kind, Callable[[], Awaitable[object]]] | None = None

    async def replace(self, kind: Kind, body: Body) -> Body:
        await self._before("replace", kind)
        return await super().replace(kind, body)

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        foreground: bool = False,
    ) -> bool:
        await self._before("delete", kind)
        return await super().delete(
            kind, namespace, name, uid=uid, resource_version=resource_version, foreground=foreground
        )

    async def _before(self, verb: str, kind: Kind) -> None:
        if self.meddles is not None and self.meddles[:2] == (verb, kind):
            (*_, meddle), self.meddles = self.meddles, None
            await meddle()


def about(workload: str) -> AdmissionRule:
    """The rule over one Workload."""
    place, _, name = workload.partition("/")
    return replace(RULE, governed=Governed(workloads=frozenset({(place, name)})))


def over(cluster: FakeCluster) -> list[Governed | None]:
    """Whom both objects are about."""
    return [governed_of(each) for kind in (ADMISSION_POLICY, ADMISSION_BINDING) for each in cluster.all_of(kind)]


@pytest.mark.parametrize("kind", [ADMISSION_POLICY, ADMISSION_BINDING])
async def test_who_joins_while_the_last_one_leaves_stays_governed(kind: Kind) -> None:
    cluster = Meddled("models", "shop")
    await enforce(cluster, about("models/chat"))

    async def leaving(found: Body | None) -> AdmissionRule | Instead:
        rest = (governed_of(found) if found else None) or about("models/chat").governed
        left = rest.without("models", "chat")
        return replace(RULE, governed=left) if left else Instead.REMOVED

    cluster.meddles = ("delete", kind, lambda: enforce(cluster, about("shop/search"), grows=True))
    assert await settle(cluster, RULE.name, leaving, ask_in="models") is None
    assert over(cluster) == [about("shop/search").governed] * 2


@pytest.mark.parametrize("kind", [ADMISSION_POLICY, ADMISSION_BINDING])
async def test_what_was_deleted_while_it_was_changed_is_made_again(kind: Kind) -> None:
    cluster = Meddled("models", "shop")
    await enforce(cluster, about("models/chat"))
    cluster.meddles = ("replace", kind, lambda: lift(cluster, "models", "gdpr"))
    assert await enforce(cluster, about("shop/search"), grows=True) is None
    assert over(cluster) == [about("shop/search").governed] * 2


@pytest.mark.parametrize("kind", [ADMISSION_POLICY, ADMISSION_BINDING])
async def test_the_binding_is_that_of_the_last_version_whoever_writes_it_last(kind: Kind) -> None:
    cluster = Meddled("models", "shop", "law")
    await enforce(cluster, about("models/chat"))
    cluster.meddles = ("replace", kind, lambda: enforce(cluster, about("law/third"), grows=True))
    assert await enforce(cluster, about("shop/search"), grows=True) is None
    three = frozenset({("models", "chat"), ("shop", "search"), ("law", "third")})
    assert over(cluster) == [Governed(workloads=three)] * 2
    [binding] = cluster.all_of(ADMISSION_BINDING)
    [among] = binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert among["values"] == ["law", "models", "shop"]


async def test_many_who_join_at_once_all_get_in(cluster: FakeCluster) -> None:
    names = [f"shop/{number}" for number in range(20)]
    said = await asyncio.gather(*(enforce(cluster, about(each), grows=True) for each in names))
    assert said == [None] * 20
    assert over(cluster) == [Governed(workloads=frozenset(("shop", str(each)) for each in range(20)))] * 2


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
