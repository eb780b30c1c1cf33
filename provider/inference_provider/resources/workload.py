"""What a Workload does on check, diff, create, read, update and delete."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from inference_provider.converge import birth
from inference_provider.converge import workload as life
from inference_provider.converge.claim import taken
from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.converge.remove import delete as remove
from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.faults import parse_workload
from inference_provider.domain.reference import VersionId
from inference_provider.domain.rolling import TABLE, entry_for
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, InferenceError, InputError, LockHeld, LockLost, NameTaken
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import endpoint
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import SERVICE
from inference_provider.resources import gateway, policy_scaling, policy_standing, policy_verdicts
from inference_provider.resources.at_work import tell_who_works
from inference_provider.resources.budgets import tell_of_budgets
from inference_provider.resources.changes import changed_paths, shown
from inference_provider.resources.deleted import keeper
from inference_provider.resources.driven import wanted_of_driven
from inference_provider.resources.given_resources import visible_resources
from inference_provider.resources.inline_artifact import (
    keep_inline,
    remove_all_inline,
    remove_inline,
    tidy_inline,
    visible_inline,
)
from inference_provider.resources.left_behind import removal
from inference_provider.resources.ours import workload_is_theirs
from inference_provider.resources.policy_loose import bereft
from inference_provider.resources.sharing import naming_roles, visible_sharing
from inference_provider.resources.staged import awaits_promotion, sleeps_unpromoted
from inference_provider.resources.unknown_to_stack import unknown_to
from inference_provider.resources.workload_blueprint import wanted_of
from inference_provider.resources.workload_outputs import observed, version_of, visible_inputs
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
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.leftovers import leftovers, unowned

#: Inputs that check or the door fills in; the program cannot set them.
COMPUTED = ("endpoint", "resourceUrn")
#: Time for a whole operation where ``timeouts`` says nothing (seconds): large models load for a long time.
CREATE_SECONDS = UPDATE_SECONDS = 3600.0
DELETE_SECONDS = 600.0
#: Found instead of a Workload.
NOT_HERE = "its Service is not in this cluster"
#: What decides ``endpoint``: while any of it is unknown, so is that.
ADDRESSING = ("name", "namespace", "service")
#: What a program can write.
WRITTEN = frozenset(field.alias or name for name, field in WorkloadInputs.model_fields.items())


def parse(inputs: Properties) -> WorkloadInputs:
    """The model of a Workload's inputs. Raises InputError."""
    return parse_workload({key: value for key, value in inputs.items() if key not in COMPUTED})


async def check(world: World, olds: Properties, news: Properties, *, unknown: tuple[str, ...] = ()) -> Checked:
    """Validate, and fill in what is known beforehand: namespace and, inside a cluster, the endpoint.

    ``unknown`` are paths that a preview does not know yet; they are missing in ``news``.
    """
    filled = {**news, "namespace": news.get("namespace") or world.namespace}
    try:
        model = parse(filled)
    except InputError as error:
        return Checked(filled, tuple(error.faults))
    fault = None if touches(unknown, ("namespace",)) else _elsewhere(model)
    if is_external(filled) and not touches(unknown, policy_verdicts.CHOOSING):
        world.driven[resource_id(str(filled["namespace"]), model.name)] = model
    changed = _changed(olds, filled) if olds else []
    new = not olds or any(map(_may_roll, changed)) or touches(changed, ("name", "namespace"))
    if new or gateway.gives_up(olds, filled):
        refused = await policy_verdicts.faults(world, model, unknown=unknown)
    else:  # policies refuse no change of what already runs, but more of it
        refused = await policy_scaling.faults(world, model, changed, unknown=unknown)
    refused += await gateway.faults(world, model, unknown=unknown)
    if model.service.type != "LoadBalancer" and not touches(unknown, ADDRESSING):
        filled["endpoint"] = endpoint(model.namespace or world.namespace, model.name, model.service.port)
    return Checked(filled, (*([fault] if fault else []), *refused))


def _changed(olds: Properties, news: Properties) -> list[str]:
    old, new = _comparable(olds, news)
    return changed_paths(old, new)


