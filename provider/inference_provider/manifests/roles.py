"""The Role and RoleBinding of each role that a Workload is shared under, and the note of who it is shared with.

A Role names the Workload's objects one by one (``resourceNames``) wherever Kubernetes can: for every change, and for
calls. It cannot for ``list``, ``watch`` and ``create``, which hold in the whole namespace.
Revisions are objects of their own, so their names are given beforehand, tens at a time: numbers are never reused.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from inference_provider.domain.names import (
    is_single,
    proton_name,
    revision_record_name,
    shared_role_name,
    tombstone_name,
    warmup_name,
)
from inference_provider.domain.shared_roles import ROLES, Role, SharedRole
from inference_provider.manifests import labels
from inference_provider.manifests.grants import Grant, holds
from inference_provider.manifests.kinds import Body, Kind
from inference_provider.manifests.ownership import owner_reference

RBAC = "rbac.authorization.k8s.io"
PART = "shared-role"
_SUBJECTS = {"user": "User", "group": "Group", "serviceAccount": "ServiceAccount"}
_RECIPIENTS = {kind: recipient for recipient, kind in _SUBJECTS.items()}


@dataclass(frozen=True)
class Named:
    """What the objects of a Workload are called: its endpoint's port, its container groups, its revisions' numbers."""

    workload: str
    port: int
    groups: tuple[str, ...]
    revisions: tuple[int, ...]

    @property
    def protons(self) -> list[str]:
        """Their Services."""
        return [proton_name(self.workload, number) for number in self.revisions]

    @property
    def deployments(self) -> list[str]:
        """Those of every group, and the autoscalers, which are called the same."""
        if is_single(list(self.groups)):
            return self.protons
        return [f"{proton}-{group}" for proton in self.protons for group in self.groups] + self.protons

    @property
    def jobs(self) -> list[str]:
        """Tombstones and warm-ups."""
        named = (tombstone_name, warmup_name)
        return [name(self.workload, number) for number in self.revisions for name in named]

    @property
    def records(self) -> list[str]:
        """The history."""
        return [revision_record_name(self.workload, number) for number in self.revisions]

    @property
    def endpoint(self) -> list[str]:
        """Every way to write the endpoint in a path of the API server's Service proxy."""
        ports = ("http", str(self.port))
        plain = [self.workload, *(f"{self.workload}:{port}" for port in ports)]
        return [*plain, f"http:{self.workload}:", *(f"http:{self.workload}:{port}" for port in ports)]

    @property
    def sharing(self) -> list[str]:
        """The Roles themselves."""
        return [shared_role_name(self.workload, role) for role in ROLES]


def rules(role: Role, named: Named) -> list[Body]:
    """What a role may do, as RBAC has it."""
    match role:
        case "CONSUMER":
            return list(_calls(named))
        case "OBSERVER":
            return list(_looks())
        case "USER":
            return [*_looks(), *_calls(named)]
        case "EDITOR":
            return [*_looks(), *_calls(named), *_drives(named)]
        case "OWNER":
            return [*_looks(), *_calls(named), *_drives(named), *_changes(named)]


def _rule(group: str, resources: str, verbs: str, names: Sequence[str] = ()) -> Body:
    said: Body = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    return said | {"resourceNames": list(names)} if names else said


def _looks() -> Iterator[Body]:
    """Everything that the command line reads; Secrets are not among it."""
    yield _rule("", "services configmaps pods", "get list watch")
    yield _rule("", "pods/log", "get")
    yield _rule("", "events resourcequotas", "list")
    yield _rule("apps", "deployments", "get list watch")
    yield _rule("batch", "jobs", "get list watch")
    yield _rule("autoscaling", "horizontalpodautoscalers", "get list")
    yield _rule("policy", "poddisruptionbudgets", "get list")
    yield _rule("coordination.k8s.io", "leases", "get list")
    yield _rule("discovery.k8s.io", "endpointslices", "get list watch")


def _calls(named: Named) -> Iterator[Body]:
    """Requests by every method, through the API server."""
    yield _rule("", "services/proxy", "get create update patch delete", named.endpoint)


def _drives(named: Named) -> Iterator[Body]:
    """What promote, undo, cancel, resume, stop and start write.

    A Deployment is scaled, and nothing else: who may patch it decides what runs behind the endpoint. The stamp that
    every operation leaves there is left out then (``converge.begin``), as where admission rules refuse it.
    """
    yield _rule("", "services", "patch", [named.workload])
    yield _rule("", "services", "patch delete", named.protons)
    yield _rule("", "configmaps", "patch delete", named.records)
    yield _rule("apps", "deployments/scale", "patch", named.deployments)
    yield _rule("batch", "jobs", "patch delete", named.jobs)
    yield _rule("autoscaling", "horizontalpodautoscalers", "patch delete", named.deployments)
    yield _rule("coordination.k8s.io", "leases", "update", [named.workload])
    yield _rule("", "configmaps", "create")
    yield _rule("batch", "jobs", "create")
    yield _rule("autoscaling", "horizontalpodautoscalers", "create")


