"""Which rights rules give: as RBAC reads them, with stars, subresources and names."""

import pytest

from inference_provider.domain.shared_roles import ROLES
from inference_provider.manifests.grants import Grant, beyond, holds, listed
from inference_provider.manifests.kinds import DEPLOYMENT, LEASE, SECRET, SERVICE, Kind
from inference_provider.manifests.roles import Named, roles_that_may, rules

NAMED = Named("chat", 80, ("default",), (1, 2))


@pytest.mark.parametrize(
    ("rule", "verb", "resource", "names", "held"),
    [
        ("apps deployments patch", "patch", "deployments", (), True),
        ("apps deployments patch", "patch", "deployments", ("chat-r1",), True),
        ("apps deployments patch", "patch", "deployments/scale", (), False),
        ("apps deployments/scale patch", "patch", "deployments", (), False),
        ("apps */scale patch", "patch", "deployments/scale", (), True),
        ("apps * patch", "patch", "deployments/scale", (), True),
        ("* * *", "delete", "deployments", (), True),
        (" deployments patch", "patch", "deployments", (), False),
        ("apps deployments get", "patch", "deployments", (), False),
        ("apps deployments patch chat-r1", "patch", "deployments", (), False),
        ("apps deployments patch chat-r1", "patch", "deployments", ("chat-r1",), True),
        ("apps deployments patch chat-r1", "patch", "deployments", ("chat-r1", "chat-r2"), False),
    ],
)
def test_a_right_is_held_as_rbac_reads_the_rule(
    rule: str, verb: str, resource: str, names: tuple[str, ...], *, held: bool
) -> None:
    group, kind, allowed, *named = rule.split(" ")
    body = {"apiGroups": [group], "resources": [kind], "verbs": [allowed], "resourceNames": named}
    assert holds([body], Grant(verb, "apps", resource, names)) is held


def test_names_may_come_from_several_rules_together() -> None:
    each = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}
    both = [each | {"resourceNames": [name]} for name in ("chat-r1", "chat-r2")]
    assert holds(both, Grant("patch", "apps", "deployments", ("chat-r1", "chat-r2")))


def test_who_has_a_role_may_give_that_one_and_those_below_and_none_above() -> None:
    for place, role in enumerate(ROLES[:3]):
        for below in ROLES[place:]:
            assert beyond(rules(role, NAMED), rules(below, NAMED)) == ()
        for above in ROLES[:place]:
            assert beyond(rules(role, NAMED), rules(above, NAMED))


def test_rights_that_are_missing_are_named_once_and_not_all() -> None:
    missing = beyond([], rules("OWNER", NAMED))
    assert len(missing) == len(set(missing))
    assert listed(missing).endswith(f"get configmaps and {len(missing) - 4} more")


@pytest.mark.parametrize(
    ("verb", "kind", "name", "who"),
    [
        ("update", LEASE, "chat", ["EDITOR", "OWNER"]),
        ("update", LEASE, "other", []),
        ("create", SERVICE, "chat-r3", ["OWNER"]),
        ("get", SERVICE, "chat", ["OBSERVER", "USER", "EDITOR", "OWNER"]),
        ("patch", DEPLOYMENT, "chat-r1", ["OWNER"]),
        ("create", SECRET, "any", []),
    ],
)
def test_who_may_do_what_was_refused(verb: str, kind: Kind, name: str, who: list[str]) -> None:
    assert roles_that_may(verb, kind, name, NAMED) == who
