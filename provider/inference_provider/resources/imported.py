"""What would a program have to say to get what is there? For `pulumi import`, and for reading by id alone.

What nobody recorded (how many versions an Artifact keeps, time-outs) is left at its default; what a program says of it
afterwards is a change in place.
"""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from inference_provider.converge import artifact as contents
from inference_provider.converge import policy as rule
from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.container import DEFAULT_PROBE_PORT
from inference_provider.domain.content import spec_of
from inference_provider.domain.names import artifact_content_name, revision_record_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.artifact import content_of_map, images_of_map
from inference_provider.manifests.gateway import as_written, route_of
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.manifests.policy import policy_of
from inference_provider.resources.given_resources import recorded_runtime
from inference_provider.resources.policies_in_force import references
from inference_provider.resources.sharing import visible_sharing
from inference_provider.resources.workload_outputs import version_of, visible_inputs
from inference_provider.resources.world import Properties, World, place_of
from inference_provider.rollout.fleet import Fleet


async def artifact_inputs(world: World, identifier: str) -> Properties | None:
    """Those of an Artifact, from its head and its current content; None when there is none of that id."""
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    head = await contents.living_head(cluster, namespace, name)
    if head is None:
        return None
    version = VersionId(namespace, name, head["data"]["current"])
    held = await cluster.find(CONFIG_MAP, namespace, artifact_content_name(name, version.content))
    if held is None:
        raise InferenceError(
            f"could not read what Artifact {identifier} runs: ConfigMap "
            f"{namespace}/{artifact_content_name(name, version.content)} is not there"
        )
    content = content_of_map(held)
    if content.get("secretDigest"):
        raise InferenceError(
            f"Artifact {identifier} has a secret environment, which nobody can read back: declare it in a program, "
            "with `secretEnv`, instead of importing it"
        )
    images = images_of_map(held)
    said = {
        "name": name,
        "namespace": namespace,
        "spec": _as_written(_brief(spec_of(content)), images),
        "type": head["data"]["type"],
        "status": head["data"]["status"],
        "description": head["data"]["description"],
    }
    return {**said, "images": images, "versionId": str(version)}


def _as_written(spec: Properties, images: Mapping[str, str]) -> Properties:
    """The spec with the images that were written, in place of what they were pinned to, and without implied ports."""
    written = {pinned: image for image, pinned in images.items()}
    groups = [
        {**group, "containers": [_container(container, written) for container in group["containers"]]}
        for group in _objects(spec["containerGroups"])
    ]
    return {**spec, "containerGroups": groups}


def _container(container: Body, written: Mapping[str, str]) -> Properties:
    said = {key: _probe(item, container) if key.endswith("Probe") else item for key, item in container.items()}
    return {**said, "image": written.get(container["image"], container["image"])}


def _probe(probe: Body, container: Body) -> Properties:
    """Content names every probe's port; a program leaves out that of its container."""
    implied = container.get("port", DEFAULT_PROBE_PORT)
    return {key: item for key, item in probe.items() if (key, item) != ("port", implied)}


def _objects(value: object) -> list[Body]:
    return [dict(item) for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


async def workload_inputs(world: World, identifier: str) -> Properties | None:
    """Those of a Workload, from its Service and the record of what serves; None when there is none of that id."""
    cluster = await world.connect()
    fleet = await look(cluster, *place_of(identifier))
    if fleet is None:
        return None
    if fleet.active is None:
        raise InferenceError(
            f"Workload {identifier} has never served, so nothing says what it should run. Let the run that makes it "
            "come to its end, and import it then"
        )
    anchor = fleet.anchor
    runtime = await recorded_runtime(cluster, fleet)
    noted = {
        "displayName": annotation(anchor, labels.DISPLAY_NAME),
        "description": annotation(anchor, labels.DESCRIPTION),
        "importance": annotation(anchor, labels.IMPORTANCE),
        "environment": annotation(anchor, labels.ENVIRONMENT),
        "tags": json.loads(annotation(anchor, labels.TAGS) or "null"),
        "policies": references(anchor) or None,
        "runtime": _brief(runtime) if runtime else None,
        "replacement": _brief(await _settings(cluster, fleet)) or None,
        "service": _service(anchor),
        "running": stopped_counts(anchor) is None,
    }
    namespace, name = place_of(identifier)
    inputs: Properties = {"name": name, "namespace": namespace, "artifactId": version_of(fleet.active)}
    noted |= await visible_sharing(cluster, fleet, {})
    return visible_inputs(fleet, {**inputs, **{key: value for key, value in noted.items() if value is not None}})


def _service(anchor: Body) -> Properties:
    kept = json.loads(annotation(anchor, labels.SERVICE_ANNOTATIONS) or "[]")
    own = {key: value for key, value in (anchor["metadata"].get("annotations") or {}).items() if key in kept}
    said: Properties = {"port": int(anchor["spec"]["ports"][0]["port"]), "type": anchor["spec"].get("type")}
    route = route_of(anchor)
    said |= {"gateway": as_written(route)} if route is not None else {}
    return {**said, "annotations": own} if own else said


async def _settings(cluster: Cluster, fleet: Fleet) -> ReplacementSettings:
    """As the record of what serves has them; the defaults where that is not there, or of another release."""
    meta, active = fleet.anchor["metadata"], fleet.active
    number = active.revision if active is not None else 0
    found = await cluster.find(CONFIG_MAP, meta["namespace"], revision_record_name(meta["name"], number))
    driver = {"driver": annotation(fleet.anchor, labels.DRIVER) or "artifact"}
    try:
        said = json.loads(found["data"]["replacement"]) if found is not None else {}
        return ReplacementSettings.model_validate({**said, **driver})
    except (KeyError, ValueError, ValidationError):
        return ReplacementSettings.model_validate(driver)


def _brief(model: BaseModel) -> Properties:
    """A model's inputs without what is said by default anyway."""
    return model.model_dump(mode="json", by_alias=True, exclude_defaults=True)


async def replacement_inputs(world: World, identifier: str) -> Properties | None:
    """Those of the Replacement of a Workload: the version that serves is the one that it asked for."""
    cluster = await world.connect()
    fleet = await look(cluster, *place_of(identifier))
    if fleet is None or not fleet.external:
        return None
    settings = {key: value for key, value in _brief(await _settings(cluster, fleet)).items() if key != "driver"}
    serving = version_of(fleet.active) if fleet.active else None
    return {**settings, "workloadId": identifier, "candidateArtifactId": serving}


async def policy_inputs(world: World, identifier: str) -> Properties | None:
    """Those of a Policy, from its ConfigMap; None when there is none of that id."""
    held = await rule.find(await world.connect(), *place_of(identifier))
    if held is None:
        return None
    policy = policy_of(held)
    if policy is None:
        raise InferenceError(
            f"could not read Policy {identifier}: a newer release of pulumi-inference made it, or somebody changed its "
            "ConfigMap"
        )
    return _brief(policy)
