"""What the API server is told of policies, as far as rights go, and what people are told of the rest."""

import asyncio

import pytest

from inference_provider.converge.policy import Under
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden, NotFound
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, governed_of
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, Kind
from inference_provider.manifests.labels import JOINED
from inference_provider.manifests.policy import policy_map
from inference_provider.resources import policy, workload
from inference_provider.resources.admission import hold, joins, leaves, let_go
from inference_provider.resources.admission_faults import noticed
from inference_provider.resources.unheld import unheld
from tests.resources.outside import Outside, chat, llama
from tests.resources.ruled import EU, made
from tests.support.fake_cluster import FakeCluster, Fault

NAME = "pulumi-inference.models.eu"
BOTH = (ADMISSION_POLICY, ADMISSION_BINDING)
WRITES = {f"{verb} {kind.plural}" for verb in ("create", "update", "delete") for kind in BOTH}


def eu(**more: object) -> PolicyInputs:
    """A policy about places."""
    places = [{"type": "continent", "name": "eu"}]
    return PolicyInputs.model_validate(
        {"name": "eu", "namespace": "models", "type": "location", "locations": places, **more}
    )


TOKENS = PolicyInputs.model_validate(
    {"name": "eu", "namespace": "models", "type": "maxTokens", "maxTokens": {"total": 5}, "sandbox": True}
)


def seen(*workloads: str) -> Under:
    """Workloads (namespace/name) that a list has shown under the policy."""
    split = [each.partition("/") for each in workloads]
    return Under(tuple({"metadata": {"namespace": place, "name": name}} for place, _, name in split))


def long_ago(cluster: FakeCluster) -> None:
    """Nobody has joined lately any more."""
    [found] = cluster.all_of(ADMISSION_POLICY)
    notes = found["metadata"]["annotations"] | {JOINED: "{}"}
    cluster.put(ADMISSION_POLICY, found | {"metadata": found["metadata"] | {"annotations": notes}})


@pytest.fixture
def cluster() -> FakeCluster:
    """With a namespace for the policy, and another one."""
    return FakeCluster("models", "shop")


def there(cluster: FakeCluster) -> Governed | None:
    """Whom the API server's object is about; None without one."""
    found = cluster.all_of(ADMISSION_BINDING)
    return governed_of(found[0]) if found else None


async def test_a_policy_over_a_namespace_is_held_to_and_workloads_that_come_change_nothing(
    cluster: FakeCluster,
) -> None:
    assert await hold(cluster, eu(), seen()) is None
    assert there(cluster) == Governed(frozenset({"models"}))
    cluster.calls.clear()
    assert await joins(cluster, [eu()], "models/chat") == []
    assert {each.split()[0] for each in cluster.calls} == {"find", "list"}, "all of it known a moment ago"


async def test_a_policy_about_some_workloads_begins_with_the_first_and_takes_in_those_that_come(
    cluster: FakeCluster,
) -> None:
    some = eu(labels={"team": "law"})
    assert await hold(cluster, some, seen()) is None
    assert there(cluster) is None
    for each in ("models/chat", "shop/search", "models/chat"):
        assert await joins(cluster, [some], each) == []
    assert there(cluster) == Governed(workloads=frozenset({("models", "chat"), ("shop", "search")}))
    long_ago(cluster)
    assert await hold(cluster, some, seen("shop/search")) is None
    assert there(cluster) == Governed(workloads=frozenset({("shop", "search")}))


@pytest.mark.parametrize("other", [TOKENS, eu(labels={"team": "law"})], ids=["about tokens", "about nobody"])
async def test_a_policy_that_has_become_another_one_refuses_nothing_any_more(
    cluster: FakeCluster, other: PolicyInputs
) -> None:
    await hold(cluster, eu(), seen())
    assert await hold(cluster, other, seen()) is None
    assert there(cluster) is None
    assert cluster.all_of(ADMISSION_POLICY) == ()


async def test_without_the_rights_that_is_said_and_nothing_is_tried(cluster: FakeCluster) -> None:
    cluster.refused = WRITES
    said = await hold(cluster, eu(), seen())
    assert said is not None
    assert said.startswith("Policy models/eu holds in previews and in placement, but who makes pods with kubectl goes")
    assert "create, update, delete validatingadmissionpolicies.admissionregistration.k8s.io, nor create" in said
    assert [call for call in cluster.calls if "ValidatingAdmission" in call] == []
    [also] = await joins(cluster, [eu(labels={"team": "law"})], "models/chat")
    assert also == said


