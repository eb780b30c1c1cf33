"""Whom the API server goes on holding to a policy: nobody is let out by our own hand who may still be under it."""

import asyncio
import contextlib
import json

import pytest

from inference_provider.errors import Forbidden, InferenceError, InUse
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body, Kind
from inference_provider.manifests.labels import JOINED
from inference_provider.manifests.policy import policy_map
from inference_provider.resources import policy, workload
from inference_provider.resources.admission import hold, joins, leaves, let_go
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, change, gpu_chat, made
from tests.resources.test_admission import eu, long_ago, seen, there
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers

LAW: Properties = {**EU, "labels": {"team": "law"}}
CHAT = Governed(workloads=frozenset({("models", "chat")}))
NAME = "pulumi-inference.models.eu-only"


class SeesItsOwn(FakeCluster):
    """Lists Services of a namespace, never of all; and reads none of ``blind``."""

    blind: str | None = None

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Body]:
        if kind is SERVICE and namespace is None:
            raise Forbidden("list", kind="Service", namespace=None, name="", status=403, said="no")
        return await super().list(kind, namespace, labels=labels, fields=fields)

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        if kind is SERVICE and namespace is not None and namespace == self.blind:
            raise Forbidden("read", kind="Service", namespace=namespace, name=name, status=403, said="no")
        return await super().find(kind, namespace, name)


def among(outside: Outside, cluster: FakeCluster) -> FakeCluster:
    """Another cluster in place of the usual one."""
    outside.cluster = cluster
    outside.controllers = FakeControllers(cluster)
    return cluster


async def named_from_elsewhere(outside: Outside) -> tuple[Properties, SeesItsOwn]:
    """A Policy in ``rules`` that a Workload in ``models`` names, seen by somebody who may look at ``rules`` only."""
    cluster = SeesItsOwn("models", "rules")
    among(outside, cluster)
    inputs = {**EU, "namespace": "rules", "labels": {"never": "chosen"}}
    outputs = await made(outside, inputs)
    await outside.workload(await gpu_chat(outside, policies=[{"refType": "remotePolicy", "id": "rules/eu-only"}]))
    long_ago(cluster)
    return outputs, cluster


@pytest.mark.parametrize("blind", [None, "models"])
async def test_whoever_cannot_list_other_namespaces_lets_nobody_of_them_out(
    outside: Outside, blind: str | None
) -> None:
    _, cluster = await named_from_elsewhere(outside)
    cluster.blind = blind
    await change(outside, {**EU, "namespace": "rules", "labels": {"never": "chosen"}}, displayName="The union")
    assert there(cluster) == CHAT


@pytest.mark.parametrize("blind", [None, "models"])
async def test_a_policy_that_a_workload_out_of_sight_names_is_not_deleted(outside: Outside, blind: str | None) -> None:
    outputs, cluster = await named_from_elsewhere(outside)
    cluster.blind = blind
    with pytest.raises(InUse, match="models/chat is under it") as caught:
        await policy.delete(outside.world(), "rules/eu-only", outputs)
    assert ("this identity may not look there" in str(caught.value)) == (blind is not None)
    assert there(cluster) == CHAT
    await policy.delete(outside.world(), "rules/eu-only", {**outputs, "forceDelete": True})
    assert there(cluster) is None
    assert "and models/chat was under it" in outside.heard.warnings[-1]


async def test_a_policy_whose_workloads_are_gone_is_deleted_at_once(outside: Outside) -> None:
    outputs, cluster = await named_from_elsewhere(outside)
    cluster.remove(SERVICE, "models", "chat")
    await policy.delete(outside.world(), "rules/eu-only", outputs)
    assert there(cluster) is None


@pytest.mark.parametrize("named", [False, True], ids=["chosen", "named"])
@pytest.mark.parametrize("data", [{"policy": '{"type": "carbon"}'}, None], ids=["unreadable", "gone"])
async def test_a_policy_that_nobody_can_read_lets_nobody_out(
    outside: Outside, data: dict[str, str] | None, *, named: bool
) -> None:
    await made(outside, LAW)
    policies = [{"refType": "localPolicy", "name": "eu-only"}] if named else []
    inputs = await gpu_chat(outside, tags={"team": "law"}, policies=policies)
    outputs = await outside.workload(inputs)
    held = outside.cluster.named(CONFIG_MAP, "policy-eu-only")
    if data is None:
        outside.cluster.remove(CONFIG_MAP, "models", "policy-eu-only")
    else:
        outside.cluster.put(CONFIG_MAP, held | {"data": data})
    await asyncio.sleep(60)  # what was looked at a moment ago is not looked at again
    again = {**inputs, "namespace": "models", "runtime": runtime(gpu=2.0)}
    refused = named or data is not None
    with pytest.raises(InferenceError, match="Nothing was changed") if refused else contextlib.nullcontext():
        await workload.update(outside.world(), "models/chat", again, outputs)
    assert there(outside.cluster) == CHAT
    told = [each for each in outside.heard.warnings if "kubectl delete validatingadmissionpolicy" in each]
    assert bool(told) is not refused


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.15, 0.2, 0.4, 1.0])
async def test_a_policy_made_while_its_workload_is_lets_it_not_out_again(outside: Outside, after: float) -> None:
    inputs = await gpu_chat(outside, tags={"team": "law"})
    rule = await policy.check(outside.world(), {}, LAW)
    chat = await workload.check(outside.world(), {}, inputs)

    async def later() -> None:
        await asyncio.sleep(after)
        await policy.create(outside.world(), rule.inputs)

    await asyncio.gather(later(), workload.create(outside.world(), chat.inputs))
    assert there(outside.cluster) == CHAT


