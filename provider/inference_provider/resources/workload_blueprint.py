"""From a Workload's inputs and its artifact's content to everything that is wanted in the cluster."""

import json
from collections.abc import Mapping
from functools import lru_cache

from inference_provider.converge import artifact as contents
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.wanted import Wanted
from inference_provider.domain.content import spec_of
from inference_provider.domain.names import artifact_content_name, check_deployment_names
from inference_provider.domain.reference import VersionId
from inference_provider.domain.rolling import check_runtime, template_hash
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, Forbidden, InferenceError, InputError
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.artifact import content_of_map, images_of_map, number_of
from inference_provider.manifests.autoscaler import noted
from inference_provider.manifests.choices import choices_of
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import CONFIG_MAP, PRIORITY_CLASS, Body
from inference_provider.manifests.policy import workload_notes
from inference_provider.manifests.priority import priority_class, priority_class_name
from inference_provider.manifests.proton import Blueprint
from inference_provider.resources.changes import shown
from inference_provider.resources.oversight import Overseen
from inference_provider.resources.policies_in_force import asking
from inference_provider.resources.world import World


async def wanted_of(world: World, model: WorkloadInputs, version: VersionId, *, given: Runtime | None = None) -> Wanted:
    """All that is wanted; ``given`` is what containers are given, where that is not for the program to say.

    Raises InputError when the artifact's version is unknown or the runtime does not fit it."""
    cluster = await world.connect()
    held = await _content(cluster, version)
    content = readable(held, version)
    _check(content, model)
    head = await contents.known_head(cluster, version.namespace, version.name)
    number = number_of(head, version.content) if head else None
    spec, given = spec_of(content), given or model.runtime
    blueprint = Blueprint(
        workload=model.name,
        namespace=model.namespace or world.namespace,
        artifact=version.name,
        content_hash=version.content,
        content=content,
        template=template_hash(content, given),
        hardware={group: hardware_of(given.group(group)) for group in spec.group_names},
        secret=artifact_content_name(version.name, version.content) if content.get("secretDigest") else None,
        priority=await _priority(cluster, model.importance, world.report),
        drain_seconds=int(model.replacement.drain_seconds),
        version=f"v{number}" if number else version.content,
    )
    counts = {group: model.runtime.replicas(group) for group in spec.group_names}
    facts = await _facts(world, cluster, model, version, held)
    kind = str(content.get("type"))
    among = choices_of(blueprint, model.runtime)
    return Wanted(
        among[0] if among else blueprint,
        _face(world, model, kind),
        counts,
        model.replacement,
        facts,
        running=model.running,
        shared=model.shared_roles,
        choices=among,
        gateway=model.service.gateway,
        oversight=Overseen(world, asking(model, blueprint.namespace, kind)),
    )


async def _content(cluster: Cluster, version: VersionId) -> Body:
    name = artifact_content_name(version.name, version.content)
    held = await cluster.known(CONFIG_MAP, version.namespace, name)
    if held is None:
        reason = (
            f"there is no version {version} (ConfigMap {version.namespace}/{name} is not there); "
            "pass the `version_id` of an Artifact that exists in this cluster"
        )
        raise InputError([Fault("artifactId", reason)])
    return held


def readable(held: Body, version: VersionId) -> Body:
    """The content that a ConfigMap holds. Raises InferenceError when this release cannot read it."""
    if not _is_content(str((held.get("data") or {}).get("content"))):
        meta = held["metadata"]
        raise InferenceError(
            f"could not read version {version} from ConfigMap {meta['namespace']}/{meta['name']}: a newer release of "
            "pulumi-inference made it, or somebody changed it. Install that release, or make the version anew"
        )
    return content_of_map(held)


@lru_cache(maxsize=256)
def _is_content(text: str) -> bool:
    """Whether this release can read it. A thousand Workloads may run the same version."""
    try:
        spec_of(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


def _check(content: Body, model: WorkloadInputs) -> None:
    faults = check_runtime(content, model.runtime)
    names = check_deployment_names(model.name, spec_of(content).group_names)
    faults += [Fault("name", reason) for _, reason in names]
    if faults:
        raise InputError(faults)


async def _priority(cluster: Cluster, importance: str, report: Reporter) -> str | None:
    """The PriorityClass of the importance, made if need be; None, with a line, when we may not touch such classes."""
    name = priority_class_name(importance)
    try:
        if await cluster.known(PRIORITY_CLASS, None, name) is None:
            await cluster.create(PRIORITY_CLASS, priority_class(importance))
    except Forbidden:
        report.info(f"no right to use PriorityClass {name}: importance {importance} is noted, but does not schedule")
        return None
    except InferenceError:
        return name if await cluster.find(PRIORITY_CLASS, None, name) is not None else None
    return name


async def _facts(
    world: World, cluster: Cluster, model: WorkloadInputs, version: VersionId, held: Body
) -> Mapping[str, object]:
    """What the record of a replacement keeps: enough to make the very same version again, and who asked for it."""
    return {
        **world.facts,
        "actor": await cluster.whoami(),
        "artifactId": str(version),
        "content": held["data"]["content"],
        "images": images_of_map(held),
        "runtime": shown(model.runtime),
        "replacement": shown(model.replacement),
        "urn": world.urn or None,
    }


def _face(world: World, model: WorkloadInputs, artifact_type: str) -> Face:
    named = [each.place(model.namespace or world.namespace) for each in model.policies]
    notes: dict[str, str | None] = {
        **workload_notes(named, artifact_type),
        labels.DISPLAY_NAME: model.display_name or None,
        labels.DESCRIPTION: model.description or None,
        labels.IMPORTANCE: model.importance,
        labels.ENVIRONMENT: model.environment,
        labels.TAGS: json.dumps(model.tags, sort_keys=True) if model.tags else None,
        labels.AUTOSCALING: noted(model.runtime.scalings),
        labels.DRIVER: model.replacement.driver,
        labels.URN: world.urn or None,
        labels.STACK: world.facts.get("stack"),
    }
    return Face(
        port=model.service.port,
        service_type=model.service.type,
        service_annotations=model.service.annotations,
        notes=notes,
    )
