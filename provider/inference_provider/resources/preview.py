"""One line that says what an update will do to people's GPUs, before anything happens."""

from inference_provider.converge.capacity import look_at_gpus
from inference_provider.converge.look import look
from inference_provider.domain.names import artifact_content_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.rolling import entry_for, template_hash
from inference_provider.errors import InferenceError, InputError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.placement.surge import demands_of, fits_together
from inference_provider.resources.budgets import tell_of_budgets
from inference_provider.resources.foreign_scalers import tell_of_scalers
from inference_provider.resources.inline_artifact import known_content
from inference_provider.resources.staged import is_manual, staged_line
from inference_provider.resources.surge_words import warning
from inference_provider.resources.workload import NOT_HERE, parse, rolling_causes
from inference_provider.resources.workload_blueprint import readable
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import Difference, Properties, World, touches
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.hold import Hold, hold_of


async def plan_line(world: World, olds: Properties, news: Properties, difference: Difference) -> str | None:
    """What rolls and why, GPUs needed and free; None when nothing rolls and the tree says it all."""
    namespace = str(news.get("namespace") or world.namespace)
    name = f"Workload {namespace}/{news.get('name')}"
    if difference.replaces:
        return f"{name}: {' and '.join(difference.replaces)} changes, so it is made anew and its endpoint changes"
    if NOT_HERE in difference.found:
        return f"{name}: {NOT_HERE}. If it was deleted, `pulumi refresh` lets it be made anew; else check the context"
    fleet, template = await _now_and_then(world, news)
    if fleet is not None:
        await tell_of_budgets(world, namespace, fleet)
        await tell_of_scalers(world, namespace, fleet)
    causes = rolling_causes(difference)
    withheld = _withheld(fleet, news, template) if fleet is not None and not difference.unknown else None
    if withheld is not None:
        return f"{name} {withheld}"
    if difference.found:
        world.report.info(f"{name} is put right: {'; '.join(difference.found)}")
    if "running" in difference.changed:
        return f"{name} {_stops_or_starts(news)}"
    if causes == ["artifactId"] and _same_content(olds.get("activeArtifactId"), news.get("artifactId"), difference):
        return f"{name} names another Artifact with the same content, in place; no pod restarts"
    serving = fleet.active if fleet is not None and not difference.unknown else None
    if causes and serving is not None and serving.template == template:
        return f"{name}: {serving.name} runs that already, in place; no pod restarts"
    if not causes:
        return f"{name}: {_in_place(difference)}, in place; no pod restarts" if difference.changed else None
    now = f" from {olds.get('revision')} ({olds.get('activeArtifactId')})" if olds.get("revision") else ""
    kept = None if difference.unknown or fleet is None else _kept(fleet, template)
    if kept is not None:
        until = annotation(kept.service, labels.KEEP_UNTIL)
        return (
            f"{name} goes back{now} to {version_of(kept)}, whose pods are kept until {until}: no load, no further GPUs"
        )
    target = news.get("artifactId") if "artifactId" in causes and "artifactId" not in difference.unknown else None
    to = f" to {target}" if target else ""
    said = [f"{path} (not known yet)" if path in difference.unknown else path for path in causes]
    gate = "; it then waits for promotion" if is_manual(news) else ""
    perhaps = "may roll" if difference.unknown and not set(causes) - set(difference.unknown) else "rolls"
    room = await _room(world, olds, news, difference, fleet=fleet, template=template)
    return f"{name} {perhaps}{now}{to} because of {_listed(said)}; {room}{gate}"


def _same_content(serving: object, wanted: object, difference: Difference) -> bool:
    """Whether two versions differ in their Artifact's name only."""
    if difference.unknown or not isinstance(serving, str) or not isinstance(wanted, str):
        return False
    return "@" in serving and serving != wanted and serving.rpartition("@")[2] == wanted.rpartition("@")[2]


