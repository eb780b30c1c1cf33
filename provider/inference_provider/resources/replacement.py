"""What a Replacement does on check, diff, create, read, update and delete."""

import secrets
from typing import Literal

from inference_provider.converge import external
from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.domain.faults import parse_replacement
from inference_provider.domain.names import revision_record_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.replacement import ReplacementSettings, TakingOver
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import ServiceSettings, WorkloadInputs
from inference_provider.errors import Fault, InferenceError, InputError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.gateway import route_of
from inference_provider.manifests.policy import tags_of
from inference_provider.resources.at_work import tell_who_works
from inference_provider.resources.changes import changed_paths, shown
from inference_provider.resources.given_resources import recorded_runtime
from inference_provider.resources.policies_in_force import asking, foreseen, references, standing
from inference_provider.resources.policy_verdicts import faults
from inference_provider.resources.replacement_outputs import observed, own_revision
from inference_provider.resources.workload_blueprint import wanted_of
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import (
    Checked,
    Difference,
    Properties,
    World,
    delete_seconds,
    place_of,
    touches,
)
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.leftovers import leftovers, made_room
from inference_provider.rollout.phases import Phase

#: Inputs that the door fills in; the program cannot set them.
COMPUTED = ("resourceUrn",)
#: Time for a whole operation where ``timeouts`` says nothing (seconds).
REPLACE_SECONDS = 3600.0
CANCEL_SECONDS = 600.0
#: What decides which pods are started.
STARTING = ("workloadId", "candidateArtifactId", "runtime")
#: The inputs that say how a version takes over, as a Workload has them under ``replacement``.
SETTINGS = tuple(field.alias or name for name, field in TakingOver.model_fields.items())


def parse(inputs: Properties) -> ReplacementInputs:
    """The model of a Replacement's inputs. Raises InputError."""
    return parse_replacement({key: value for key, value in inputs.items() if key not in COMPUTED})


async def check(world: World, olds: Properties, news: Properties, *, unknown: tuple[str, ...] = ()) -> Checked:
    """Validate; a version that would be started is judged by the policies over its Workload."""
    try:
        model = parse(news)
    except InputError as error:
        return Checked(news, tuple(error.faults))
    if touches(unknown, STARTING) or (olds and not touches(diff(olds, news).changed, STARTING)):
        return Checked(news)
    return Checked(news, await _refused(world, model))


async def _refused(world: World, model: ReplacementInputs) -> tuple[Fault, ...]:
    """Why policies do not allow the version; nothing where nobody can look, or where it serves already."""
    fleet = await seen(world, model.workload_id)
    serving = version_of(fleet.active) if fleet is not None and fleet.active is not None else None
    if fleet is None or (serving == model.candidate_artifact_id and model.runtime is None):
        return ()
    said = world.driven.get(model.workload_id)
    whom = asking(said, said.namespace or world.namespace, None) if said is not None else standing(fleet.anchor)
    try:
        rules = await foreseen(world, whom)
        if not (rules.policies or rules.broken):  # as for most: nothing else is read
            return ()
        workload = await _as_workload(await world.connect(), model, fleet)
    except (InferenceError, ValueError):  # it is judged once more before it is made
        return ()
    if said is not None:  # this run may put it under other policies, and does so before
        workload = workload.model_copy(update={"tags": said.tags, "policies": said.policies, "service": said.service})
    return tuple(Fault("candidateArtifactId", each.reason) for each in await faults(world, workload))


async def seen(world: World, workload_id: str) -> Fleet | None:
    """The Workload without its pods; None when it is not there, or cannot be looked at."""
    namespace, name = place_of(workload_id)
    try:
        return (await world.workloads(namespace)).get(name)
    except InferenceError:
        return None


