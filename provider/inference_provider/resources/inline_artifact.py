"""An artifact written inside a Workload: kept like any other, found and removed with its Workload."""

from collections.abc import Mapping

from inference_provider.converge import artifact as contents
from inference_provider.converge.artifact import Version
from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.content import content_hash, content_of, spec_of
from inference_provider.domain.names import artifact_content_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.workload import InlineArtifact, WorkloadInputs
from inference_provider.errors import Fault, InferenceError, InputError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.artifact import content_of_map
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.resources.artifact import image_strings, pin
from inference_provider.resources.changes import shown
from inference_provider.resources.numbering import tell_of_number
from inference_provider.resources.world import Properties, World


async def keep_inline(world: World, model: WorkloadInputs, *, existing: bool) -> VersionId:
    """Make the version that a Workload's inline artifact describes. Raises InputError, NameTaken.

    An ``existing`` Workload knows its artifact by itself: its URN may have changed by an alias.
    """
    inline = model.artifact
    if inline is None:
        raise InputError([Fault("artifactId", "give `artifactId` (the `versionId` of an Artifact) or `artifact`")])
    namespace, name = model.namespace or world.namespace, inline.name or model.name
    artifact = _as_artifact(inline, name, namespace)
    cluster = await world.connect()
    known = await contents.current_images(cluster, namespace, name)  # a tag that moved never rolls unasked
    images, warnings = await pin(world, artifact, known=known)
    for warning in warnings:
        world.report.warn(warning)
    content = content_of(artifact.type, artifact.spec, images=images)
    notes = {labels.URN: world.urn, labels.STACK: world.facts.get("stack", ""), labels.INLINE_OF: model.name}
    head = await _own_head(cluster, namespace, name, workload=model.name) if existing else None
    head = None if head is None or is_condemned(head) else head  # one that is going cannot be kept
    head = head or await contents.claim_head(cluster, namespace, name, notes=notes, report=world.report)
    version = Version(
        namespace,
        name,
        content,
        content_hash(content),
        images,
        kind=artifact.type,
        status=artifact.status,
        description=artifact.description,
    )
    # Under another Workload's name (its own old one, say) the artifact is this Workload's from now on.
    pointed = await contents.keep(cluster, head, version, notes=notes, report=world.report)
    await tell_of_number(world, cluster, pointed, version)
    return VersionId(namespace, name, version.content_hash)


def _as_artifact(inline: InlineArtifact, name: str, namespace: str) -> ArtifactInputs:
    body = inline.model_dump(by_alias=True, exclude={"name"}) | {"name": name, "namespace": namespace}
    return ArtifactInputs.model_validate(body)


async def known_content(cluster: Cluster, model: WorkloadInputs, namespace: str) -> Body | None:
    """The content that an inline artifact describes, without asking a registry; None when one has to be asked."""
    if model.artifact is None:
        return None
    name = model.artifact.name or model.name
    artifact = _as_artifact(model.artifact, name, namespace)
    known = await contents.current_images(cluster, namespace, name)
    if any(image not in known for image in image_strings(artifact.spec)):
        return None
    return content_of(artifact.type, artifact.spec, images=known)


async def visible_inline(cluster: Cluster, properties: Properties, serving: str | None) -> Properties:
    """`artifact` as the cluster shows it, where another version serves than the stack knows of; else nothing.

    Without it a refresh would make the stack know that version, and the program's own would never come about.
    """
    inline, known = properties.get("artifact"), properties.get("activeArtifactId")
    if not isinstance(inline, Mapping) or not known or serving is None or serving == known:
        return {}
    version = VersionId.parse(serving)
    name = artifact_content_name(version.name, version.content)
    held = await cluster.find(CONFIG_MAP, version.namespace, name)
    return {"artifact": {**inline, "spec": shown(spec_of(content_of_map(held))) if held is not None else None}}


async def remove_inline(world: World, namespace: str, name: str, *, workload: str) -> None:
    """Remove one artifact that was written inside a Workload, once nothing uses it; another's stays."""
    cluster = await world.connect()
    if await _own_head(cluster, namespace, name, workload=workload) is not None:
        await contents.remove(cluster, namespace, name, incarnation=None, seconds=60.0, report=world.report)


async def remove_all_inline(world: World, namespace: str, workload: str) -> None:
    """Remove every artifact that was ever written inside a Workload that is gone."""
    cluster = await world.connect()
    if await look(cluster, namespace, workload) is not None:
        return  # it was made anew since: its artifacts are its own
    for name in await contents.names_inside(cluster, namespace, workload):
        await remove_inline(world, namespace, name, workload=workload)


async def tidy_inline(world: World, namespace: str, workload: str, *, wanted: str) -> None:
    """Remove the artifacts of a Workload that it does not name any more, where no version uses them.

    The others go at a later update or with the Workload. What cannot be removed is a warning: the roll has succeeded.
    """
    cluster = await world.connect()
    try:
        for name in await contents.names_inside(cluster, namespace, workload):
            if name != wanted and not await contents.users(cluster, namespace, name):
                await contents.remove(cluster, namespace, name, incarnation=None, seconds=60.0, report=world.report)
    except InferenceError as error:
        world.report.warn(f"an artifact that Workload {namespace}/{workload} used before stays: {error.message}")


async def _own_head(cluster: Cluster, namespace: str, name: str, *, workload: str) -> Body | None:
    """The head of a Workload's inline artifact, if it is there and that Workload's."""
    head = await contents.find_head(cluster, namespace, name)
    return head if head is not None and annotation(head, labels.INLINE_OF) == workload else None
