"""How annotations are read and changed: small patches, each testing that the object is the one we mean."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from inference_provider.manifests.kinds import Body

T = TypeVar("T")


def annotation(body: Body, key: str) -> str | None:
    """The value of an annotation, or None."""
    found: dict[str, str] = body["metadata"].get("annotations") or {}
    return found.get(key)


def noted(body: Body, key: str, made: Callable[..., T]) -> T | None:
    """What an annotation says as a JSON object of texts, ``made`` of them; None when there is none that can be read."""
    try:
        said = json.loads(annotation(body, key) or "null")
        return made(**said) if isinstance(said, dict) and all(isinstance(each, str) for each in said.values()) else None
    except (TypeError, ValueError):
        return None


def label(body: Body, key: str) -> str | None:
    """The value of a label, or None."""
    found: dict[str, str] = body["metadata"].get("labels") or {}
    return found.get(key)


def pointer(key: str) -> str:
    """The JSON pointer of an annotation (RFC 6901 escapes)."""
    return f"/metadata/annotations/{_escaped(key)}"


def label_pointer(key: str) -> str:
    """The JSON pointer of a label."""
    return f"/metadata/labels/{_escaped(key)}"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def change_operations(body: Body, wanted: Mapping[str, str | None]) -> list[Body]:
    """The JSON patch operations that bring annotations to ``wanted``; None removes. Nothing for what is so already."""
    present: dict[str, str] = body["metadata"].get("annotations") or {}
    operations: list[Body] = []
    if not present and any(value is not None for value in wanted.values()):
        operations.append({"op": "add", "path": "/metadata/annotations", "value": {}})
    for key, value in sorted(wanted.items()):
        if value is None and key in present:
            operations.append({"op": "remove", "path": pointer(key)})
        elif value is not None and present.get(key) != value:
            operations.append({"op": "add", "path": pointer(key), "value": value})
    return operations


def value_test(key: str, value: str) -> Body:
    """The JSON patch operation that lets a patch fail (Conflict) unless the annotation still has this value."""
    return {"op": "test", "path": pointer(key), "value": value}
