"""An Artifact in the cluster: a head that may change, contents that never do, and the Secrets beside them."""

import json
from collections.abc import Mapping

from inference_provider.domain.names import artifact_content_name, artifact_head_name
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import owner_reference


def artifact_labels(name: str) -> dict[str, str]:
    """The labels that everything of an Artifact carries. Not the Workload's: a mirror must not take it in."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/managed-by": labels.MANAGED_BY,
        "app.kubernetes.io/part-of": labels.MANAGED_BY,
        labels.ARTIFACT: name,
    }


def head(namespace: str, name: str, *, notes: Mapping[str, str], owner: Body | None = None) -> Body:
    """The head as it is created: no content yet. With ``owner`` (a Workload's Service) it lives and dies with it."""
    owners = {"ownerReferences": [owner_reference(owner)]} if owner else {}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": artifact_head_name(name),
            "namespace": namespace,
            "labels": artifact_labels(name) | {labels.PART: "artifact-head"},
            "annotations": dict(notes),
        }
        | owners,
        "data": {"current": "", "numbers": "{}", "description": "", "status": "draft", "type": "service"},
    }


def is_head(body: Body, name: str) -> bool:
    """Whether a ConfigMap is the head of this Artifact and ours."""
    found = body["metadata"].get("labels") or {}
    return bool(found.get(labels.ARTIFACT) == name and found.get(labels.PART) == "artifact-head")


def numbers_of(head_body: Body) -> dict[int, str]:
    """The numbers given so far: version number → content hash."""
    found: dict[str, str] = json.loads(head_body.get("data", {}).get("numbers") or "{}")
    return {int(number): content for number, content in found.items()}


def number_of(head_body: Body, content_hash: str) -> int | None:
    """The number of a content, or None while it was never locked."""
    return next((number for number, content in numbers_of(head_body).items() if content == content_hash), None)


def revised_head(
    observed: Body, *, current: str, description: str, kind: str, status: str, notes: Mapping[str, str]
) -> Body:
    """The head with another current content (a locked one gets the next number); for a compare-and-swap PUT."""
    numbers = numbers_of(observed)
    if status == "locked" and current not in numbers.values():
        last = int(observed.get("data", {}).get("last") or max(numbers, default=0))
        numbers[last + 1] = current
    data = dict(observed.get("data") or {}) | {
        "current": current,
        "description": description,
        "type": kind,
        "status": status,
        "numbers": json.dumps({str(number): content for number, content in sorted(numbers.items())}),
        "last": str(max([*numbers, int(observed.get("data", {}).get("last") or 0)])),
    }
    meta = observed["metadata"] | {"annotations": (observed["metadata"].get("annotations") or {}) | dict(notes)}
    return observed | {"metadata": meta, "data": data}


def content_map(head_body: Body, *, name: str, content_hash: str, content: Body, images: Mapping[str, str]) -> Body:
    """One immutable content, named after its hash: the same content is the same object."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _content_meta(head_body, name, content_hash) | {"name": artifact_content_name(name, content_hash)},
        "immutable": True,
        "data": {
            "content": json.dumps(content, sort_keys=True),
            "images": json.dumps(dict(images), sort_keys=True),
        },
    }


def content_secret(head_body: Body, *, name: str, content_hash: str, values: Mapping[str, str]) -> Body:
    """The secret environment of one content, immutable like the content itself."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": _content_meta(head_body, name, content_hash) | {"name": artifact_content_name(name, content_hash)},
        "immutable": True,
        "stringData": dict(values),
    }


def key_secret(head_body: Body, *, name: str, key: str) -> Body:
    """The key (base64 text) that turns an Artifact's secret values into a digest nobody can test guesses against."""
    meta = {
        "name": key_secret_name(name),
        "namespace": head_body["metadata"]["namespace"],
        "labels": artifact_labels(name) | {labels.PART: "artifact-key"},
        "ownerReferences": [owner_reference(head_body)],
    }
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": meta, "data": {"key": key}}


def key_secret_name(name: str) -> str:
    """The name of the Secret that holds an Artifact's digest key."""
    return f"{artifact_head_name(name)}-key"


def _content_meta(head_body: Body, name: str, content_hash: str) -> Body:
    return {
        "namespace": head_body["metadata"]["namespace"],
        "labels": artifact_labels(name) | {labels.CONTENT: content_hash, labels.PART: "artifact-content"},
        "ownerReferences": [owner_reference(head_body)],
    }


def content_of_map(body: Body) -> Body:
    """The content that a content ConfigMap holds."""
    found: Body = json.loads(body["data"]["content"])
    return found


def images_of_map(body: Body) -> dict[str, str]:
    """Image as written → image as pinned, for one content."""
    found: dict[str, str] = json.loads(body["data"].get("images") or "{}")
    return found


def is_locked(head_body: Body) -> bool:
    """Whether the head's current content is locked."""
    return bool(head_body.get("data", {}).get("status") == "locked")


def created_at(body: Body) -> str | None:
    """When the Artifact was made, as written on its head."""
    return annotation(body, labels.CREATED_AT)
