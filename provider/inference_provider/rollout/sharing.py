"""Which Roles and RoleBindings should there be of a Workload that is shared, and which are there?

What is wanted stands on its Service. Whoever was taken out goes first.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from inference_provider.domain.names import check_group_name, shared_role_name
from inference_provider.domain.shared_roles import ROLES, Role, SharedRole
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import ROLE, ROLE_BINDING, Body, Kind
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.roles import Named, binding_body, role_body, shared_in, subjects_of, who
from inference_provider.rollout.fleet import Fleet

#: What whoever shares does to Roles and RoleBindings.
VERBS = ("get", "list", "create", "patch", "delete")
_NEEDS: Mapping[str, tuple[str, ...]] = {"make": ("get", "create"), "alter": ("patch",), "drop": ("delete",)}

#: Names are given for so many revisions at a time, and for those before that records may still be about.
STEP, BACK = 10, 60


@dataclass(frozen=True)
class Change:
    """One object that is not as wanted. ``body`` is what is there (or, to be made, what is wanted).

    ``renews``: a Role that only names other revisions of the same Workload than it should by now.
    """

    action: Literal["make", "alter", "drop"]
    kind: Kind
    body: Body
    said: str
    wanted: Body | None = None
    renews: bool = False

    @property
    def verbs(self) -> tuple[str, ...]:
        """The rights that it takes."""
        return _NEEDS[self.action]


def is_shared(anchor: Body) -> bool:
    """Whether a Workload is shared, or ever was: only then anybody has to look for Roles."""
    return annotation(anchor, labels.SHARED) is not None


def named_of(fleet: Fleet, groups: Collection[str] = (), port: int | None = None) -> Named:
    """What its objects are called, now and over the next revisions; ``groups`` and ``port`` as the program has them.

    Who may promote may edit the notes that this is read from: whatever these say, the names are of this Workload alone,
    and not many.
    """
    living = [each.revision for each in fleet.protons]
    noted = annotation(fleet.anchor, labels.LAST_REVISION) or ""
    last = max([int(noted) if noted.isdigit() else 1, *living])
    window = range(max(1, (last - BACK) // STEP * STEP), (last // STEP + 2) * STEP)
    there = {group for each in fleet.protons for group in each.replicas() if _may_be_a_group(group)}
    every = tuple(sorted({*there, *groups})) or ("default",)
    at = port if port is not None else int(fleet.anchor["spec"]["ports"][0]["port"])
    return Named(fleet.anchor["metadata"]["name"], at, every, tuple(sorted({*living, *window})))


def _may_be_a_group(name: str) -> bool:
    """Whether a label says what a program could: `x-r1` would name objects of another Workload, `chat-r1-x`."""
    try:
        check_group_name(name)
    except ValueError:
        return False
    return True


def outstanding(anchor: Body, found: Sequence[Body], shared: Sequence[SharedRole], named: Named) -> tuple[Change, ...]:
    """What has to be done to a Workload's own Roles and RoleBindings, in this order."""
    there = {(each["kind"], each["metadata"]["name"]): each for each in found if not is_condemned(each)}
    changes: list[Change] = []
    for role in ROLES:
        key = shared_role_name(named.workload, role)
        pair = there.get((ROLE.name, key)), there.get((ROLE_BINDING.name, key))
        if any(each.role == role for each in shared):
            wanted = role_body(role, named, anchor), binding_body(role, named, anchor, shared)
            changes += [*_role_changes(role, wanted[0], pair[0]), *_binding_changes(role, wanted[1], pair[1])]
        else:
            changes += _dropped(role, *pair)
    return tuple(sorted(changes, key=lambda each: each.action != "drop"))


def _dropped(role: Role, held: Body | None, bound: Body | None) -> list[Change]:
    found = [(ROLE_BINDING, bound), (ROLE, held)]  # without its binding nobody has the role any more
    people = _people(subjects_of(bound)) if bound is not None else "nobody"
    return [Change("drop", kind, body, f"{role} is still shared with {people}") for kind, body in found if body]


