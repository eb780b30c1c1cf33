"""What belongs to a Workload: its protons, the versions that they run, and the Artifacts of these?"""

import asyncio
from typing import Annotated

from pydantic import Field

from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import artifact_content_name, artifact_head_name
from inference_provider.domain.reference import VersionId
from inference_provider.functions.asked import OfWorkload
from inference_provider.functions.function import Answer, Function
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources.status import Version, examined
from inference_provider.resources.world import Properties, World, resource_id


class GetRelatedInputs(OfWorkload):
    """To which Workload."""


class RelatedItem(Answer):
    """One thing that belongs to a Workload."""

    type: Annotated[str, Field(description="proton, artifact (one version) or artifact_repository (an Artifact).")]
    id: Annotated[
        str,
        Field(
            description="`models/chat-r7` of a proton, `models/llama@0123456789ab` of a version, else `models/llama`."
        ),
    ]
    name: Annotated[str, Field(description="Its name; of a version, that of its Artifact.")]
    role: Annotated[str | None, Field(description="What a proton is to its Workload; null for the others.")]
    created_at: Annotated[str | None, Field(description="When it was made (RFC 3339); null where it is gone.")]


class RelatedAnswer(Answer):
    """What belongs to a Workload."""

    count: Annotated[int, Field(description="How many there are.")]
    related: Annotated[list[RelatedItem], Field(description="Protons, then versions, then Artifacts.")]


async def ask(world: World, asked: GetRelatedInputs) -> RelatedAnswer:
    """All of it. Raises NotFound with the names that there are instead."""
    _, seen = await examined(world, asked.place(world), asked.name)
    cluster = await world.connect()
    protons = [_proton(each, seen.namespace, seen.name) for each in seen.versions]
    named = dict.fromkeys(each.artifact_id for each in seen.versions)
    versions = [VersionId.parse(each) for each in named if "@" in each]  # what somebody has edited away is unknown
    heads = list(dict.fromkeys((each.namespace, each.name) for each in versions))
    contents = await asyncio.gather(*(_version(cluster, each) for each in versions))
    artifacts = await asyncio.gather(*(_artifact(cluster, *each) for each in heads))
    found = [*protons, *contents, *artifacts]
    return RelatedAnswer.model_validate({"count": len(found), "related": found})


def _proton(version: Version, namespace: str, workload: str) -> Properties:
    name = f"{workload}-{version.revision}"
    made = version.created_at
    return {"type": "proton", "id": resource_id(namespace, name), "name": name, "role": version.role, "createdAt": made}


async def _version(cluster: Cluster, version: VersionId) -> Properties:
    held = await cluster.find(CONFIG_MAP, version.namespace, artifact_content_name(version.name, version.content))
    return {"type": "artifact", "id": str(version), "name": version.name, "role": None, "createdAt": _made(held)}


async def _artifact(cluster: Cluster, namespace: str, name: str) -> Properties:
    head = await cluster.find(CONFIG_MAP, namespace, artifact_head_name(name))
    said = {"type": "artifact_repository", "id": resource_id(namespace, name), "name": name, "role": None}
    return {**said, "createdAt": _made(head)}


def _made(body: Body | None) -> str | None:
    """As we wrote it, else as the API server did."""
    if body is None:
        return None
    return annotation(body, labels.CREATED_AT) or body["metadata"].get("creationTimestamp")


GET_RELATED = Function(
    name="getRelated",
    description="What belongs to a Workload: its protons, the versions that they run, and the Artifacts of these?",
    arguments=GetRelatedInputs,
    answer=RelatedAnswer,
    ask=ask,
)
