"""What a version is made of: the canonical content of an Artifact, and its hash.

The hash outlives releases of this provider: whatever already exists must keep it, or upgrading would roll every
Workload. So what is left out or empty never enters, and a new field must mean "as before" when it is left out.
"""

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from inference_provider.domain.artifact import ArtifactSpec, ArtifactType
from inference_provider.domain.canonical import digest12
from inference_provider.domain.container import DEFAULT_PROBE_PORT

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_BESIDE_THE_SPEC = ("type", "secretDigest")


def content_of(
    artifact_type: ArtifactType,
    spec: ArtifactSpec,
    *,
    images: Mapping[str, str],
    secret_digest: str | None = None,
) -> dict[str, object]:
    """The content: the spec with its defaults filled in, plus the type and the keyed digest of ``secretEnv``.

    ``images`` maps image strings as written to pinned references; one that is missing stays as written. Containers'
    descriptions are not part of it. The order of groups, containers and variables is kept: it can matter.
    """
    content = spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for group in content["containerGroups"]:
        group["containers"] = [_container(container, images) for container in group["containers"]]
    content["type"] = artifact_type
    content["secretDigest"] = secret_digest
    return _filled(content)


def content_hash(content: Mapping[str, object]) -> str:
    """The 12 hex digits that name this content: the last part of a ``versionId``."""
    return digest12(content)


def spec_of(content: Mapping[str, object]) -> ArtifactSpec:
    """The spec inside a stored content, with its images pinned and without descriptions."""
    return ArtifactSpec.model_validate({key: value for key, value in content.items() if key not in _BESIDE_THE_SPEC})


def _container(container: Mapping[str, object], images: Mapping[str, str]) -> dict[str, object]:
    result = {key: value for key, value in container.items() if key != "description"}
    image = str(container["image"])
    result["image"] = images.get(image, image)
    for name in _PROBES:
        probe = container.get(name)
        if isinstance(probe, Mapping):
            result[name] = {"port": container.get("port", DEFAULT_PROBE_PORT), **probe}
    return result


def _filled(value: Mapping[str, object]) -> dict[str, object]:
    """Without what is empty, at any depth (an empty text is a value and stays)."""
    cleaned = {key: _clean(item) for key, item in value.items()}
    return {key: item for key, item in cleaned.items() if not _empty(item)}


def _clean(value: object) -> object:
    if isinstance(value, Mapping):
        return _filled(value)
    return [_clean(item) for item in value] if _is_list(value) else value


def _empty(value: object) -> bool:
    return value is None or ((isinstance(value, Mapping) or _is_list(value)) and not value)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