async def _now_and_then(world: World, news: Properties) -> tuple[Fleet | None, str | None]:
    """The Workload as the cluster has it now, and the template that is wanted; None for what cannot be known."""
    try:
        model = parse(news)
        cluster = await world.connect()
        fleet = await look(cluster, model.namespace or world.namespace, model.name)
        if fleet is None:
            return None, None
        if model.artifact_id is None:
            content = await known_content(cluster, model, fleet.anchor["metadata"]["namespace"])
            return fleet, template_hash(content, model.runtime) if content is not None else None
        version = VersionId.parse(model.artifact_id)
        name = artifact_content_name(version.name, version.content)
        held = await cluster.find(CONFIG_MAP, version.namespace, name)
        return fleet, template_hash(readable(held, version), model.runtime) if held is not None else None
    except InferenceError:
        return None, None


def _kept(fleet: Fleet, template: str | None) -> Proton | None:
    """The kept proton that is exactly what is wanted; None when anything is missing."""
    kept = fleet.of_role(Role.RETAINED)
    return next((each for each in reversed(kept) if each.template == template and not each.condemned), None)


def _held(fleet: Fleet | None, template: str | None) -> Hold | None:
    """The hold that withholds what is wanted."""
    hold = hold_of(fleet.anchor) if fleet is not None and template is not None else None
    return hold if hold is not None and hold.template == template else None


def _withheld(fleet: Fleet, news: Properties, template: str | None) -> str | None:
    """What a hold, or a version that waits for promotion, makes of this update; None when there is neither."""
    held = _held(fleet, template)
    if held is not None:
        meta = fleet.anchor["metadata"]
        return f"stays as it is: {held.said}. {held.advice(meta['namespace'], meta['name'])}"
    return staged_line(fleet, news, template)


def _stops_or_starts(news: Properties) -> str:
    if news.get("running") is False:
        return "stops: its pods end and their GPUs fall free; endpoint and history stay"
    return "starts: its pods come back, and load their model"


def _in_place(difference: Difference) -> str:
    if difference.changed == ("candidateProtonIds",):
        return "removes what an interrupted run has left"
    later = [path for path in difference.changed if (entry := entry_for(path)) and entry.effect == "next roll"]
    now = [path for path in difference.changed if path not in later]
    parts = ([f"{_listed(now)} changes"] if now else []) + (
        [f"{_listed(later)} counts from the next roll on"] if later else []
    )
    return ", ".join(parts)


def _listed(paths: list[str]) -> str:
    shown = ", ".join(paths[:3])
    return f"{shown} and {len(paths) - 3} more" if len(paths) > 3 else shown


async def _room(
    world: World,
    olds: Properties,
    news: Properties,
    difference: Difference,
    *,
    fleet: Fleet | None,
    template: str | None,
) -> str:
    """GPUs that the candidate needs beside the active, and whether they are free."""
    if touches(difference.unknown, ("runtime",)):
        return "what it needs is not known yet"
    somewhere = {} if news.get("artifact") else {"artifactId": news.get("artifactId") or olds.get("activeArtifactId")}
    try:
        model = parse({**news, **somewhere})
    except InputError:
        return "what it needs is not known yet"
    active = fleet.active if fleet is not None else None
    running = active.strength() if active is not None else {}  # it starts with as many pods as that has
    groups = model.runtime.container_groups
    counts = {group.name: group.candidate_count(running.get(group.name)) for group in groups}
    hardware = {group.name: hardware_of(group) for group in groups}
    demands = demands_of(hardware, counts)
    if not demands:
        return "it needs no GPUs"
    try:
        gpus = await look_at_gpus(await world.connect(), demands)
    except InferenceError:
        gpus = None
    said = warning(model, fleet, template, hardware=hardware, counts=counts, gpus=gpus)
    if said is not None:
        world.report.warn(said)
    if gpus is None:
        return f"needs {sum(each.gpus for each in demands)} GPUs beside those in use; free GPUs unknown"
    return "; ".join(fit.sentence for fit in fits_together(demands, gpus)) + ", beside those in use"