def _elsewhere(model: WorkloadInputs) -> Fault | None:
    if model.artifact_id is None or VersionId.parse(model.artifact_id).namespace == model.namespace:
        return None
    there = VersionId.parse(model.artifact_id).namespace
    return Fault(
        "artifactId",
        f"the Artifact is in namespace {there}, the Workload in {model.namespace}: put them into the same one "
        "(pods cannot use Secrets of another namespace)",
    )


def diff(olds: Properties, news: Properties) -> Difference:
    """What differs. ``olds`` are the outputs of the last run or refresh, which repeat its inputs."""
    old, new = _comparable(olds, news)
    replaces = tuple(key for key in ("name", "namespace") if old.get(key) != new.get(key))
    changed = changed_paths(old, new)
    if is_external(news):  # what rolls is a Replacement's business
        return Difference(tuple(path for path in changed if not rolls(path)), replaces)
    serving, wanted = olds.get("activeArtifactId"), news.get("artifactId")
    staged = awaits_promotion(olds)
    if wanted and serving != wanted and "artifactId" not in changed and not (staged or sleeps_unpromoted(news)):
        changed.append("artifactId")
    if olds.get("candidateProtonIds") and not staged:  # an interrupted run left them, and a refresh has seen them
        changed.append("candidateProtonIds")
    if olds.get("held"):  # what the program wants is withheld, and stays visible
        changed.append("held")
    return Difference(tuple(changed), replaces)


def is_external(inputs: Properties) -> bool:
    """Whether the program leaves it to a Replacement what runs."""
    settings = inputs.get("replacement")
    return isinstance(settings, Mapping) and settings.get("driver") == "external"


def rolls(path: str) -> bool:
    """Whether a change of this property alone makes a rolling replacement."""
    entry = entry_for(path)
    return entry is not None and entry.effect == "rolls"


async def found(world: World, identifier: str, olds: Properties) -> tuple[str, ...]:
    """What an interrupted run or a foreign hand has left that an update puts right; nothing when we cannot look.

    ``olds`` are the outputs of the last run that came to its end.
    """
    namespace, name = place_of(identifier)
    try:
        fleet = (await world.workloads(namespace)).get(name)
    except InferenceError:
        return ()
    if fleet is None:
        return (NOT_HERE,)
    await tell_who_works(world, fleet)
    for said in unowned(fleet):  # in a run too: it may be one that only looks
        world.report.warn(f"{said}. If no program declares that any more, {removal(fleet)}")
    for said in await bereft(world, fleet):
        world.report.warn(said)
    astray = await gateway.astray(world, fleet)
    return (*unknown_to(olds, fleet, urn=world.urn), *leftovers(fleet), *astray, *_scaled(olds, fleet))


def _scaled(olds: Properties, fleet: Fleet) -> Iterator[str]:
    """Groups that somebody gave another number of pods than the program says; a scale to nothing is told elsewhere."""
    counts = fleet.active.strength() if fleet.active and stopped_counts(fleet.anchor) is None else {}
    try:
        groups = parse(_inputs_of(olds)).runtime.container_groups
    except InputError:  # of another release
        return
    for group in groups if any(counts.values()) else ():
        if group.scaling is None and counts.get(group.name, group.replica_count) != group.replica_count:
            yield f"{counts[group.name]} pods of {group.name} run, not {group.replica_count}: somebody scaled it"


def _inputs_of(properties: Properties) -> Properties:
    """Those of the outputs, which repeat the inputs, that a program can write."""
    return {key: value for key, value in properties.items() if key in WRITTEN and value is not None}


def _comparable(*both: Properties) -> list[dict[str, object]]:
    """Both in one spelling; both as they stand when one is of another release or still unknown, never one of each."""
    given = [_inputs_of(each) for each in both]
    try:
        if all(each == given[0] for each in given):  # nothing has changed, as in most previews of most resources
            return [shown(parse(given[0]))] * len(given)
        return [shown(parse(each)) for each in given]
    except InputError:
        return given


def rolling_causes(difference: Difference) -> list[str]:
    """Those of the changed properties that make a rolling replacement."""
    return [path for path in difference.changed if _may_roll(path)]


def _may_roll(path: str) -> bool:
    entry = entry_for(path)
    if entry is not None:
        return entry.effect == "rolls"
    whole = re.sub(r"\[[0-9]+\]", "[]", path)  # an object or a list that came, went, or is not known yet, as a whole
    return any(each.path.startswith((f"{whole}.", f"{whole}[")) and each.effect == "rolls" for each in TABLE)