def _changes(named: Named) -> Iterator[Body]:
    """What `pulumi up` and `pulumi destroy` write besides; who may share it, may share no more than they hold."""
    yield _rule("", "services", "delete", [named.workload])
    yield _rule("", "services", "create")
    yield _rule("apps", "deployments", "create")
    yield _rule("apps", "deployments", "patch", named.deployments)
    yield _rule("policy", "poddisruptionbudgets", "create")
    yield _rule("coordination.k8s.io", "leases", "create")
    yield _rule(RBAC, "roles rolebindings", "get list create")
    yield _rule(RBAC, "roles rolebindings", "patch delete", named.sharing)


def role_body(role: Role, named: Named, anchor: Body) -> Body:
    """The Role; whoever deletes the Workload's Service takes it along."""
    return _meta("Role", role, named, anchor) | {"rules": rules(role, named)}


def roles_that_may(verb: str, kind: Kind, name: str, named: Named) -> list[Role]:
    """Who of those whom it is shared with may do one thing to one object of the Workload; all who may do more last."""
    wanted = Grant(verb, kind.group, kind.plural, (name,))
    return [role for role in reversed(ROLES) if holds(rules(role, named), wanted)]


def binding_body(role: Role, named: Named, anchor: Body, shared: Sequence[SharedRole]) -> Body:
    """The RoleBinding of all who have the role."""
    reference = {"apiGroup": RBAC, "kind": "Role", "name": shared_role_name(named.workload, role)}
    subjects = [_subject(each, anchor["metadata"]["namespace"]) for each in shared if each.role == role]
    return _meta("RoleBinding", role, named, anchor) | {"roleRef": reference, "subjects": subjects}


def _meta(kind: str, role: Role, named: Named, anchor: Body) -> Body:
    metadata = {
        "name": shared_role_name(named.workload, role),
        "namespace": anchor["metadata"]["namespace"],
        "labels": labels.identity(named.workload) | {labels.PART: PART},
        "ownerReferences": [owner_reference(anchor)],
    }
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata}


def _subject(shared: SharedRole, namespace: str) -> Body:
    kind = _SUBJECTS[shared.share_recipient_type]
    if kind == "ServiceAccount":
        return {"kind": kind, "name": shared.name, "namespace": shared.namespace or namespace}
    return {"kind": kind, "apiGroup": RBAC, "name": shared.name}


def subjects_of(binding: Body) -> set[tuple[str, str, str]]:
    """Kind, namespace and name of everybody whom a RoleBinding binds."""
    found = binding.get("subjects") or []
    return {(str(each["kind"]), str(each.get("namespace") or ""), str(each["name"])) for each in found}


def who(subject: tuple[str, str, str]) -> str:
    """One of these for people: ``group ml``, ``service account ci/deploy``."""
    kind, namespace, name = subject
    return f"service account {namespace}/{name}" if kind == "ServiceAccount" else f"{kind.lower()} {name}"


def noted(shared: Sequence[SharedRole], namespace: str) -> str | None:
    """Who a Workload is shared with, as an annotation of its Service; None when with nobody."""
    return json.dumps(as_written(shared, namespace)) if shared else None


def as_written(shared: Sequence[SharedRole], namespace: str) -> list[dict[str, str]]:
    """Shared roles as a program would write them, in one order and one spelling."""
    return sorted(
        (_said(each.role, each.share_recipient_type, each.namespace, each.name, namespace) for each in shared),
        key=_order,
    )


def _said(role: str, recipient: str, place: str | None, name: str, namespace: str) -> dict[str, str]:
    said = {"role": role, "shareRecipientType": recipient, "name": name}
    return said | ({"namespace": place} if place and place != namespace else {})


def _order(written: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(written.get(key, "") for key in ("role", "shareRecipientType", "namespace", "name"))


def shared_in(note: str | None) -> tuple[SharedRole, ...]:
    """What the annotation says; nobody where there is none, or where somebody has made it unreadable."""
    try:
        return tuple(SharedRole.model_validate(each) for each in json.loads(note or "[]"))
    except (ValueError, TypeError, ValidationError):
        return ()


def shown_as(bindings: Sequence[Body], namespace: str) -> list[dict[str, str]]:
    """RoleBindings of ours in the same spelling. Kinds that nobody knows are left out."""
    found = []
    for binding in bindings:
        role = str(binding["metadata"]["name"]).rpartition("-")[2].upper()
        known = [each for each in subjects_of(binding) if each[0] in _RECIPIENTS]
        found += [_said(role, _RECIPIENTS[kind], place, name, namespace) for kind, place, name in known]
    return sorted(found, key=_order)
