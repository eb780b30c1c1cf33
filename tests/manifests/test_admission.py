"""The objects that have an API server hold to a policy: what they are called, whom they are about, what follows."""

from dataclasses import replace

import pytest

from inference_provider.manifests import labels
from inference_provider.manifests.admission import (
    AdmissionRule,
    admission_binding,
    admission_policy,
    governed_of,
    policy_of,
    question,
)
from inference_provider.manifests.admission_rule import Governed, confined, literal
from inference_provider.manifests.denial import denial
from inference_provider.manifests.kinds import Body

WAY: tuple[Body, ...] = ({"key": "region", "operator": "In", "values": ["here"]},)
RULE = AdmissionRule("models", "gdpr", (WAY,), "Pods run here.", Governed(frozenset({"models"})))


def test_both_objects_tell_whose_policy_they_are() -> None:
    for body in (admission_policy(RULE), admission_binding(RULE)):
        assert body["metadata"]["name"] == "pulumi-inference.models.gdpr"
        assert policy_of(body["metadata"]["name"]) == "models/gdpr"
        assert body["metadata"]["labels"] == {"app.kubernetes.io/managed-by": labels.MANAGED_BY}
    assert admission_binding(RULE)["spec"]["policyName"] == "pulumi-inference.models.gdpr"


@pytest.mark.parametrize(
    "name", ["gdpr", "pulumi-inference", "pulumi-inference.gdpr", "pulumi-inference.a.b.c", "x.a.b"]
)
def test_other_peoples_objects_are_nobodys_policy(name: str) -> None:
    assert policy_of(name) is None


def test_no_two_policies_share_an_object() -> None:
    names = {replace(RULE, namespace=one, policy=other).name for one, other in (("a-b", "c"), ("a", "b-c"), ("a", "b"))}
    assert len(names) == 3


def test_a_binding_names_every_namespace_that_somebody_governed_is_in_and_never_none() -> None:
    governed = Governed(frozenset({"models"}), frozenset({("shop", "chat"), ("models", "x")}))
    spec = admission_binding(replace(RULE, governed=governed))["spec"]
    [named] = spec["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert named == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["models", "shop"]}
    with pytest.raises(ValueError, match="has to govern somebody"):
        Governed()


def test_whom_an_object_governs_can_be_read_back() -> None:
    governed = Governed(frozenset({"models", "a"}), frozenset({("shop", "chat"), ("shop", "x")}))
    for made in (admission_policy, admission_binding):
        assert governed_of(made(replace(RULE, governed=governed))) == governed
    for damaged in ("", "{}", "[1,2]", "[[],[]]", "nothing", '[["a"],[["b"]]]'):
        assert governed_of({"metadata": {"annotations": {"pulumi-inference.dev/governed": damaged}}}) is None
    assert governed_of({"metadata": {}}) is None


def test_who_is_governed_is_known_for_a_whole_namespace_or_by_name() -> None:
    governed = Governed(frozenset({"models"}), frozenset({("shop", "chat")}))
    assert governed.covers("models", "anything")
    assert governed.covers("shop", "chat")
    assert not governed.covers("shop", "other")
    assert Governed(frozenset({"a"})).joined(governed).places == ("a", "models", "shop")


@pytest.mark.parametrize(("sandbox", "actions"), [(False, ["Deny", "Audit"]), (True, ["Warn", "Audit"])])
def test_a_sandbox_warns_and_everything_else_refuses(*, sandbox: bool, actions: list[str]) -> None:
    assert admission_binding(replace(RULE, sandbox=sandbox))["spec"]["validationActions"] == actions


OTHERWISE = {
    "another alternative": replace(RULE, ways=(WAY, WAY)),
    "a value more": replace(RULE, ways=(({**WAY[0], "values": ["here", "there"]},),)),
    "another sentence": replace(RULE, sentence="Pods run there."),
    "somebody more": replace(RULE, governed=Governed(frozenset({"models"}), frozenset({("a", "b")}))),
    "pods without GPUs": replace(RULE, without_gpus=True),
    "whole GPUs": replace(RULE, hardware=True),
    "a sandbox": replace(RULE, sandbox=True),
    "another name": replace(RULE, policy="eu"),
}


@pytest.mark.parametrize("other", OTHERWISE.values(), ids=OTHERWISE)
def test_another_rule_is_another_version_that_can_be_asked_for(other: AdmissionRule) -> None:
    assert other.digest != RULE.digest
    assert admission_policy(other)["metadata"]["annotations"][labels.DIGEST] == other.digest
    asked = question(other.digest, namespace="models")["metadata"]["annotations"][labels.ASKS]
    expressions = str(admission_policy(other)["spec"])
    assert asked in expressions
    assert question(RULE.digest, namespace="models")["metadata"]["annotations"][labels.ASKS] not in expressions


def test_the_same_rule_said_in_another_order_is_the_same_version() -> None:
    one = Governed(workloads=frozenset({("a", "b"), ("c", "d"), ("e", "f")}))
    other = Governed(workloads=frozenset({("e", "f"), ("c", "d"), ("a", "b")}))
    assert replace(RULE, governed=one).digest == replace(RULE, governed=other).digest


def test_a_policy_without_any_way_lets_no_pod_pass() -> None:
    assert "terms.all(t, false)" in confined((), without_gpus=False)


def test_an_operator_that_nobody_has_thought_about_is_no_rule() -> None:
    with pytest.raises(ValueError, match="Gt"):
        confined(([{"key": "memory", "operator": "Gt", "values": ["1"]}],), without_gpus=False)


@pytest.mark.parametrize("text", ['a "b"', "a\\b", "Süd", "😀", "a'b", "a\nb"])
def test_no_value_gets_out_of_its_quotes(text: str) -> None:
    inner = literal(text)[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner
    assert "\n" not in inner
    assert "\\ud8" not in inner


def test_messages_are_one_line_as_the_api_server_wants_them() -> None:
    spec = admission_policy(replace(RULE, sentence="Pods\nrun   here."))["spec"]
    assert all("\n" not in each["message"] for each in spec["validations"])
    assert spec["validations"][-1]["message"] == "Pods run here."


@pytest.mark.parametrize("message", ["", 'admission webhook "x" denied the request: no', "exceeded quota: gpus"])
def test_who_refuses_otherwise_is_no_admission_policy(message: str) -> None:
    assert denial(message) is None
