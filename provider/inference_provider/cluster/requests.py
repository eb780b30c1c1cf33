"""What is sent to the API server for each verb? Pure: nothing here opens a connection.

Paths and bodies follow the Kubernetes API concepts: server-side apply, JSON patch (RFC 6902), the scale and log
subresources, DeleteOptions with preconditions, and watches with bookmarks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from urllib.parse import quote

from inference_provider.manifests.kinds import Body, Kind

#: Who a change is ascribed to in managedFields when it does not come from an apply.
FIELD_MANAGER = "pulumi-inference"

SELF_REVIEW = Kind("SelfSubjectReview", "selfsubjectreviews", "authentication.k8s.io/v1", namespaced=False)

_VERSION = Kind("version", "versions", namespaced=False)

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Target:
    """The object a request is about, in the words that errors use; ``name`` is empty for a whole collection."""

    attempted: str
    kind: Kind
    namespace: str | None
    name: str


@dataclass(frozen=True)
class Request:
    """One HTTP request; ``guarded`` says that its JSON patch carries a ``test``."""

    method: str
    path: str
    target: Target
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Left out of repr: it may hold the data of a Secret.
    content: str | None = field(default=None, repr=False)
    guarded: bool = False
    #: Meant for the object as it was seen, and for no later version of it.
    versioned: bool = False

    @property
    def states_no_version(self) -> bool:
        """Whether nothing in it says which version of the object it is meant for, so that only the server can have
        been too slow when it answers with a conflict."""
        if self.versioned:
            return False
        return self.method == "POST" or self.headers.get("content-type") in (JSON_PATCH, MERGE_PATCH)


def path_of(kind: Kind, namespace: str | None, name: str = "", subresource: str = "") -> str:
    """The URL path of an object, a collection (no name), or a subresource; every part is quoted."""
    parts = ["api" if "/" not in kind.api_version else "apis", *kind.api_version.split("/")]
    if kind.namespaced and namespace is not None:
        parts += ["namespaces", namespace]
    parts += [part for part in (kind.plural, name, subresource) if part]
    return "/" + "/".join(quote(part, safe="") for part in parts)


def place_of(kind: Kind, body: Body) -> tuple[str | None, str]:
    """Namespace (None for cluster-wide kinds) and name that a body carries; KeyError when it does not."""
    metadata = body["metadata"]
    return (metadata["namespace"] if kind.namespaced else None), metadata["name"]


def get(kind: Kind, namespace: str | None, name: str) -> Request:
    """Read one object."""
    return Request("GET", path_of(kind, namespace, name), Target("read", kind, namespace, name))


def list_all(
    kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None, resume: str = ""
) -> Request:
    """Read one page of a collection; ``resume`` is the previous page's ``metadata.continue``."""
    params = {**_selectors(labels, fields), "limit": "1000"}
    if resume:
        params["continue"] = resume
    return Request("GET", path_of(kind, namespace), Target("list", kind, namespace, "*"), params)


def watch(kind: Kind, namespace: str | None, *, labels: str | None, version: str, seconds: int) -> Request:
    """Follow a collection from ``version`` on; the server ends the stream after ``seconds``."""
    params = {
        **_selectors(labels, None),
        "watch": "1",
        "resourceVersion": version,
        "allowWatchBookmarks": "true",
        "timeoutSeconds": str(seconds),
    }
    return Request("GET", path_of(kind, namespace), Target("watch", kind, namespace, "*"), params)


def create(kind: Kind, body: Body) -> Request:
    """POST. Unknown fields are refused instead of being dropped."""
    namespace, name = place_of(kind, body)
    params = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
    return Request(
        "POST", path_of(kind, namespace), Target("create", kind, namespace, name), params, _sends(), _typed(kind, body)
    )


def rehearse(kind: Kind, body: Body) -> Request:
    """POST as a dry run: everything is checked, nothing is stored."""
    made = create(kind, body)
    return replace_fields(made, params={**made.params, "dryRun": "All"})