async def test_an_api_server_that_is_too_old_is_named(cluster: FakeCluster) -> None:
    none = NotFound("create", kind="x", namespace=None, name="x", status=404, said="no such resource")
    cluster.faults = [Fault("create", ADMISSION_POLICY, none)]
    said = await hold(cluster, eu(), seen())
    assert said is not None
    assert said.endswith("the API server has no ValidatingAdmissionPolicies (Kubernetes 1.30 and later have them)")


def refusing(kind: Kind) -> Fault:
    """Nobody may look at it."""
    return Fault("find", kind, Forbidden("read", kind=kind.name, namespace=None, name=NAME, status=403, said="no"))


async def test_who_may_not_delete_what_refuses_pods_is_told_its_name(cluster: FakeCluster) -> None:
    await hold(cluster, eu(), seen())
    cluster.refused = WRITES
    said = await let_go(cluster, "models", "eu")
    assert said is not None
    assert f"ValidatingAdmissionPolicy {NAME}, it stays and refuses pods" in said
    assert there(cluster) is not None


async def test_who_may_not_delete_is_told_nothing_where_nothing_is_there(cluster: FakeCluster) -> None:
    cluster.refused = WRITES
    assert await let_go(cluster, "models", "eu") is None
    cluster.faults = [refusing(ADMISSION_BINDING)]
    assert "if there is a ValidatingAdmissionPolicy" in str(await let_go(cluster, "models", "eu"))


async def declared(cluster: FakeCluster, *policies: PolicyInputs) -> None:
    """Policies that are there."""
    for each in policies:
        await cluster.create(CONFIG_MAP, policy_map("models", each, notes={}))


async def test_the_doctor_tells_of_policies_that_the_api_server_does_not_hold_to(cluster: FakeCluster) -> None:
    await declared(cluster, eu(), eu(name="some", labels={"team": "law"}))
    [(said, _)] = await unheld(cluster, "models")
    goes = "who makes pods with kubectl goes around Policy models/eu"
    assert said == f"{goes}: there is no ValidatingAdmissionPolicyBinding {NAME}"
    cluster.faults = [refusing(ADMISSION_BINDING)]
    [(said, _)] = await unheld(cluster, "models")
    assert said == f"no right to see ValidatingAdmissionPolicies: perhaps {goes}"
    await hold(cluster, eu(), seen())
    assert await unheld(cluster, "models") == []


async def test_the_doctor_tells_of_what_refuses_pods_for_a_policy_that_is_gone(cluster: FakeCluster) -> None:
    await hold(cluster, eu(), seen())
    assert await unheld(cluster, "shop") == []
    [(said, cure)] = await unheld(cluster, "models")
    assert said == f"ValidatingAdmissionPolicy {NAME} may refuse pods for Policy models/eu, which is not there"
    assert f"kubectl delete validatingadmissionpolicybindings,validatingadmissionpolicies {NAME}`" in cure


async def test_the_doctor_tells_of_a_policy_that_lost_its_labels(outside: Outside) -> None:
    await made(outside, EU)
    held = outside.cluster.named(CONFIG_MAP, "policy-eu-only")
    outside.cluster.put(CONFIG_MAP, held | {"metadata": {**held["metadata"], "labels": {}}})

    [(said, cure)] = await unheld(outside.cluster, "models")

    assert said.startswith("ConfigMap models/policy-eu-only lost its labels")
    assert "kubectl delete" not in cure


async def test_what_somebody_did_to_the_objects_is_noticed(cluster: FakeCluster) -> None:
    assert await noticed(cluster, eu(), seen()) == f"its ValidatingAdmissionPolicy {NAME} is gone, or was never made"
    await hold(cluster, eu(), seen("shop/search"))
    assert await noticed(cluster, eu(), seen()) is None, "who joined later is no fault"
    edited = await cluster.get(ADMISSION_BINDING, None, NAME)
    await cluster.replace(ADMISSION_BINDING, edited | {"spec": {**edited["spec"], "validationActions": ["Audit"]}})
    assert await noticed(cluster, eu(), seen()) == f"its ValidatingAdmissionPolicyBinding {NAME} is not as it should be"
    cluster.refused = WRITES
    assert await noticed(cluster, eu(), seen()) is None, "nobody could mend it"
    cluster.refused = set()
    cluster.faults = [refusing(ADMISSION_POLICY)]
    assert await noticed(cluster, eu(), seen()) is None, "nobody may look"


