"""Who a Workload may be shared with, and what is said of entries that mean nothing."""

import pytest

from inference_provider.domain.faults import parse_workload
from inference_provider.domain.shared_roles import SharedRole
from inference_provider.errors import InputError

Inputs = dict[str, object]


def shared(*roles: object) -> Inputs:
    return {"name": "chat", "artifactId": "models/llama@0123456789ab", "sharedRoles": list(roles)}


def ann(**more: object) -> Inputs:
    return {"role": "USER", "shareRecipientType": "user", "name": "ann", **more}


def said_of(*roles: object) -> dict[str, str]:
    """Each mistake by where it is."""
    with pytest.raises(InputError) as caught:
        parse_workload(shared(*roles))
    return {fault.path: fault.reason for fault in caught.value.faults}


def test_a_workload_is_shared_with_people_groups_and_service_accounts() -> None:
    model = parse_workload(
        shared(
            ann(),
            {"role": "OWNER", "shareRecipientType": "group", "name": "oidc:ml platform"},
            {"role": "CONSUMER", "shareRecipientType": "serviceAccount", "name": "web", "namespace": "shop"},
        )
    )
    assert model.shared_roles == (
        SharedRole(role="USER", share_recipient_type="user", name="ann"),
        SharedRole(role="OWNER", share_recipient_type="group", name="oidc:ml platform"),
        SharedRole(role="CONSUMER", share_recipient_type="serviceAccount", name="web", namespace="shop"),
    )
    assert parse_workload(shared()).shared_roles == ()


@pytest.mark.parametrize(
    ("entry", "where", "said"),
    [
        (ann(role="NO_ROLE"), "role", "leave the entry out"),
        (ann(role="READ_WRITE"), "role", "is called EDITOR here"),
        (ann(role="READ_ONLY"), "role", "is called OBSERVER here"),
        (ann(role="ADMIN"), "role", "give OWNER"),
        (ann(role="owner"), "role", "must be 'OWNER', 'EDITOR', 'USER', 'OBSERVER' or 'CONSUMER'"),
        (ann(shareRecipientType="organization"), "shareRecipientType", "give a `group`"),
        (ann(shareRecipientType="role"), "shareRecipientType", "give the `group` whose members"),
        (ann(shareRecipientType="team"), "shareRecipientType", "must be 'user', 'group' or 'serviceAccount'"),
        (ann(name=" ann"), "name", "would never match"),
        (ann(name=""), "name", "must not be empty"),
        (ann(namespace="shop"), "namespace", "only a service account has one"),
        (ann(mail="a@b"), "mail", "there is no field `mail` here"),
    ],
)
def test_what_kubernetes_does_not_know_is_refused_with_what_to_write(entry: Inputs, where: str, said: str) -> None:
    found = said_of(entry)
    assert list(found) == [f"sharedRoles[0].{where}"]
    assert said in found[f"sharedRoles[0].{where}"]


def test_one_recipient_has_one_role() -> None:
    assert said_of(ann(), ann(role="OWNER")) == {
        "sharedRoles[1].name": "'ann' is named twice; keep the role that may do more"
    }
    group = ann(shareRecipientType="group", role="OWNER")
    accounts = [ann(shareRecipientType="serviceAccount", namespace=place) for place in ("a", "b")]
    assert len(parse_workload(shared(ann(), group, *accounts)).shared_roles) == 4


def test_a_hundred_recipients_are_the_most() -> None:
    many = [ann(name=f"person-{number}") for number in range(101)]
    assert len(parse_workload(shared(*many[:100])).shared_roles) == 100
    assert said_of(*many) == {
        "sharedRoles": "has 101 entries, but at most 100 are allowed: share it with a group instead"
    }