async def test_who_was_seen_not_to_be_under_a_policy_any_more_is_let_out_a_day_after_it_joined(
    outside: Outside,
) -> None:
    await made(outside, LAW)
    await outside.workload(await gpu_chat(outside, tags={"team": "law"}))
    sales: Properties = {**EU, "labels": {"team": "sales"}}
    other = await change(outside, sales)
    assert there(outside.cluster) == CHAT, "its Service may not say yet what an update is about to write there"
    assert await policy.found(outside.world(), "models/eu-only", other) == ()
    long_ago(outside.cluster)
    await outside.workload(await gpu_chat(outside, name="search", tags={"team": "sales"}))
    [said] = await policy.found(outside.world(), "models/eu-only", other)
    assert said == f"its ValidatingAdmissionPolicy {NAME} is still about models/chat, not under it any more"
    await change(outside, sales)
    assert there(outside.cluster) == Governed(workloads=frozenset({("models", "search")}))


async def test_the_name_of_a_workload_that_is_gone_goes_with_the_next_change_of_the_policy(outside: Outside) -> None:
    out = await made(outside, LAW)
    await outside.workload(await gpu_chat(outside, tags={"team": "law"}))
    outside.cluster.remove(SERVICE, "models", "chat")
    await change(outside, LAW, displayName="The union")
    assert there(outside.cluster) == CHAT, "it may be about to be made"
    long_ago(outside.cluster)
    assert await policy.found(outside.world(), "models/eu-only", {**out, "displayName": "The union"}) == ()
    await change(outside, LAW)
    assert there(outside.cluster) is None


async def test_two_that_leave_at_the_same_time_are_both_out(outside: Outside) -> None:
    cluster, some = outside.cluster, eu(labels={"team": "law"})
    await cluster.create(CONFIG_MAP, policy_map("models", some, notes={}))
    for each in ("models/chat", "models/search", "models/third"):
        await joins(cluster, [some], each)
    await asyncio.gather(leaves(cluster, [], "models/chat"), leaves(cluster, [], "models/search"))
    assert there(cluster) == Governed(workloads=frozenset({("models", "third")}))
    await asyncio.gather(leaves(cluster, [], "models/third"), leaves(cluster, [], "models/third"))
    assert there(cluster) is None


async def test_a_policy_that_was_made_again_meanwhile_is_not_forgotten(cluster: FakeCluster) -> None:
    await cluster.create(CONFIG_MAP, policy_map("models", eu(), notes={}))
    await hold(cluster, eu(), seen())
    assert await let_go(cluster, "models", "eu") is None
    assert there(cluster) == Governed(frozenset({"models"}))


async def test_a_rule_without_its_binding_is_bound_again_by_the_next_that_joins(cluster: FakeCluster) -> None:
    some = eu(labels={"team": "law"})
    await joins(cluster, [some], "models/chat")
    await cluster.delete(ADMISSION_BINDING, None, "pulumi-inference.models.eu")
    assert there(cluster) is None
    assert await joins(cluster, [some], "models/chat") == []
    assert there(cluster) == CHAT


async def test_who_joined_when_is_noted_no_longer_than_a_day(cluster: FakeCluster) -> None:
    some = eu(labels={"team": "law"})
    await joins(cluster, [some], "models/chat")
    [found] = cluster.all_of(ADMISSION_POLICY)
    old = {"models/chat": "2020-01-01T00:00:00Z", "models/other": "nonsense"}
    notes = found["metadata"]["annotations"] | {JOINED: json.dumps(old)}
    cluster.put(ADMISSION_POLICY, found | {"metadata": found["metadata"] | {"annotations": notes}})
    await joins(cluster, [some], "models/search")
    [found] = cluster.all_of(ADMISSION_POLICY)
    assert list(json.loads(annotation(found, JOINED) or "")) == ["models/search"]


@pytest.fixture
def cluster() -> FakeCluster:
    """With a namespace for the policy."""
    return FakeCluster("models")