def diff(olds: Properties, news: Properties) -> Difference:
    """What differs. ``olds`` are the outputs of the last run or refresh, which repeat its inputs."""
    old, new = _comparable(olds), _comparable(news)
    replaces = ("workloadId",) if old.get("workloadId") != new.get("workloadId") else ()
    changed = changed_paths(old, new)
    ended = olds.get("status") not in (Phase.AWAITING_PROMOTION, None)
    serves = olds.get("activeArtifactId")
    if ended and serves and serves != news.get("candidateArtifactId") and "candidateArtifactId" not in changed:
        changed.append("candidateArtifactId")
    return Difference(tuple(changed), replaces)


def _comparable(properties: Properties) -> dict[str, object]:
    known = {field.alias or name for name, field in ReplacementInputs.model_fields.items()}
    given = {key: value for key, value in properties.items() if key in known and value is not None}
    try:
        return shown(parse(given))
    except InputError:
        return given


async def found(world: World, identifier: str, olds: Properties) -> tuple[str, ...]:
    """What an interrupted run or a person at the command line has left that an update puts right."""
    fleet = await seen(world, identifier)
    if fleet is None:
        return ()
    await tell_who_works(world, fleet)
    half = [each.name for each in fleet.of_role(Role.CANDIDATE) if not each.staged and not each.condemned]
    said = [f"{each} is half made: a replacement was interrupted, or is under way" for each in half]
    begun = annotation(fleet.anchor, labels.UNDER_WAY)
    if begun is not None and not fleet.of_role(Role.CANDIDATE):
        said.append(f"the replacement {begun} did not come to its end: it was interrupted, or is under way")
    own, active = olds.get("revision"), fleet.active
    gone = (
        own
        and (active is None or active.name != own)
        and not any(each.name == own and each.staged for each in fleet.protons)
    )
    if gone and active is not None:
        said.append(f"{active.name} serves, and not {own}")
    if olds.get("incarnation") and annotation(fleet.anchor, labels.INCARNATION) != olds["incarnation"]:
        said.append("its Workload was made anew")
    if olds.get("status") == Phase.AWAITING_PROMOTION and active is not None and active.name == own:
        said.append(f"{own}, which waited for promotion, serves")
    if active is not None and active.vacated:
        said.append(made_room(active))
    return (*said, *leftovers(fleet))


async def create(world: World, inputs: Properties) -> tuple[str, Properties]:
    """Replace, and wait until the new version serves, or is staged."""
    model = parse(inputs)
    return model.workload_id, await _replaced(world, model, inputs, "create", token=secrets.token_hex(8))


async def update(world: World, _identifier: str, inputs: Properties, olds: Properties) -> Properties:
    """Another version, another word about the one that waits, or carrying on with what was interrupted."""
    model = parse(inputs)
    token = str(olds.get("token") or secrets.token_hex(8))
    return await _replaced(world, model, inputs, "update", token=token)


async def _replaced(
    world: World, model: ReplacementInputs, inputs: Properties, option: Literal["create", "update"], *, token: str
) -> Properties:
    seconds = (model.timeouts.create if option == "create" else model.timeouts.update) or REPLACE_SECONDS
    cluster = await world.connect()
    fleet = await _workload(cluster, model)
    external.check_driver(fleet.anchor)
    workload = await _as_workload(cluster, model, fleet)
    wanted = await wanted_of(world, workload, VersionId.parse(model.candidate_artifact_id))
    done = await external.replace(cluster, wanted, token=token, seconds=seconds, option=option, report=world.report)
    return {**inputs, "token": token, **await observed(cluster, done, own_revision(done, wanted.templates))}


async def _workload(cluster: Cluster, model: ReplacementInputs) -> Fleet:
    namespace, name = place_of(model.workload_id)
    fleet = await look(cluster, namespace, name)
    if fleet is None:
        advice = "Declare the Workload with `replacement.driver: external`, and pass its `id`"
        raise NotFound(
            "replace the version of",
            kind="Workload",
            namespace=namespace,
            name=name,
            said="it is not there",
            advice=advice,
        )
    return fleet


