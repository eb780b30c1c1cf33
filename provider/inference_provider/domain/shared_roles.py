"""Who may look at a Workload, call it, promote its versions, change it? The roles that it is shared under.

Roles and kinds of recipients carry the names of the seed's SharedRole, as far as Kubernetes knows such a thing.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from inference_provider.domain.fields import Namespace, Text
from inference_provider.domain.model import Broken, Given, Input

Role = Literal["OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER"]
Recipient = Literal["user", "group", "serviceAccount"]

#: Every role, the one that may do most first.
ROLES: tuple[Role, ...] = ("OWNER", "EDITOR", "USER", "OBSERVER", "CONSUMER")
#: So many recipients a Workload may be shared with; more are a group.
MOST = 100
#: Role names of the seed that mean one of ours, or nothing here.
_INSTEAD = {
    "NO_ROLE": "is no role here: who is not in the list has none, so leave the entry out",
    "READ_WRITE": "is called EDITOR here",
    "DATA_SCIENTIST": "is no role here; give EDITOR (promotes, takes back, stops) or USER (looks and calls)",
    "ADMIN": "is no role here; give OWNER",
    "READ_ONLY": "is called OBSERVER here",
}
_NOBODY = {
    "organization": "is nothing that Kubernetes knows; give a `group`, as your cluster's login names it",
    "role": "cannot be shared with; give the `group` whose members have that role",
}


def _known_role(value: object) -> object:
    if isinstance(value, str) and value in _INSTEAD:
        raise ValueError(f"{value} {_INSTEAD[value]}")
    return value


def _known_recipient(value: object) -> object:
    if isinstance(value, str) and value in _NOBODY:
        raise ValueError(f"{value} {_NOBODY[value]}")
    return value


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError(f"{name!r} cannot name anybody: spaces around it and control characters would never match")
    return name


class SharedRole(Input):
    """One recipient and what it may do with the Workload."""

    role: Annotated[
        Annotated[Role, BeforeValidator(_known_role)],
        Field(
            description="CONSUMER only calls it, OBSERVER only looks, USER does both; EDITOR also promotes, takes "
            "back, cancels, stops and starts; OWNER also changes, deletes and shares it."
        ),
    ]
    share_recipient_type: Annotated[
        Annotated[Recipient, BeforeValidator(_known_recipient)],
        Field(description="user, group, or serviceAccount."),
    ]
    name: Annotated[
        Annotated[Text, AfterValidator(_printable)],
        Field(description="As the cluster's login names the user or group, or the service account's name."),
    ]
    namespace: Annotated[
        Namespace | None, Field(description="Where the service account lives. Default: the Workload's namespace.")
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Only service accounts live in namespaces."""
        if given.has("namespace") and given.get("shareRecipientType") in ("user", "group"):
            yield ("namespace",), "only a service account has one; leave it out"


def faults_among(roles: Sequence[tuple[int, Given]], count: int) -> Iterator[Broken]:
    """Too many of them, and recipients that are named twice; ``count`` is how many entries were written."""
    if count > MOST:
        yield ("sharedRoles",), f"has {count} entries, but at most {MOST} are allowed: share it with a group instead"
    seen: set[tuple[object, ...]] = set()
    for index, each in roles:
        who = tuple(each.get(key) for key in ("shareRecipientType", "name", "namespace"))
        if not all(isinstance(part, str | None) for part in who):
            continue
        if who in seen and who[1] is not None:
            yield ("sharedRoles", index, "name"), f"{who[1]!r} is named twice; keep the role that may do more"
        seen.add(who)
