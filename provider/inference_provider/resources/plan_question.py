"""What would happen if this Workload were to run something else? Asked without its program, from what the cluster has.

What it runs now is in the record of the version that serves; counts, and whether it runs at all, are in its objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import artifact_content_name, revision_text
from inference_provider.domain.reference import VersionId
from inference_provider.domain.rolling import check_runtime
from inference_provider.errors import Fault, InferenceError, InputError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.policy import tags_of
from inference_provider.resources import workload
from inference_provider.resources.gateway import noted_service
from inference_provider.resources.plan import plan_of
from inference_provider.resources.policies_in_force import references
from inference_provider.resources.revision import Revision, revision
from inference_provider.resources.status import missing
from inference_provider.resources.workload_blueprint import readable
from inference_provider.resources.workload_outputs import version_of, visible_inputs
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet, Proton
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.leftovers import leftovers
from inference_provider.rollout.plan import Plan

#: Settings of a recorded replacement that were about that one alone, or about who asks.
_SPENT = ("promote", "resume", "driver", "strategy")


@dataclass(frozen=True)
class Question:
    """What is to be imagined. ``artifact`` is a ``versionId``; its namespace may be left out.

    ``to`` is the number of an earlier revision. ``replicas`` are pods by group; the key "" means the only group.
    ``inputs`` are a Workload's own, in camelCase, each instead of what it has; of an object, property by property.
    """

    artifact: str | None = None
    to: int | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)
    inputs: Properties = field(default_factory=dict)


async def plan_for(world: World, namespace: str, name: str, question: Question) -> Plan:
    """The plan of an update of a Workload that is there.

    Raises NotFound for a Workload, revision or version that is not there, InputError for what an update would refuse
    as an input, InferenceError when the record does not say what runs.
    """
    cluster = await world.connect()
    fleet = await look(cluster, namespace, name)
    if fleet is None:
        raise await missing(cluster, namespace, name)
    if fleet.active is None:
        raise InferenceError(
            f"could not plan for Workload {namespace}/{name}: its first version has not served yet, so there is "
            "nothing to move from. `pulumi preview` shows what its program does"
        )
    now = await _now(world, fleet, fleet.active)
    then = await _then(world, fleet, now, question)
    checked = await workload.check(world, now, then)
    if checked.faults:
        raise InputError(list(checked.faults))
    await _check_version(cluster, checked.inputs, to=question.to)
    olds = {**now, "activeArtifactId": version_of(fleet.active), "revision": fleet.active.name}
    if question.to is not None:
        olds = {**olds, "replacement": checked.inputs.get("replacement")}
    difference = workload.diff(olds, checked.inputs).and_found(leftovers(fleet))
    return await plan_of(world, olds, checked.inputs, difference)


async def _now(world: World, fleet: Fleet, active: Proton) -> Properties:
    """The inputs that would change nothing."""
    meta = fleet.anchor["metadata"]
    namespace, name = str(meta["namespace"]), str(meta["name"])
    known = await revision(world, namespace, name, active.revision)
    if known.runtime is None:
        raise InferenceError(
            f"could not plan for Workload {namespace}/{name}: the record of {active.name} does not say what it was "
            "given. `pulumi preview` shows what its program does"
        )
    return {
        "name": name,
        "namespace": namespace,
        "artifactId": version_of(active),
        "runtime": _counted(fleet, known),
        "importance": annotation(fleet.anchor, labels.IMPORTANCE) or "low",
        "running": visible_inputs(fleet, {}).get("running", True),
        "tags": tags_of(fleet.anchor),
        "policies": references(fleet.anchor),
        "replacement": {key: value for key, value in (known.settings or {}).items() if key not in _SPENT},
        **noted_service(fleet.anchor),
    }


def _counted(fleet: Fleet, known: Revision) -> object:
    """A recorded runtime, with as many pods as there are now."""
    return visible_inputs(fleet, {"runtime": dict(known.runtime or {})})["runtime"]


async def _then(world: World, fleet: Fleet, now: Properties, question: Question) -> Properties:
    """The inputs that are imagined."""
    given = {key: _merged(now.get(key), value) for key, value in question.inputs.items()}
    then = {**now, **given, "name": now["name"], "namespace": now["namespace"]}
    hold = hold_of(fleet.anchor)
    if hold is not None and hold.kind == "stop" and "running" not in given:
        then["running"] = True  # a person has stopped it, and the program does not know
    if "artifact" in question.inputs:
        then.pop("artifactId")
    if question.artifact is not None:
        here = question.artifact if "/" in question.artifact else f"{now['namespace']}/{question.artifact}"
        then = {**then, "artifactId": here}
    if question.to is not None:
        then = {**then, **await _back(world, fleet, now, question.to)}
    return {**then, "runtime": _scaled(then["runtime"], question.replicas)}


async def _back(world: World, fleet: Fleet, now: Properties, number: int) -> Properties:
    """What a recorded revision ran. A hold on it is no obstacle to somebody who goes back to it on purpose."""
    meta = fleet.anchor["metadata"]
    known = await revision(world, str(meta["namespace"]), str(meta["name"]), number)
    named = f"{revision_text(number)} of Workload {meta['namespace']}/{meta['name']}"
    if known.past.back_to is not None:
        raise InferenceError(f"{named} was itself an undo, to {known.past.back_to}: say --to {known.past.back_to}")
    if known.past.artifact_id is None or known.runtime is None:
        raise InferenceError(f"could not plan a way back to {named}: its record does not say what it ran")
    hold = hold_of(fleet.anchor)
    # Who takes it back promotes it by that, and lifts what stands against it.
    said = {"promote": revision_text(number), "resume": hold.revision if hold is not None else None}
    settings = now["replacement"] if isinstance(now["replacement"], Mapping) else {}
    return {
        "artifactId": known.past.artifact_id,
        "runtime": _counted(fleet, known),
        "replacement": {**settings, **said},
    }


def _merged(now: object, given: object) -> object:
    """What is given; of an object, the properties that are given."""
    return {**now, **given} if isinstance(now, Mapping) and isinstance(given, Mapping) else given


def _scaled(runtime: object, replicas: Mapping[str, int]) -> object:
    """A runtime with these counts. Raises InputError for a group that nobody can tell."""
    listed = runtime.get("containerGroups") if isinstance(runtime, Mapping) else None
    groups = [dict(each) for each in listed or [] if isinstance(each, Mapping)]
    names = [str(each.get("name") or "default") for each in groups]
    for said, count in replicas.items():
        name = said or (names[0] if len(names) == 1 else "default")
        if not said and len(names) > 1:
            known = ", ".join(names)
            raise InputError([Fault("replicas", f"say which group is meant, as in {names[0]}={count}; it has {known}")])
        if name not in names:
            groups, names = [*groups, {"name": name}], [*names, name]
        groups[names.index(name)]["replicaCount"] = count
    return {"containerGroups": groups}


async def _check_version(cluster: Cluster, inputs: Properties, *, to: int | None) -> None:
    """Refuse what an update would refuse: a version that is not there, a runtime that does not fit it."""
    model = workload.parse(inputs)
    if model.artifact_id is None:
        return
    version = VersionId.parse(model.artifact_id)
    held = await cluster.find(CONFIG_MAP, version.namespace, artifact_content_name(version.name, version.content))
    if held is None:
        raise NotFound(
            "plan with",
            kind="version",
            namespace=version.namespace,
            name=f"{version.name}@{version.content}",
            said="it is not there" if to is None else f"{revision_text(to)} ran it, and it was deleted since",
            advice=_another(model.name, version, to),
        )
    if faults := check_runtime(readable(held, version), model.runtime):
        raise InputError(faults)


def _another(workload_name: str, version: VersionId, to: int | None) -> str:
    """What to do without that version; the record of what ran it holds all of it."""
    if to is None:
        return f"`pulumi-inference history {workload_name} -n {version.namespace}` names those that ran"
    printed = f"`pulumi-inference revision {workload_name} {revision_text(to)} -n {version.namespace}` prints"
    return f"{printed} its whole spec: write that into the Artifact, and run `pulumi up`"