async def _as_workload(cluster: Cluster, model: ReplacementInputs, fleet: Fleet) -> WorkloadInputs:
    """The Workload as its own program would say it, with the version and the settings of this Replacement."""
    namespace, name = place_of(model.workload_id)
    settings = {key: value for key, value in shown(model).items() if key in SETTINGS}
    said = {
        "name": name,
        "namespace": namespace,
        "artifactId": model.candidate_artifact_id,
        "importance": annotation(fleet.anchor, labels.IMPORTANCE) or "low",
        "tags": tags_of(fleet.anchor),
        "policies": references(fleet.anchor),
        "service": ServiceSettings(port=int(fleet.anchor["spec"]["ports"][0]["port"]), gateway=route_of(fleet.anchor)),
        "runtime": model.runtime or await runtime_of(cluster, fleet),
        "replacement": {**settings, "driver": "external"},
    }
    return WorkloadInputs.model_validate(said)


async def runtime_of(cluster: Cluster, fleet: Fleet) -> Runtime:
    """What the version that serves was given, from its record. Raises InferenceError when nobody can read that."""
    recorded = await recorded_runtime(cluster, fleet)
    if recorded is None:
        meta, active = fleet.anchor["metadata"], fleet.active
        name = revision_record_name(meta["name"], active.revision) if active else ""
        raise InferenceError(
            f"could not read from ConfigMap {meta['namespace']}/{name} what the version that serves was given; "
            "say it in the Replacement's `runtime`"
        )
    return recorded


async def read(world: World, identifier: str, properties: Properties) -> Properties | None:
    """The Replacement as it is; None only when its Workload is definitely gone."""
    cluster = await world.connect()
    fleet = await look(cluster, *place_of(identifier))
    if fleet is None:
        return None
    known = properties if properties.get("token") else {**properties, **_last_words(fleet, properties)}
    return {**known, **await observed(cluster, fleet, str(known.get("revision") or ""))}


def _last_words(fleet: Fleet, properties: Properties) -> Properties:
    """What a first run could not say any more that was cut off after it had signed what it staged.

    Without the signature the Replacement would not own what waits, and its deletion would leave that there.
    """
    for each in fleet.of_role(Role.CANDIDATE):
        token = annotation(each.service, labels.DRIVEN_BY)
        if each.staged and token is not None and version_of(each) == properties.get("candidateArtifactId"):
            return {"token": token, "revision": each.name}
    return {}


async def delete(world: World, identifier: str, properties: Properties) -> None:
    """Call it off while it is in progress; afterwards nothing that serves changes."""
    cluster = await world.connect()
    fleet = await look(cluster, *place_of(identifier))
    own = str(properties.get("revision") or "")
    token = str(properties.get("token") or "")
    cut_off = not token  # in its first run, before it could say which revision it makes
    if fleet is None or not (own or cut_off) or not _still_its(fleet, properties.get("incarnation"), token):
        return
    if not fleet.external:
        return  # the Workload drives itself by now, and has taken over or cleared up what was under way
    seconds = delete_seconds(properties, CANCEL_SECONDS)
    called_off = await external.call_off(
        cluster,
        *place_of(identifier),
        own or "what was begun",
        settings=_settings_of(properties),
        token=token,
        seconds=seconds,
        report=world.report,
    )
    if called_off:
        world.report.info(f"the replacement of Workload {identifier} was called off; what served serves on")


def _still_its(fleet: Fleet, incarnation: object, token: str) -> bool:
    """Whether a candidate may be this Replacement's: of the same Workload, or signed before that was made anew."""
    signed = {annotation(each.service, labels.DRIVEN_BY) for each in fleet.of_role(Role.CANDIDATE)}
    return annotation(fleet.anchor, labels.INCARNATION) == incarnation or (token != "" and token in signed)


def _settings_of(properties: Properties) -> ReplacementSettings:
    """How it was to take over; the defaults where another release said so."""
    given = {key: value for key, value in properties.items() if key in SETTINGS and value is not None}
    try:
        return ReplacementSettings.model_validate(given)
    except ValueError:
        return ReplacementSettings()
