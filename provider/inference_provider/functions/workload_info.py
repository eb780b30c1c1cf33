"""What is said of a Workload by everybody who names one: what it is called, what serves, and which Artifact that is?"""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.names import artifact_head_name
from inference_provider.domain.reference import VersionId
from inference_provider.functions.function import Answer
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.artifact import is_head, number_of
from inference_provider.manifests.kinds import Body
from inference_provider.resources.outputs import ServingOutputs
from inference_provider.resources.workload_outputs import observed
from inference_provider.resources.world import Properties, resource_id
from inference_provider.rollout.fleet import Fleet


class ArtifactInfo(Answer):
    """The version that serves, and the Artifact that it is one of."""

    id: Annotated[str, Field(description="The version, as in `models/llama@0123456789ab`.")]
    artifact_repository_id: Annotated[str, Field(description="The id of its Artifact, as in `models/llama`.")]
    name: Annotated[str, Field(description="The Artifact's name.")]
    status: Annotated[str, Field(description="draft, or locked: a version with a number.")]
    type: Annotated[str, Field(description="service or nim; service where the Artifact is gone.")]
    version: Annotated[int | None, Field(description="The version's number, once locked.")]


class WorkloadInfo(ServingOutputs):
    """One Workload: the outputs that its resource has, and beside them what its program says of it."""

    id: Annotated[str, Field(description="`namespace/name`; takes over the Workload with `pulumi import`.")]
    namespace: Annotated[str, Field(description="The namespace that it lives in.")]
    name: Annotated[str, Field(description="Its name in the cluster.")]
    display_name: Annotated[str | None, Field(description="Its name for people.")]
    description: Annotated[str | None, Field(description="What it is for.")]
    importance: Annotated[str, Field(description="critical, high, moderate or low.")]
    environment: Annotated[str | None, Field(description="As its program says, such as production.")]
    tags: Annotated[dict[str, str], Field(description="Its tags, keys as written.")]
    running: Annotated[bool, Field(description="False while it is stopped.")]
    wanted_replicas: Annotated[int, Field(description="Pods over all groups that the active version should have.")]
    artifact: Annotated[ArtifactInfo | None, Field(description="What serves; null before the first version does.")]


def info_of(fleet: Fleet, heads: Mapping[tuple[str, str], Body]) -> Properties:
    """What ``WorkloadInfo`` says, in camelCase. ``heads`` are Artifacts by namespace and name."""
    anchor, active = fleet.anchor, fleet.active
    namespace, name = str(anchor["metadata"]["namespace"]), str(anchor["metadata"]["name"])
    serving = observed(fleet)
    version = serving["activeArtifactId"]
    return {
        **serving,
        "id": resource_id(namespace, name),
        "namespace": namespace,
        "name": name,
        "displayName": annotation(anchor, labels.DISPLAY_NAME),
        "description": annotation(anchor, labels.DESCRIPTION),
        "importance": annotation(anchor, labels.IMPORTANCE) or "low",
        "environment": annotation(anchor, labels.ENVIRONMENT),
        "tags": _tags(anchor),
        "running": stopped_counts(anchor) is None,
        "wantedReplicas": sum(active.strength().values()) if active else 0,
        "artifact": _artifact(VersionId.parse(version), heads) if isinstance(version, str) else None,
    }


def heads_by_place(bodies: list[Body]) -> dict[tuple[str, str], Body]:
    """Artifacts' heads by namespace and name."""
    return {
        (str(each["metadata"].get("namespace")), name): each
        for each in bodies
        if is_head(each, name := label(each, labels.ARTIFACT) or "")
    }


def head_name(version: str) -> str:
    """The name of the ConfigMap that is the head of a version's Artifact."""
    return artifact_head_name(VersionId.parse(version).name)


def _artifact(version: VersionId, heads: Mapping[tuple[str, str], Body]) -> Properties:
    head = heads.get((version.namespace, version.name))
    number = number_of(head, version.content) if head is not None else None
    return {
        "id": str(version),
        "artifactRepositoryId": resource_id(version.namespace, version.name),
        "name": version.name,
        "status": "locked" if number is not None else "draft",
        "type": str((head.get("data") or {}).get("type") or "service") if head is not None else "service",
        "version": number,
    }


def _tags(anchor: Body) -> Properties:
    """Those on the Service; what somebody else wrote there is none."""
    try:
        found = json.loads(annotation(anchor, labels.TAGS) or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
