"""The numbers of a plan: pods that need a place and where they find it, GPUs at once, minutes, GPU-hours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from inference_provider.converge.capacity import gpus_for, look_at_quotas, uids
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.priority import priority_class_name
from inference_provider.placement.fit import Demand, demand_words
from inference_provider.placement.quota import NO_QUOTAS, Ask, Quotas, asks_of, counts, shortages
from inference_provider.placement.surge import Gpus, demands_of, fits_together
from inference_provider.resources.bundle_words import every_demand, foreseen
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.plan_times import Load, last_load, longest_load
from inference_provider.resources.plan_unseen import right_missing, uncounted
from inference_provider.resources.surge_words import added, ending_seconds, foretold, refused_objects
from inference_provider.resources.unsaid_amounts import refused_for_silence
from inference_provider.resources.world import World
from inference_provider.rollout import gpu_count
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.expected import expected
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.plan import (
    Expected,
    GpuCount,
    GroupPlan,
    Plan,
    PlanVerdict,
    QuotaPlan,
    Surge,
    SurgeOutcome,
)
from inference_provider.rollout.surge import quotas_met

_MOVES = (PlanVerdict.GOES_BACK, PlanVerdict.SWITCHES)
_STANDS = (PlanVerdict.STOPS, PlanVerdict.REFUSED)


@dataclass(frozen=True)
class Pods:
    """Of the version that takes over, or is scaled: ``first``, and ``most`` once it serves.

    ``open``: those of the first that are still to find a place.
    """

    first: Mapping[str, int]
    most: Mapping[str, int]
    open: Mapping[str, int]

    @property
    def all(self) -> dict[str, int]:
        """Those, and what follows once it serves."""
        later = {name: max(0, count - self.first.get(name, 0)) for name, count in self.most.items()}
        return {name: self.open.get(name, 0) + count for name, count in later.items()}


async def with_numbers(world: World, plan: Plan, seen: Seen) -> Plan:
    """The plan with everything that can be counted."""
    model = seen.model
    if model is None:
        return plan
    pods = _pods(plan, seen)
    gpus, plan = await _look(world, plan, every_demand(model, pods.all, seen.rules))
    quotas = await _quotas(world, plan, model) if any(pods.open.values()) else NO_QUOTAS
    if plan.rolls:
        bundles, why = foreseen(model, seen.fleet, counts=_start(seen), gpus=gpus, quotas=quotas, rules=seen.rules)
        seen, plan = replace(seen, bundles=bundles), replace(plan, bundle_said=why)
    demands = demands_of(seen.hardware, pods.all)
    # What serves on beside what is withheld, or waits, has other hardware than what is wanted.
    others = seen.external or plan.verdict in (PlanVerdict.WITHHELD, PlanVerdict.STAYS_STAGED)
    if not others and any(pods.open.values()):
        plan = replace(plan, surge=_surge(plan, seen, model, pods=pods, gpus=gpus, quotas=quotas))
        silence = await refused_for_silence(world, plan, seen, quotas) if plan.rolls else None
        plan = replace(plan, surge=silence or plan.surge)
    plan = replace(plan, quotas=() if others else _budget(plan, seen, pods, quotas))
    plan = replace(plan, groups=None if others and demands else _groups(plan, seen, pods, gpus))
    plan = replace(plan, gpus=_count(plan, seen, pods))
    return replace(plan, expected=await _expected(world, plan, seen, pods))


def _budget(plan: Plan, seen: Seen, pods: Pods, quotas: Quotas) -> tuple[QuotaPlan, ...]:
    found = counts(_asks(plan, seen, pods, quotas), quotas.found)
    return tuple(QuotaPlan(each.quota, each.resource, *each.written, fits=not each.short) for each in found)


def _asks(plan: Plan, seen: Seen, pods: Pods, quotas: Quotas) -> list[Ask]:
    """What the pods ask of quotas that are still to find a place; beside a new version comes its warm-up."""
    if plan.rolls:
        return quotas.asks(seen.hardware, pods.open)
    return asks_of(seen.hardware, pods.open, quotas.priority)


def _surge(
    plan: Plan, seen: Seen, model: WorkloadInputs, *, pods: Pods, gpus: Gpus | None, quotas: Quotas
) -> Surge | None:
    """What becomes of pods for which GPUs have to be found, or room in a quota of the namespace."""
    demands, found = demands_of(seen.hardware, pods.open), quotas.found
    if plan.rolls:
        warmed = model.replacement.warmup is not None
        refused = refused_objects(seen.fleet, seen.goal, seen.groups, found, warmed=warmed)
        if refused is not None:
            return refused
    asks = _asks(plan, seen, pods, quotas)
    if not demands and not shortages(asks, found):
        return None
    if plan.rolls:
        counts = _start(seen)
        return foretold(model, seen.fleet, seen.goal, hardware=seen.hardware, counts=counts, gpus=gpus, quotas=quotas)
    return added(seen.fleet, seen.candidate, demands, gpus, quotas=found, asks=asks) if seen.fleet else None


async def _quotas(world: World, plan: Plan, model: WorkloadInputs) -> Quotas:
    """None are known where nobody may look, or nobody has answered just now."""
    try:
        found = await look_at_quotas(await world.connect(), plan.namespace, lately=True) if not plan.unseen else []
    except InferenceError:
        return NO_QUOTAS
    return quotas_met(found, model.replacement, priority_class_name(model.importance))


async def _look(world: World, plan: Plan, demands: list[Demand]) -> tuple[Gpus | None, Plan]:
    """What could be counted, and the plan with why it could not; nobody is asked again who did not answer just now."""
    if not demands or plan.unseen:
        return None, plan
    try:
        return await gpus_for(await world.connect(), demands, lately=True), plan
    except InferenceError as error:
        return None, replace(plan, unseen=uncounted(error), right_missing=right_missing(error))


def _start(seen: Seen) -> dict[str, int]:
    """A new version starts with as many pods as serve; a group that is new, with as many as are wanted."""
    running = seen.active.strength() if seen.active is not None else {}
    if seen.stopped:
        return dict.fromkeys(seen.groups, 0)
    counts = {name: running.get(name) or count for name, count in seen.wanted.items()}
    return aimed(seen.scalings, counts, now=counts)


def _pods(plan: Plan, seen: Seen) -> Pods:
    wanted, active, candidate = seen.wanted, seen.active, seen.candidate
    if plan.verdict in _STANDS:
        return Pods({}, {}, {})
    if plan.verdict is PlanVerdict.STARTS:
        return Pods(wanted, wanted, wanted)
    if plan.rolls:
        start, made = _start(seen), candidate.replicas() if candidate is not None else {}
        grown = {
            name: max(count, 0 if plan.manual else wanted[name], made.get(name, 0)) for name, count in start.items()
        }
        return Pods(start, start if seen.stopped else grown, _less(start, _placed(candidate)))
    if plan.verdict in _MOVES and candidate is not None:
        strength, have = active.strength() if active is not None else {}, candidate.replicas()
        start = {name: max(count, strength.get(name, 0)) for name, count in have.items()}
        grown = {name: max(count, 0 if plan.manual else wanted.get(name, 0)) for name, count in start.items()}
        return Pods(start, grown, _less(start, have))
    if active is None or seen.stopped:
        return Pods({}, {}, {})
    return Pods(wanted, wanted, _less(wanted, active.strength()))


def _placed(candidate: Proton | None) -> Mapping[str, int]:
    """Pods that an interrupted run made, and that have a node."""
    pods = candidate.pods if candidate is not None else ()
    return Counter(label(pod, labels.GROUP) or "default" for pod in pods if pod["spec"].get("nodeName"))


def _less(counts: Mapping[str, int], there: Mapping[str, int]) -> dict[str, int]:
    return {name: max(0, count - there.get(name, 0)) for name, count in counts.items()}


def _groups(plan: Plan, seen: Seen, pods: Pods, gpus: Gpus | None) -> tuple[GroupPlan, ...]:
    """Where each group's pods fit, those before it already placed; and whether those fit that follow the switch."""
    named = [name for name, each in seen.hardware.items() if each.gpus and pods.all.get(name, 0) > 0]
    grown = demands_of(seen.hardware, pods.all)
    demands = [replace(each, pods=pods.open.get(name, 0)) for name, each in zip(named, grown, strict=True)]
    bare = [_group(name, now, last) for name, now, last in zip(named, demands, grown, strict=True)]
    bare = [replace(each, bundle=given.name) if (given := seen.bundles.get(each.group)) else each for each in bare]
    if gpus is None:
        return tuple(bare)
    ours = uids(seen.candidate.pods) if seen.candidate is not None else []
    fits = fits_together(demands, gpus, ours=ours)
    gone = _gone_by_then(plan, seen)
    then = [fits_together(each, gpus, ours=ours, ending=gone) for each in (demands, grown)]
    return tuple(
        replace(
            each,
            free=fit.gpus_free,
            free_on=dict(fit.free_on),
            nodes=fit.nodes,
            missing=fit.missing,
            later_missing=max(0, last.missing - first.missing) if each.later_pods else None,
            said=fit.sentence,
        )
        for each, fit, first, last in zip(bare, fits, *then, strict=True)
    )


