"""What an Artifact does on check, diff, create, read, update and delete."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from inference_provider.converge import artifact as contents
from inference_provider.converge.artifact import Version
from inference_provider.converge.ports import Cluster
from inference_provider.domain.artifact import ArtifactInputs, ArtifactSpec
from inference_provider.domain.content import content_hash, content_of
from inference_provider.domain.faults import parse_artifact
from inference_provider.domain.reference import VersionId
from inference_provider.domain.secret_digest import secret_digest
from inference_provider.errors import Fault, InferenceError, InputError, RegistryError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.artifact import number_of
from inference_provider.manifests.kinds import Body
from inference_provider.resources.changes import changed_paths, shown
from inference_provider.resources.numbering import tell_of_number
from inference_provider.resources.ours import artifact_is_theirs
from inference_provider.resources.world import (
    Checked,
    Difference,
    Properties,
    World,
    delete_seconds,
    place_of,
    resource_id,
    touches,
)

#: Inputs that check fills in; the program cannot set them.
COMPUTED = ("versionId", "images", "resourceUrn")
DELETE_SECONDS = 600.0
#: What decides ``versionId`` and ``images``: while any of it is unknown, so are they.
DECIDING = ("name", "namespace", "type", "status", "spec", "secretEnv", "pinImages")


@dataclass(frozen=True)
class Prepared:
    """A version whose images are resolved; ``content_hash`` is None while its secrets have no key yet."""

    version: Version | None
    images: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def parse(inputs: Properties) -> ArtifactInputs:
    """The model of an Artifact's inputs. Raises InputError."""
    return parse_artifact({key: value for key, value in inputs.items() if key not in COMPUTED})


async def check(world: World, olds: Properties, news: Properties, *, unknown: tuple[str, ...] = ()) -> Checked:
    """Validate, resolve images, and say which version this will be, if that can be known.

    ``unknown`` are paths that a preview does not know yet; they are missing in ``news``.
    """
    filled = {**news, "namespace": news.get("namespace") or world.namespace}
    try:
        model = parse(filled)
        images, warnings = await pin(world, model, known=_images(olds))
    except InputError as error:
        return Checked(filled, tuple(error.faults))
    for warning in warnings:
        world.report.warn(warning)
    if touches(unknown, DECIDING):
        return Checked(filled)
    key = await _known_key(world, model) if model.secret_env else ""
    named = {"images": images, "versionId": None if key is None else str(version_id(model, images, key))}
    return Checked(filled | {name: value for name, value in named.items() if value is not None})


def _images(olds: Properties) -> dict[str, str]:
    found = olds.get("images")
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


def version_id(model: ArtifactInputs, images: Mapping[str, str], key: str) -> VersionId:
    """The id of the version that these inputs make."""
    return VersionId(model.namespace or "default", model.name, content_hash(_content(model, images, key)))


def _content(model: ArtifactInputs, images: Mapping[str, str], key: str) -> Body:
    digest = secret_digest(key, model.secret_env) if model.secret_env else None
    return content_of(model.type, model.spec, images=images, secret_digest=digest)


async def _known_key(world: World, model: ArtifactInputs) -> str | None:
    cluster = await world.connect()
    return await contents.find_key(cluster, model.namespace or world.namespace, model.name)


def image_strings(spec: ArtifactSpec) -> list[str]:
    """Every image as written."""
    return [container.image for group in spec.container_groups for container in group.containers if container.image]


