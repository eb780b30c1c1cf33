"""What would an update of a Workload do? Asked of the cluster and of what changed; changes nothing itself."""

from dataclasses import dataclass, replace

from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import artifact_content_name
from inference_provider.domain.reference import VersionId
from inference_provider.domain.rolling import entry_for
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError, InputError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources.budgets import CURE, foreign_budgets, overlaps
from inference_provider.resources.bundle_words import first_choice, wanted_choice
from inference_provider.resources.foreign_scalers import warned_of_scalers
from inference_provider.resources.inline_artifact import known_content
from inference_provider.resources.plan_numbers import with_numbers
from inference_provider.resources.plan_policies import rules_of, under_policies
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.plan_unseen import unseen
from inference_provider.resources.sharing_rights import unshared
from inference_provider.resources.staged import is_manual, staged
from inference_provider.resources.workload import NOT_HERE, is_external, parse, rolling_causes
from inference_provider.resources.workload_blueprint import readable
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import Difference, Properties, World, touches
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.hold import Hold, hold_of
from inference_provider.rollout.next_step import candidate_of
from inference_provider.rollout.plan import Cause, Plan, PlanVerdict


@dataclass(frozen=True)
class Asked:
    """One question: the outputs of the last run, the inputs that are wanted, and what differs."""

    olds: Properties
    news: Properties
    difference: Difference


async def plan_of(world: World, olds: Properties, news: Properties, difference: Difference) -> Plan:
    """The plan of an update. ``olds`` are the outputs of the last run, ``news`` the inputs without what is unknown."""
    asked = Asked(olds, news, difference)
    plan = _begun(world, asked)
    if difference.replaces:
        return replace(plan, verdict=PlanVerdict.MADE_ANEW)
    if NOT_HERE in difference.found:
        return replace(plan, verdict=PlanVerdict.NOT_HERE)
    seen = await _see(world, plan, asked)
    plan = replace(plan, unseen=seen.unseen)
    plan = replace(plan, budgets=await _budgets(world, plan.namespace, seen.fleet))
    plan = replace(plan, autoscalers=await warned_of_scalers(world, plan.namespace, seen.fleet))
    plan = replace(plan, unshared=await unshared(world, plan, seen))
    plan = await under_policies(world, plan, seen)
    return await with_numbers(world, _decided(plan, seen, asked), seen)


def _begun(world: World, asked: Asked) -> Plan:
    """What the difference alone says."""
    olds, news, difference = asked.olds, asked.news, asked.difference
    causes = rolling_causes(difference)
    left = [path for path in difference.changed if path not in causes]
    later = tuple(path for path in left if (entry := entry_for(path)) and entry.effect == "next roll")
    target = news.get("artifactId")
    return Plan(
        namespace=str(news.get("namespace") or world.namespace),
        name=str(news.get("name")),
        verdict=PlanVerdict.NOTHING,
        causes=tuple(Cause(path, path not in difference.unknown) for path in causes),
        in_place=tuple(path for path in left if path not in later),
        next_roll=later,
        replaces=difference.replaces,
        unknown=difference.unknown,
        mended=difference.found,
        from_revision=_text(olds.get("revision")),
        from_version=_text(olds.get("activeArtifactId")),
        to_version=None if "artifactId" in difference.unknown else _text(target),
        manual=is_manual(news),
    )


def _text(value: object) -> str | None:
    return str(value) if value else None


async def _see(world: World, plan: Plan, asked: Asked) -> Seen:
    """The Workload as the cluster has it now, and what is wanted of it; None for what cannot be known."""
    model = _model(asked)
    try:
        cluster = await world.connect()
        fleet = await look(cluster, plan.namespace, plan.name)
    except InferenceError as error:
        return Seen(model=model, bundles=first_choice(model), unseen=unseen(error))
    unsure = bool(asked.difference.unknown) or model is None
    content = None if unsure or model is None or fleet is None else await _content(cluster, model, plan.namespace)
    if content is None or model is None or fleet is None:
        return Seen(model, fleet, content, bundles=first_choice(model), external=is_external(asked.news))
    template, bundles = wanted_choice(fleet, content, model)
    rules, unseen_rules = await rules_of(world, model, plan.namespace, content)
    seen = Seen(model, fleet, content, template, bundles=bundles, external=is_external(asked.news), rules=rules)
    return replace(seen, unseen=unseen_rules)


def _model(asked: Asked) -> WorkloadInputs | None:
    """The inputs, though the version may not be known yet; None when the hardware is not."""
    if touches(asked.difference.unknown, ("runtime",)):
        return None
    olds, news = asked.olds, asked.news
    somewhere = {} if news.get("artifact") else {"artifactId": news.get("artifactId") or olds.get("activeArtifactId")}
    try:
        return parse({**news, **somewhere})
    except InputError:
        return None