def _gone_by_then(plan: Plan, seen: Seen) -> list[str]:
    """The pods that have ended when the new version serves: all but its own and those of the one before it."""
    outage = plan.surge is not None and plan.surge.outcome is SurgeOutcome.OUTAGE
    protons = seen.fleet.protons if seen.fleet is not None else ()
    others = [each for each in protons if each is not seen.candidate and (outage or each is not seen.active)]
    return uids([pod for each in others for pod in each.pods])


def _group(name: str, demand: Demand, last: Demand) -> GroupPlan:
    return GroupPlan(
        group=name,
        pods=demand.pods,
        gpus_per_pod=demand.gpus_per_pod,
        gpus=demand.gpus,
        model=demand.model,
        gpu_memory_mib=demand.gpu_memory_mib,
        later_pods=last.pods - demand.pods,
        said=demand_words(demand),
    )


def _count(plan: Plan, seen: Seen, pods: Pods) -> GpuCount:
    fleet, active, groups = seen.fleet, seen.active, plan.groups or ()
    candidate = _candidate_gpus(plan, seen, pods)
    nodes = {name: free for each in reversed(groups) for name, free in (each.free_on or {}).items()}
    known = bool(groups) and all(each.missing is not None for each in groups)
    return GpuCount(
        active=None if fleet is None else gpu_count.gpus_of_proton(active) if active is not None else 0,
        candidate=candidate,
        others=gpu_count.others(fleet, seen.candidate) if fleet is not None else None,
        peak=_peak(plan, seen, pods, candidate) if fleet is not None else None,
        free=sum(nodes.values()) if known else None,
        missing=sum(each.missing or 0 for each in groups) if known else None,
    )