async def pin(world: World, model: ArtifactInputs, *, known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Each image pinned to a digest; what was resolved before stays as it was, a tag that was kept too.

    A kept tag is asked for again only when a digest is required. Raises InputError naming the container when that
    cannot be had; otherwise the tag stays, with a warning.
    """
    wanted = image_strings(model.spec)
    firm = model.pinning == "always"
    have = {image: known[image] for image in wanted if image in known and (not firm or "@sha256:" in known[image])}
    answers = await world.images.resolve_all([image for image in wanted if image not in have])
    failed = {image: answer for image, answer in answers.items() if isinstance(answer, RegistryError)}
    if failed and firm:
        raise InputError(_image_faults(model.spec, failed))
    warnings = [f"{error.message}; the draft keeps the tag {image}" for image, error in failed.items()]
    resolved = {image: str(answer) for image, answer in answers.items() if image not in failed}
    return have | resolved | {image: image for image in failed}, warnings


def _image_faults(spec: ArtifactSpec, failed: Mapping[str, RegistryError]) -> list[Fault]:
    return [
        Fault(f"spec.containerGroups[{g}].containers[{c}].image", error.message)
        for g, group in enumerate(spec.container_groups)
        for c, container in enumerate(group.containers)
        if container.image and (error := failed.get(container.image)) is not None
    ]


def diff(olds: Properties, news: Properties) -> Difference:
    """What differs. ``olds`` are the outputs of the last run, which repeat its inputs."""
    old, new = _shown(olds), _shown(news)
    replaces = tuple(key for key in ("name", "namespace") if old.get(key) != new.get(key))
    changed = changed_paths(old, new)
    if news.get("versionId") != olds.get("versionId") and (news.get("versionId") or not changed):
        changed.append("versionId")
    if olds.get("secretEnv") != news.get("secretEnv"):
        changed.append("secretEnv")
    return Difference(tuple(dict.fromkeys(changed)), replaces)


async def found(world: World, identifier: str, olds: Properties) -> tuple[str, ...]:
    """What the cluster says and the stack does not know; nothing when we cannot look.

    ``olds`` are the outputs of the last run that came to its end.
    """
    namespace, name = place_of(identifier)
    try:
        cluster = await world.connect()
        head = await contents.find_head(cluster, namespace, name)
        lacking = await _lacking(cluster, head, name, olds)
    except InferenceError:
        return ()
    gone = "is not in this cluster" if head is None else contents.going_head(head)
    if head is None or gone is not None:
        return (f"its ConfigMap {gone}, so it is made again",)
    if contents.missing_in(head) is not None:
        return ("somebody changed its ConfigMap",)
    version = str(VersionId(namespace, name, head["data"]["current"]))
    if olds.get("versionId") and version != olds["versionId"]:
        return (f"it points to {version}, and the stack knows of {olds['versionId']} only",)
    if lacking is not None:
        return (f"{lacking}, so it is made again",)
    if olds.get("incarnation") and annotation(head, labels.INCARNATION) != olds["incarnation"]:
        return ("it was made anew, and the stack does not know of that",)
    if world.urn and annotation(head, labels.URN) not in (None, world.urn):
        return ("it carries the URN that it had before it was renamed",)
    return ()


async def _lacking(cluster: Cluster, head: Body | None, name: str, olds: Properties) -> str | None:
    if head is None or contents.going_head(head) is not None or contents.missing_in(head) is not None:
        return None
    return await contents.lacking(cluster, head, name, secret=bool(olds.get("secretEnv")))


def _shown(properties: Properties) -> dict[str, object]:
    known = {field.alias or key for key, field in ArtifactInputs.model_fields.items()}
    given = {key: value for key, value in properties.items() if key in known and value is not None}
    try:
        return {key: value for key, value in shown(parse(given)).items() if key != "secretEnv"}
    except InputError:  # written by another release: compare it as it stands
        return given


async def create(world: World, inputs: Properties) -> tuple[str, Properties]:
    """Make the head and the first content. Raises NameTaken, RegistryError as InputError, ClusterErrors."""
    model = parse(inputs)
    cluster = await world.connect()
    namespace = model.namespace or world.namespace
    head = await contents.claim_head(cluster, namespace, model.name, notes=_notes(world), report=world.report)
    stamped = {**_notes(world), labels.INCARNATION: secrets.token_hex(8)}
    try:
        return resource_id(namespace, model.name), await _kept(world, inputs, model, head, notes=stamped)
    except InferenceError:
        await contents.unmake(cluster, head)
        raise


def _notes(world: World) -> dict[str, str]:
    return {labels.URN: world.urn, labels.STACK: world.facts.get("stack", "")}


async def _kept(
    world: World, inputs: Properties, model: ArtifactInputs, head: Body, *, notes: Mapping[str, str]
) -> Properties:
    cluster = await world.connect()
    namespace = head["metadata"]["namespace"]
    images, _ = await pin(world, model, known=_images(inputs))
    key = await contents.make_key(cluster, head, model.name, report=world.report) if model.secret_env else ""
    content = _content(model, images, key)
    version = Version(
        namespace,
        model.name,
        content,
        content_hash(content),
        images,
        kind=model.type,
        status=model.status,
        description=model.description,
        secret_values={name: value.get_secret_value() for name, value in model.secret_env.items()},
        retain=model.retain_versions,
    )
    pointed = await contents.keep(cluster, head, version, notes=notes, report=world.report)
    await tell_of_number(world, cluster, pointed, version)
    return outputs(inputs, pointed, version=VersionId(namespace, model.name, version.content_hash), images=images)


def outputs(inputs: Properties, head: Body, *, version: VersionId, images: Mapping[str, str]) -> Properties:
    """What the stack says of an Artifact: its inputs, and what was observed."""
    number = number_of(head, version.content)
    return {
        **inputs,
        "namespace": version.namespace,
        "status": head["data"]["status"],
        "description": head["data"]["description"],
        "versionId": str(version),
        "version": number,
        "images": dict(images),
        "createdAt": annotation(head, labels.CREATED_AT),
        "incarnation": annotation(head, labels.INCARNATION),
    }


async def read(world: World, identifier: str, properties: Properties) -> Properties | None:
    """The Artifact as it is; None only when it is definitely gone, or going and not to be kept."""
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    head = await contents.living_head(cluster, namespace, name)
    if head is None:
        return None
    if (missing := contents.missing_in(head)) is not None:
        raise InferenceError(
            f"could not read Artifact {namespace}/{name}: somebody took `{missing}` out of its ConfigMap. "
            "Change its description and run `pulumi up`: that writes it anew"
        )
    if (lacking := await _lacking(cluster, head, name, properties)) is not None:
        world.report.warn(f"Artifact {namespace}/{name}: {lacking}; the next `pulumi up` makes it again")
    current = VersionId(namespace, name, head["data"]["current"])
    return outputs(properties, head, version=current, images=_images(properties))


async def update(world: World, identifier: str, inputs: Properties) -> Properties:
    """Make the wanted content and point the head to it, made again where it is gone; restarts nothing by itself."""
    model = parse(inputs)
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    head = await contents.living_head(cluster, namespace, name)
    if head is None:
        numbers = "; its locked versions are numbered from 1 again" if model.status == "locked" else ""
        world.report.info(f"Artifact {namespace}/{name} was gone and is made again{numbers}")
        head = await contents.claim_head(cluster, namespace, name, notes=_notes(world), report=world.report)
    born = annotation(head, labels.INCARNATION) or secrets.token_hex(8)  # none: the run that made it was interrupted
    return await _kept(world, inputs, model, head, notes=_notes(world) | {labels.INCARNATION: born})


async def delete(world: World, identifier: str, properties: Properties) -> None:
    """Remove the Artifact once nobody uses it. Raises InUse naming its users when the time is over."""
    namespace, name = place_of(identifier)
    incarnation = properties.get("incarnation")
    if not incarnation and await artifact_is_theirs(world, identifier):
        return
    await contents.remove(
        await world.connect(),
        namespace,
        name,
        incarnation=str(incarnation) if incarnation else None,
        seconds=delete_seconds(properties, DELETE_SECONDS),
        report=world.report,
    )
