"""What each role may do, as RBAC reads it; who may do more may do all that those below may."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.shared_roles import ROLES, Recipient, Role, SharedRole
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.roles import (
    Named,
    as_written,
    binding_body,
    noted,
    role_body,
    rules,
    shared_in,
    shown_as,
)
from tests.manifests.bodies import the_anchor

NAMED = Named("chat", 81, ("default",), (1, 2, 3))
#: One right: group, resource, verb, and the object's name, or * for all.
Right = tuple[str, str, str, str]


def rights(role: Role, named: Named = NAMED) -> set[Right]:
    """Everything that a role grants, one by one."""
    return {right for rule in rules(role, named) for right in granted(rule)}


def granted(rule: Body) -> Iterator[Right]:
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield from ((group, resource, verb, name) for name in rule.get("resourceNames", ["*"]))


@pytest.mark.parametrize(
    ("more", "less"),
    [("OWNER", "EDITOR"), ("EDITOR", "USER"), ("USER", "OBSERVER"), ("USER", "CONSUMER")],
)
def test_who_may_do_more_may_do_all_that_those_below_may(more: Role, less: Role) -> None:
    assert rights(less) < rights(more)


def test_who_only_calls_sees_nothing() -> None:
    assert {(resource, name.split(":")[0]) for _, resource, _, name in rights("CONSUMER")} == {
        ("services/proxy", "chat"),
        ("services/proxy", "http"),
    }
    names = {name for *_, name in rights("CONSUMER")}
    assert names == {"chat", "chat:http", "chat:81", "http:chat:", "http:chat:http", "http:chat:81"}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_sees_secrets_or_gets_at_pods_or_grants_whatever_it_likes(role: Role) -> None:
    for group, resource, verb, _ in rights(role):
        assert resource not in {"secrets", "pods/exec", "pods/attach", "serviceaccounts", "serviceaccounts/token"}
        assert verb not in {"escalate", "bind", "impersonate", "*"}
        assert "*" not in (group, resource)


@pytest.mark.parametrize("role", ROLES)
def test_whatever_exists_is_changed_by_name_alone(role: Role) -> None:
    unnamed = {(resource, verb) for _, resource, verb, name in rights(role) if name == "*"}
    assert {verb for _, verb in unnamed} <= {"get", "list", "watch", "create"}
    assert unnamed.isdisjoint({("services/proxy", verb) for verb in ("get", "create")})


def test_whoever_only_promotes_creates_nothing_that_another_version_is_made_of() -> None:
    creates = {resource for _, resource, verb, _ in rights("EDITOR") if verb == "create"} - {"services/proxy"}
    assert creates == {"configmaps", "jobs", "horizontalpodautoscalers"}
    assert ("", "services", "delete", "chat") not in rights("EDITOR")


def test_every_group_of_a_version_is_named() -> None:
    several = Named("chat", 80, ("decode", "prefill"), (7,))
    assert {"chat-r7-decode", "chat-r7-prefill"} <= {
        name for _, resource, _, name in rights("EDITOR", several) if resource == "deployments/scale"
    }


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@st.composite
def shared_roles(draw: st.DrawFn) -> SharedRole:
    recipients: list[Recipient] = ["user", "group", "serviceAccount"]
    recipient = draw(st.sampled_from(recipients))
    place = draw(st.sampled_from([None, "models", "shop"])) if recipient == "serviceAccount" else None
    role = draw(st.sampled_from(ROLES))
    return SharedRole(role=role, share_recipient_type=recipient, name=draw(NAMES), namespace=place)


@given(st.lists(shared_roles(), max_size=6, unique_by=lambda each: (each.share_recipient_type, each.name)))
def test_what_is_shared_is_read_back_from_the_bindings_and_from_the_note(shared: list[SharedRole]) -> None:
    bindings = [binding_body(role, NAMED, the_anchor(), shared) for role in ROLES]
    assert shown_as(bindings, "models") == as_written(shared, "models")
    assert as_written(shared_in(noted(shared, "models")), "models") == as_written(shared, "models")


@pytest.mark.parametrize("note", [None, "", "{", "[1]", '[{"role": "KING"}]', "7", '{"a": 1}', "null"])
def test_a_note_that_nobody_can_read_shares_with_nobody(note: str | None) -> None:
    assert shared_in(note) == ()


def test_role_and_binding_belong_to_the_workloads_service() -> None:
    ann = SharedRole(role="OWNER", share_recipient_type="user", name="ann")
    for body in (role_body("OWNER", NAMED, the_anchor()), binding_body("OWNER", NAMED, the_anchor(), [ann])):
        assert [each["uid"] for each in body["metadata"]["ownerReferences"]] == ["anchor-uid"]
        assert body["metadata"]["name"] == "workload-chat-owner"