def apply(kind: Kind, body: Body, *, manager: str) -> Request:
    """Server-side apply, forced: fields that other managers hold are taken over."""
    namespace, name = place_of(kind, body)
    return Request(
        "PATCH",
        path_of(kind, namespace, name),
        Target("apply", kind, namespace, name),
        {"fieldManager": manager, "force": "true", "fieldValidation": "Strict"},
        _sends(APPLY_PATCH),
        _typed(kind, body),
    )


def replace(kind: Kind, body: Body) -> Request:
    """PUT; the body's resourceVersion makes it a compare-and-swap."""
    namespace, name = place_of(kind, body)
    return Request(
        "PUT",
        path_of(kind, namespace, name),
        Target("replace", kind, namespace, name),
        {"fieldManager": FIELD_MANAGER},
        _sends(),
        _typed(kind, body),
    )


def patch(kind: Kind, namespace: str | None, name: str, operations: Sequence[Mapping[str, object]]) -> Request:
    """JSON patch: all operations or none."""
    return Request(
        "PATCH",
        path_of(kind, namespace, name),
        Target("patch", kind, namespace, name),
        {"fieldManager": FIELD_MANAGER},
        _sends(JSON_PATCH),
        json.dumps([dict(operation) for operation in operations]),
        guarded=any(operation.get("op") == "test" for operation in operations),
    )


def scale(
    kind: Kind, namespace: str | None, name: str, replicas: int, *, resource_version: str | None = None
) -> Request:
    """Set the replica count and touch nothing else; with a resourceVersion only of the object as it was seen."""
    seen = {"metadata": {"resourceVersion": resource_version}} if resource_version is not None else {}
    return Request(
        "PATCH",
        path_of(kind, namespace, name, "scale"),
        Target("scale", kind, namespace, name),
        {"fieldManager": FIELD_MANAGER},
        _sends(MERGE_PATCH),
        json.dumps(seen | {"spec": {"replicas": replicas}}),
        versioned=resource_version is not None,
    )


def delete(
    kind: Kind,
    namespace: str | None,
    name: str,
    *,
    uid: str | None = None,
    resource_version: str | None = None,
    foreground: bool = False,
) -> Request:
    """DELETE; with a uid or resourceVersion only the very object that was seen is deleted."""
    stated = {"uid": uid, "resourceVersion": resource_version}
    preconditions = {key: value for key, value in stated.items() if value is not None}
    options: Body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground" if foreground else "Background",
    }
    if preconditions:
        options["preconditions"] = preconditions
    target = Target("delete", kind, namespace, name)
    return Request("DELETE", path_of(kind, namespace, name), target, {}, _sends(), json.dumps(options))


def logs(kind: Kind, namespace: str, pod: str, *, container: str, previous: bool, lines: int) -> Request:
    """The last lines of one container; ``previous`` asks for the run before the last restart."""
    params = {"container": container, "tailLines": str(lines), "previous": "true" if previous else "false"}
    return Request("GET", path_of(kind, namespace, pod, "log"), Target("read the log of", kind, namespace, pod), params)


def whoami(context: str) -> Request:
    """Ask the API server who it takes us for; every authenticated identity may."""
    target = Target("log in to", Kind("cluster", "clusters", namespaced=False), None, context)
    return Request("POST", path_of(SELF_REVIEW, None), target, {}, _sends(), _typed(SELF_REVIEW, {}))


def version() -> Request:
    """Ask for the API server's own version; everybody may."""
    # With its slash, which is how the API server itself lists the path.
    return Request("GET", "/version/", Target("read", _VERSION, None, "of the API server"))


def _selectors(labels: str | None, fields: str | None) -> dict[str, str]:
    stated = {"labelSelector": labels, "fieldSelector": fields}
    return {key: value for key, value in stated.items() if value}


def _sends(content_type: str = "application/json") -> dict[str, str]:
    return {"content-type": content_type}


def _typed(kind: Kind, body: Body) -> str:
    return json.dumps({**body, "apiVersion": kind.api_version, "kind": kind.name})