def _candidate_gpus(plan: Plan, seen: Seen, pods: Pods) -> int:
    if plan.verdict in _MOVES and seen.candidate is not None:
        return gpu_count.gpus_of_proton(seen.candidate, pods.most)
    return gpu_count.gpus_of_pods(seen.hardware, pods.most) if plan.rolls else 0


def _peak(plan: Plan, seen: Seen, pods: Pods, candidate: int) -> int | None:
    fleet = seen.fleet
    if fleet is None:
        return None
    refused = plan.surge is not None and plan.surge.outcome is SurgeOutcome.REFUSED
    if plan.verdict in _STANDS or refused:
        return gpu_count.at_rest(fleet)
    if plan.verdict is PlanVerdict.STARTS:
        return gpu_count.at_rest(fleet) + gpu_count.gpus_of_pods(seen.hardware, pods.most)
    if plan.rolls or plan.verdict in _MOVES:
        vacate = plan.surge is not None and plan.surge.outcome is SurgeOutcome.OUTAGE
        scaled = seen.wanted if plan.manual and not seen.stopped else {}  # what serves on is brought to its counts
        return gpu_count.peak(fleet, seen.goal, candidate, vacate=vacate, wanted=scaled)
    return gpu_count.at_rest(fleet, pods.most, seen.hardware)


async def _expected(world: World, plan: Plan, seen: Seen, pods: Pods) -> Expected | None:
    """Only where pods come, or traffic moves to others."""
    if plan.verdict is PlanVerdict.STARTS:
        load = await _load(world, plan, seen)
        minutes = load.seconds / 60 if load.seconds is not None else None
        return Expected(load.seconds, load.revision, 0.0, 0.0, 0.0, minutes=minutes, overlap_minutes=0.0)
    refused = plan.surge is not None and plan.surge.outcome is SurgeOutcome.REFUSED
    moves = plan.verdict in _MOVES
    comes = plan.rolls and any(pods.most.values())
    if seen.model is None or seen.fleet is None or refused or not (moves or comes):
        return None
    loads = not moves or any(pods.open.values())
    load = await _load(world, plan, seen) if loads else Load(0.0)
    vacates = plan.surge is not None and plan.surge.outcome is SurgeOutcome.OUTAGE and seen.active is not None
    outage = ending_seconds(seen.active) if vacates and seen.active is not None else None
    settings = seen.model.replacement
    return expected(
        settings,
        plan.gpus,
        load_seconds=load.seconds,
        measured=load.revision,
        each=load.each,
        starts=None if moves else gpu_count.gpus_of_pods(seen.hardware, pods.first),
        runs=moves,
        waits=plan.manual,
        outage_seconds=outage,
    )


async def _load(world: World, plan: Plan, seen: Seen) -> Load:
    """As the last time; else the most that the probes of the wanted version allow."""
    last = None if plan.unseen else await last_load(await world.connect(), plan.namespace, plan.name)
    if last is not None:
        return last
    return Load(longest_load(seen.content, seen.hardware) if seen.content is not None else None)