async def test_the_api_server_holds_to_a_policy_of_a_program_from_its_creation_to_its_end(outside: Outside) -> None:
    world, cluster = outside.world(), outside.cluster
    checked = await policy.check(world, {}, eu().model_dump(mode="json", by_alias=True, exclude_defaults=True))
    identifier, outputs = await policy.create(world, checked.inputs)
    assert there(cluster) == Governed(frozenset({"models"}))
    assert await policy.found(world, identifier, outputs) == ()
    await cluster.delete(ADMISSION_BINDING, None, NAME)
    [said] = await policy.found(world, identifier, outputs)
    assert said == f"its ValidatingAdmissionPolicyBinding {NAME} is gone, or was never made"
    await policy.update(world, identifier, checked.inputs, outputs)
    assert there(cluster) == Governed(frozenset({"models"}))
    await policy.delete(world, identifier, outputs)
    assert there(cluster) is None


async def test_a_workload_that_a_policy_chooses_is_governed_before_its_pods_are_made(outside: Outside) -> None:
    world, cluster = outside.world(), outside.cluster
    some = eu(labels={"team": "law"}, sandbox=True).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    await policy.create(world, (await policy.check(world, {}, some)).inputs)
    assert there(cluster) is None
    version = (await outside.artifact(llama()))["versionId"]
    cluster.calls.clear()
    checked = await workload.check(world, {}, chat(version, tags={"team": "law"}))
    await workload.create(world, checked.inputs)
    assert there(cluster) == Governed(workloads=frozenset({("models", "chat")}))
    made = [call.split()[1] for call in cluster.calls if call.startswith("create")]
    assert made.index(ADMISSION_BINDING.name) < made.index(DEPLOYMENT.name)


async def test_a_workload_that_a_policy_does_not_choose_any_more_may_run_anywhere_again(outside: Outside) -> None:
    world, cluster = outside.world(), outside.cluster
    some = eu(labels={"team": "law"}, sandbox=True).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    await policy.create(world, (await policy.check(world, {}, some)).inputs)
    version = (await outside.artifact(llama()))["versionId"]
    for name in ("chat", "search"):
        checked = await workload.check(world, {}, chat(version, name=name, tags={"team": "law"}))
        await workload.create(world, checked.inputs)
    await asyncio.sleep(60)  # what was looked at a moment ago is not looked at again
    cluster.refused = WRITES
    assert "and the API server may refuse its pods all the same" in (await leaves(cluster, [], "models/chat"))[0]
    cluster.refused = set()
    for name, rest in (("chat", Governed(workloads=frozenset({("models", "search")}))), ("search", None)):
        checked = await workload.check(world, {}, chat(version, name=name, tags={"team": "sales"}))
        await workload.update(world, f"models/{name}", checked.inputs)
        assert there(cluster) == rest


async def test_a_rule_that_somebody_took_away_lets_no_workload_out_of_what_it_was_held_to(outside: Outside) -> None:
    world, cluster = outside.world(), outside.cluster
    some = eu(labels={"team": "law"}, sandbox=True).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    await policy.create(world, (await policy.check(world, {}, some)).inputs)
    version = (await outside.artifact(llama()))["versionId"]
    checked = await workload.check(world, {}, chat(version, tags={"team": "law"}))
    await workload.create(world, checked.inputs)
    await cluster.delete(CONFIG_MAP, "models", "policy-eu")
    await asyncio.sleep(60)
    [said] = await leaves(cluster, [], "models/chat")
    assert said.startswith("ConfigMap models/policy-eu of Policy models/eu is gone, and the API server goes on holding")
    assert there(cluster) == Governed(workloads=frozenset({("models", "chat")}))


async def test_without_the_rights_a_policy_is_made_and_one_line_says_what_it_is_not(outside: Outside) -> None:
    outside.cluster.refused = WRITES
    checked = await policy.check(
        outside.world(), {}, eu().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    )
    identifier, outputs = await policy.create(outside.world(), checked.inputs)
    [told] = outside.heard.warnings
    assert "this identity may not create, update, delete validatingadmissionpolicies" in told
    assert await policy.found(outside.world(), identifier, outputs) == ()