async def create(world: World, inputs: Properties) -> tuple[str, Properties]:
    """Make the Workload and wait until it serves."""
    model = parse(inputs)
    cluster = await world.connect()
    wanted = await wanted_of(world, model, await _version(world, model, existing=False))
    seconds = model.timeouts.create or CREATE_SECONDS
    try:
        fleet = await birth.create(cluster, wanted, seconds=seconds, report=world.report)
    except (LockHeld, LockLost):
        raise  # another run is making it, and uses the artifact
    except InferenceError:
        if model.artifact is not None:
            await remove_inline(world, wanted.namespace, wanted.blueprint.artifact, workload=wanted.name)
        raise
    await tell_of_budgets(world, wanted.namespace, fleet)
    verdicts = await policy_standing.told(world, fleet, wanted.rules)
    return resource_id(wanted.namespace, wanted.name), {**inputs, **observed(fleet), **verdicts}


async def _version(world: World, model: WorkloadInputs, *, existing: bool) -> VersionId:
    if model.artifact_id is not None:
        return VersionId.parse(model.artifact_id)
    return await keep_inline(world, model, existing=existing)


async def read(world: World, identifier: str, properties: Properties) -> Properties | None:
    """The Workload as it is; None only when it is definitely gone."""
    namespace, name = place_of(identifier)
    cluster = await world.connect()
    fleet = await look(cluster, namespace, name)
    if fleet is None:
        return None
    serving = version_of(fleet.active) if fleet.active else None
    inline = await visible_inline(cluster, properties, serving)
    known = {**properties, **await visible_resources(cluster, fleet, properties)}
    sharing = await visible_sharing(cluster, fleet, properties)
    led = await gateway.visible_gateway(cluster, fleet, properties)
    verdicts = await policy_standing.told(world, fleet)
    return {**visible_inputs(fleet, known), **sharing, **led, **inline, **observed(fleet), **verdicts}


async def update(world: World, identifier: str, inputs: Properties, olds: Properties | None = None) -> Properties:
    """Bring the Workload to what is wanted: in place what can be, by a rolling replacement what must.

    ``olds`` are the outputs of the last run. Raises NameTaken when somebody else has made it anew since.
    """
    model = parse(inputs)
    cluster = await world.connect()
    await _still_ours(world, cluster, identifier, olds or {})
    wanted = await wanted_of_driven(world, cluster, model)
    wanted = wanted or await wanted_of(world, model, await _version(world, model, existing=True))
    wanted = replace(wanted, raised=policy_scaling.raised(olds or {}, model))
    seconds = model.timeouts.update or UPDATE_SECONDS
    async with naming_roles(world, wanted.namespace, wanted.name):
        fleet = await life.update(cluster, wanted, seconds=seconds, report=world.report)
    await gateway.caught_up(world, fleet.anchor)
    await tell_of_budgets(world, wanted.namespace, fleet)
    await tidy_inline(world, wanted.namespace, wanted.name, wanted=wanted.blueprint.artifact)
    verdicts = await policy_standing.told(world, fleet, wanted.rules)
    return {**inputs, **observed(fleet), **verdicts}


async def _still_ours(world: World, cluster: Cluster, identifier: str, olds: Properties) -> None:
    """Another creation under our own URN is ours; under an older URN of ours the creation is the same."""
    found = await cluster.find(SERVICE, *place_of(identifier))
    born = olds.get("incarnation")
    if found is None or not born or annotation(found, labels.INCARNATION) == born:
        return
    if annotation(found, labels.URN) not in (None, world.urn):
        raise NameTaken(taken(SERVICE, found))


async def delete(world: World, identifier: str, properties: Properties) -> None:
    """Remove everything that the Workload made, and nothing else."""
    namespace, name = place_of(identifier)
    incarnation = properties.get("incarnation")
    cluster = await world.connect()
    if not incarnation and await workload_is_theirs(world, identifier):
        return
    async with naming_roles(world, namespace, name):
        seen = await remove(
            cluster,
            namespace,
            name,
            incarnation=str(incarnation) if incarnation else None,
            seconds=delete_seconds(properties, DELETE_SECONDS),
            report=world.report,
            history_kept_by=await keeper(world, properties),
        )
    if seen:
        await remove_all_inline(world, namespace, name)