def _role_changes(role: Role, wanted: Body, held: Body | None) -> list[Change]:
    name = wanted["metadata"]["name"]
    if held is None:
        return [Change("make", ROLE, wanted, f"Role {name} of those who have {role} is gone")]
    if held.get("rules") == wanted["rules"]:
        return []
    said = f"Role {name} grants something else than {role} means"
    workload = str(wanted["metadata"]["labels"][labels.WORKLOAD])
    same = _timeless(held.get("rules") or [], workload) == _timeless(wanted["rules"], workload)
    return [Change("alter", ROLE, held, said, wanted, renews=same)]


def _timeless(rules: Sequence[Body], workload: str) -> list[Body]:
    """Rules without the names of single revisions."""
    revision = re.compile(rf"(revision-)?{re.escape(workload)}-r[0-9]+(-.*)?")
    return [
        each | {"resourceNames": [name for name in each["resourceNames"] if not revision.fullmatch(str(name))]}
        if each.get("resourceNames")
        else each
        for each in rules
    ]


def _binding_changes(role: Role, wanted: Body, bound: Body | None) -> list[Change]:
    name = wanted["metadata"]["name"]
    if bound is None:
        people = _people(subjects_of(wanted))
        return [Change("make", ROLE_BINDING, wanted, f"{role} is not shared with {people}: RoleBinding {name} is gone")]
    if bound["roleRef"] != wanted["roleRef"]:  # which nobody can change
        said = f"RoleBinding {name} gives another role than {role}"
        return [Change("drop", ROLE_BINDING, bound, said), Change("make", ROLE_BINDING, wanted, said)]
    have, want = subjects_of(bound), subjects_of(wanted)
    if have == want:
        return []
    parts = [f"is shared with {_people(have - want)}, whom nobody wants"] if have - want else []
    parts += [f"is not shared with {_people(want - have)}"] if want - have else []
    return [Change("alter", ROLE_BINDING, bound, f"{role} {' and '.join(parts)}", wanted)]


def _people(subjects: Collection[tuple[str, str, str]]) -> str:
    names = sorted(map(who, subjects))
    more = [f"{len(names) - 3} more"] if len(names) > 3 else []
    return ", ".join([*names[:3], *more]) or "nobody"


def amiss(fleet: Fleet) -> tuple[str, ...]:
    """One half-sentence for each thing that is not in order; nothing where nobody has looked."""
    if fleet.sharing is None:
        return ()
    shared = shared_in(annotation(fleet.anchor, labels.SHARED))
    changes = outstanding(fleet.anchor, fleet.sharing, shared, named_of(fleet))
    return tuple(dict.fromkeys(each.said for each in changes if not each.renews))


def role_of(change: Change) -> Role:
    """Whose Role or RoleBinding is changed."""
    name = str(change.body["metadata"]["name"])
    return next(role for role in ROLES if name.endswith(f"-{role.lower()}"))


def may_not(namespace: str, *, lacks: str = "", escalates: bool = False) -> tuple[str, str]:
    """Why somebody cannot share, and what to do about it; ``lacks`` are the rights that are missing, where known."""
    which = f" ({lacks})" if lacks else ""
    if escalates:
        why = "Kubernetes lets nobody grant rights that they do not hold themselves, and this identity lacks some of"
        whom = f"somebody share it who has the built-in role `admin` in namespace {namespace}"
        return f"{why} those that the role means{which}", f"Let {whom}, or every right of that role"
    cure = f"Grant it {', '.join(VERBS[:-1])} and {VERBS[-1]} on roles and rolebindings in namespace {namespace}"
    return (
        f"this identity may not touch Roles and RoleBindings of the namespace{which}",
        f"{cure} (the built-in role `admin` has these)",
    )


def respec(change: Change) -> list[Body]:
    """The JSON patch of an alteration; it does nothing if the object is not the very same."""
    key = "rules" if change.kind is ROLE else "subjects"
    wanted = change.wanted or {}
    same = {"op": "test", "path": "/metadata/uid", "value": change.body["metadata"]["uid"]}
    return [same, {"op": "add", "path": f"/{key}", "value": wanted[key]}]
