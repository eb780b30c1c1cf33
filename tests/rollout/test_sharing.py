"""Which Roles and RoleBindings are outstanding, and how it is said that somebody has changed one."""

import copy

import pytest

from inference_provider.domain.shared_roles import Recipient, Role, SharedRole
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face, anchor
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.roles import Named, binding_body, noted, role_body
from inference_provider.rollout.fleet import Fleet, Proton
from inference_provider.rollout.fleet import Role as Place
from inference_provider.rollout.sharing import amiss, named_of, outstanding


def given(role: Role, name: str, recipient: Recipient = "user") -> SharedRole:
    return SharedRole(role=role, share_recipient_type=recipient, name=name)


SHARED = [given("OWNER", "ann"), given("CONSUMER", "web", "group")]


def anchor_of(shared: list[SharedRole], *, last: str = "1") -> Body:
    notes = {labels.SHARED: noted(shared, "models") or "[]", labels.LAST_REVISION: last}
    body = anchor("models", "chat", Face(notes=notes), slot=0)
    body["metadata"]["uid"] = "anchor-uid"
    return body


def made(shared: list[SharedRole], named: Named, service: Body) -> list[Body]:
    """What a run that came to its end has left."""
    roles: list[Role] = ["OWNER", "CONSUMER"]
    bodies = [role_body(role, named, service) for role in roles]
    bodies += [binding_body(role, named, service, shared) for role in roles]
    for number, body in enumerate(bodies):
        body["metadata"]["uid"] = f"uid-{number}"
    return bodies


def seen(shared: list[SharedRole] = SHARED, *, last: str = "1") -> Fleet:
    """A Workload that is shared as is wanted."""
    service = anchor_of(shared, last=last)
    bare = Fleet(service, ())
    return Fleet(service, (), sharing=tuple(copy.deepcopy(made(SHARED, named_of(bare), service))))


def test_what_is_as_it_should_be_is_left_alone() -> None:
    fleet = seen()
    assert fleet.sharing is not None
    assert outstanding(fleet.anchor, fleet.sharing, SHARED, named_of(fleet)) == ()
    assert amiss(fleet) == ()


def test_whoever_was_taken_out_goes_first_and_loses_the_binding_before_the_role() -> None:
    fleet = seen()
    assert fleet.sharing is not None
    changes = outstanding(fleet.anchor, fleet.sharing, [given("EDITOR", "bob")], named_of(fleet))
    assert [(each.action, each.kind.name) for each in changes] == [
        ("drop", "RoleBinding"),
        ("drop", "Role"),
        ("drop", "RoleBinding"),
        ("drop", "Role"),
        ("make", "Role"),
        ("make", "RoleBinding"),
    ]


def edited(fleet: Fleet, kind: str, name: str, **change: object) -> Fleet:
    """Somebody has edited one of the objects."""
    assert fleet.sharing is not None
    found = [each for each in fleet.sharing if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    assert len(found) == 1
    found[0].update(change)
    return fleet


EVE = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "eve"}
ALL = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        (
            "RoleBinding",
            {"subjects": [EVE]},
            "OWNER is shared with user eve, whom nobody wants and is not shared with user ann",
        ),
        ("RoleBinding", {"subjects": None}, "OWNER is not shared with user ann"),
        (
            "RoleBinding",
            {"roleRef": {"kind": "ClusterRole"}},
            "RoleBinding workload-chat-owner gives another role than",
        ),
        ("Role", {"rules": ALL}, "Role workload-chat-owner grants something else than OWNER means"),
        ("Role", {"rules": None}, "Role workload-chat-owner grants something else than OWNER means"),
    ],
)
def test_what_somebody_has_edited_is_told(kind: str, change: dict[str, object], said: str) -> None:
    found = amiss(edited(seen(), kind, "workload-chat-owner", **change))
    assert len(found) == 1
    assert said in found[0]


def test_what_is_gone_or_too_much_is_told() -> None:
    fleet = seen()
    assert fleet.sharing is not None
    bare = Fleet(fleet.anchor, (), sharing=fleet.sharing[1:])
    assert amiss(bare) == ("Role workload-chat-owner of those who have OWNER is gone",)
    nobody = Fleet(anchor_of([]), (), sharing=fleet.sharing)
    assert amiss(nobody) == ("OWNER is still shared with user ann", "CONSUMER is still shared with group web")
    assert amiss(Fleet(fleet.anchor, ())) == ()  # nobody has looked


def test_new_numbers_are_given_beforehand_and_are_no_disorder() -> None:
    early, late = seen(last="3"), seen(last="9")
    assert named_of(early) == named_of(late)
    later = Fleet(anchor_of(SHARED, last="14"), (), sharing=early.sharing)
    assert amiss(later) == ()
    assert early.sharing is not None
    changes = outstanding(later.anchor, early.sharing, SHARED, named_of(later))
    assert [(each.action, each.renews) for each in changes] == [("alter", True)]
    assert 19 in named_of(early).revisions
    assert 29 in named_of(later).revisions


@pytest.mark.parametrize("last", ["", "x", "-1", "999999999999", "0"])
def test_a_note_that_somebody_edited_makes_no_other_names_and_not_many(last: str) -> None:
    named = named_of(Fleet(anchor_of(SHARED, last=last), ()))
    assert 0 < len(named.revisions) < 100
    assert all(number > 0 for number in named.revisions)


def test_a_label_that_somebody_edited_names_no_object_of_another_workload() -> None:
    service = anchor_of(SHARED)
    meta = {"labels": {labels.GROUP: "x-r1"}, "name": "chat-r1"}
    edited_one = Proton(1, 0, "t", Place.ACTIVE, service, deployments=({"metadata": meta, "spec": {}},))
    named = named_of(Fleet(service, (edited_one,)), ["decode"])
    assert "chat-r1-decode" in named.deployments
    assert "chat-r1-x-r1" not in named.deployments