async def _content(cluster: Cluster, model: WorkloadInputs, namespace: str) -> Body | None:
    try:
        if model.artifact_id is None:
            return await known_content(cluster, model, namespace)
        version = VersionId.parse(model.artifact_id)
        name = artifact_content_name(version.name, version.content)
        held = await cluster.find(CONFIG_MAP, version.namespace, name)
        return readable(held, version) if held is not None else None
    except InferenceError:
        return None


async def _budgets(world: World, namespace: str, fleet: Fleet | None) -> tuple[str, ...]:
    if fleet is None:
        return ()
    found = overlaps(await foreign_budgets(await world.connect(), namespace), [fleet])
    return tuple(f"{said}. {CURE}" for said in found)


def _decided(plan: Plan, seen: Seen, asked: Asked) -> Plan:
    """The verdict, and what belongs to it."""
    fleet, news = seen.fleet, asked.news
    active = fleet.active if fleet is not None else None
    if active is not None:
        plan = replace(plan, from_revision=active.name, from_version=version_of(active))
    if fleet is not None and not seen.runs and not seen.stopped:
        return replace(plan, verdict=PlanVerdict.STOPS, manual=False)  # whatever is withheld, or waits
    hold = _hold(fleet, seen)
    if hold is not None:
        return replace(plan, verdict=PlanVerdict.WITHHELD, hold=hold)
    waits = staged(fleet, news, seen.template, seen.barred) if fleet is not None else None
    if waits is not None:
        verdict, who = waits
        through = who.revision if verdict is PlanVerdict.SWITCHES else None
        return replace(plan, verdict=verdict, waiting=who, to_revision=through, manual=False)
    if fleet is None and "running" in asked.difference.changed:
        return replace(plan, verdict=PlanVerdict.STARTS if seen.runs else PlanVerdict.STOPS, manual=False)
    if seen.stopped and is_manual(news) and active is not None and seen.template not in (None, active.template):
        new = news.get("artifactId")  # the old one stays in its place until the new one can wait beside it
        starts = PlanVerdict.STARTS if seen.runs else PlanVerdict.STOPS
        return replace(plan, verdict=starts, to_version=str(new) if new else None, manual=True)
    if seen.stopped:  # nobody serves, so nothing waits for promotion
        plan = replace(plan, manual=False)
    if seen.stopped and seen.runs:
        return replace(plan, verdict=PlanVerdict.STARTS)
    return _moving(plan, seen, active, asked)


def _hold(fleet: Fleet | None, seen: Seen) -> Hold | None:
    """The hold that withholds what is wanted."""
    hold = hold_of(fleet.anchor) if fleet is not None else None
    if hold is None or fleet is None or seen.template is None:
        return None
    settings = seen.model.replacement if seen.model is not None else None
    serving = fleet.active.template if fleet.active else None
    resume = settings.resume if settings is not None else None
    return hold if hold.withholds(seen.template, serving=serving, resume=resume) else None


def _moving(plan: Plan, seen: Seen, active: Proton | None, asked: Asked) -> Plan:
    """Whether another version comes, and which way."""
    causes = [each.path for each in plan.causes]
    serves_it = active is not None and active.template == seen.template
    if causes == ["artifactId"] and _same_content(asked):
        return replace(plan, verdict=PlanVerdict.IN_PLACE, renamed=True, already=active.name if active else None)
    if causes and serves_it and active is not None:
        return replace(plan, verdict=PlanVerdict.IN_PLACE, already=active.name)
    moves = seen.template is not None and active is not None and not serves_it and not seen.external
    if not causes and not moves:
        changed = PlanVerdict.IN_PLACE if asked.difference.changed else PlanVerdict.NOTHING
        return replace(plan, verdict=changed)
    candidate = candidate_of(seen.fleet, seen.goal) if seen.fleet is not None and seen.template else None
    known = candidate.name if candidate is not None else None
    if candidate is not None and candidate.role is Role.RETAINED:
        until = annotation(candidate.service, labels.KEEP_UNTIL)
        waits = plan.manual and seen.goal.promote != known
        plan = replace(plan, to_revision=known, to_version=version_of(candidate), kept_until=until, manual=waits)
        return replace(plan, verdict=PlanVerdict.GOES_BACK)
    sure = not asked.difference.unknown or any(each.known for each in plan.causes)
    return replace(plan, verdict=PlanVerdict.ROLLS if sure else PlanVerdict.MAY_ROLL, to_revision=known)


def _same_content(asked: Asked) -> bool:
    """Whether two versions differ in their Artifact's name only."""
    serving, wanted = asked.olds.get("activeArtifactId"), asked.news.get("artifactId")
    if asked.difference.unknown or not isinstance(serving, str) or not isinstance(wanted, str):
        return False
    return "@" in serving and serving != wanted and serving.rpartition("@")[2] == wanted.rpartition("@")[2]
