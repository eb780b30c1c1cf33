"""What a preview says when there are not enough free GPUs for both versions."""

import math
from collections.abc import Mapping, Sequence

from inference_provider.converge.capacity import uids
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.health.budget import ready_seconds
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.manifests.priority import VALUES
from inference_provider.placement.allowance import Rules
from inference_provider.placement.fit import Demand
from inference_provider.placement.preemption import lower, victims_words
from inference_provider.placement.quota import NO_QUOTAS, Ask, Quotas, object_shortages
from inference_provider.placement.surge import Budget, Gpus, Judged, Room, as_known, demands_of, fits_together, judge
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Goal, candidate_of, yielding
from inference_provider.rollout.plan import Surge, SurgeOutcome
from inference_provider.rollout.surge import comes_back_first, own_below, plan, room_for
from inference_provider.rollout.warmup import warmup_bound


def foretold(
    model: WorkloadInputs,
    fleet: Fleet | None,
    goal: Goal,
    *,
    hardware: Mapping[str, Hardware],
    counts: Mapping[str, int],
    gpus: Gpus | None,
    quotas: Quotas = NO_QUOTAS,
    rules: Rules | None = None,
) -> Surge:
    """What will become of an update whose GPUs are not free now, or cannot be counted, with the warning that is due."""
    settings = model.replacement
    if fleet is None:
        budget = Budget(quotas.found, quotas.asks(hardware, counts))
        judged = as_known(judge(demands_of(hardware, counts), gpus, budget=budget), gpus)
        if judged is None or judged.room is Room.FREE:
            return _well(judged)
        return Surge(SurgeOutcome.WAITS, f"it will wait for room: {judged.sentence}")
    if fleet.active is not None and comes_back_first(settings.surge, fleet, goal):
        said = f"{fleet.active.name} has made room for an earlier update: it is brought back first, then room is sought"
        return Surge(SurgeOutcome.COMES_BACK, said)
    found = room_for(fleet, goal, hardware=hardware, counts=counts, gpus=gpus, quotas=quotas)
    judged = as_known(found, gpus)
    planned = plan(settings.surge, fleet, goal, judged, rules)
    if planned.refusal is not None:
        return Surge(SurgeOutcome.REFUSED, f"it will be refused: {planned.refusal}")
    if planned.vacate and fleet.active is not None:
        return Surge(SurgeOutcome.OUTAGE, _outage(model, fleet.active, judged))
    if judged is None or judged.room is Room.FREE:
        return _well(judged)
    if judged.room is Room.KEPT:
        return _ends_kept([each for each in yielding(fleet, goal) if each.role is Role.RETAINED])
    if settings.surge == "preempt" and gpus is not None and not judged.by_quota:
        return _pushed_out(model, fleet, goal, judged, demands=(hardware, counts), gpus=gpus)
    alone = settings.surge == "fallback" and all(
        len(each.resource_bundles) < 2 for each in model.runtime.container_groups
    )
    why = ", as there is no second resource bundle to fall back to" if alone else ""
    return Surge(SurgeOutcome.WAITS, f"it will wait for room{_bounded(model)}{why}: {judged.sentence}")


def refused_objects(
    fleet: Fleet | None, goal: Goal, groups: Sequence[str], quotas: Sequence[Body], *, warmed: bool
) -> Surge | None:
    """That the API server will refuse the new version's Service or Deployments, which quotas count; None: it will not.

    Versions that may end before it is made count as gone: better nothing is said than too much.
    """
    if fleet is None or candidate_of(fleet, goal) is not None:
        return None
    short = object_shortages(max(1, len(groups)), quotas, ending=len(yielding(fleet, goal)), warmed=warmed)
    if not short:
        return None
    return Surge(SurgeOutcome.REFUSED, f"it will be refused: it {'; '.join(each.sentence for each in short)}")


def added(
    fleet: Fleet,
    candidate: Proton | None,
    demands: Sequence[Demand],
    gpus: Gpus | None,
    *,
    quotas: Sequence[Body] = (),
    asks: Sequence[Ask] = (),
) -> Surge:
    """What will become of pods that are added to a version that is there; kept versions make room for these, too."""
    others = [each for each in fleet.protons if each is not candidate and each is not fleet.active]
    away = [pod for each in others for pod in each.pods]
    judged = as_known(judge(demands, gpus, yielding=uids(away), budget=Budget(quotas, asks, away)), gpus)
    if judged is None:
        return Surge(SurgeOutcome.UNKNOWN)
    match judged.room:
        case Room.FREE:
            return Surge(SurgeOutcome.FREE)
        case Room.KEPT:
            return _ends_kept([each for each in others if each.role is Role.RETAINED])
        case _:
            return Surge(SurgeOutcome.WAITS, f"the pods that are added will wait for room: it {judged.sentence}")


def _ends_kept(kept: Sequence[Proton]) -> Surge:
    names = " and ".join(each.name for each in kept) or "what was left over"
    said = f"{names} ends before its time, as its GPUs are needed: then there is no going back to it at once"
    return Surge(SurgeOutcome.ENDS_KEPT, said)


def _well(judged: Judged | None) -> Surge:
    return Surge(SurgeOutcome.FREE if judged is not None else SurgeOutcome.UNKNOWN)


def ending_seconds(active: Proton) -> float:
    """The longest that the pods of what serves may take to end."""
    return max((float(pod["spec"].get("terminationGracePeriodSeconds") or 30) for pod in active.pods), default=30.0)


def _bounded(model: WorkloadInputs) -> str:
    minutes = model.replacement.surge_wait_minutes
    return f", for {minutes:g} min at the longest" if minutes is not None else ""


def _outage(model: WorkloadInputs, active: Proton, judged: Judged | None) -> str:
    """Who ends, and how long nobody serves: its grace period, what probes like its own allow, and the warm-up."""
    load = max(map(ready_seconds, active.deployments), default=0.0)
    minutes = math.ceil((ending_seconds(active) + load + warmup_bound(model.replacement)) / 60)
    why = f"there is room for one only: it {judged.sentence}" if judged else "nobody can count free GPUs"
    return (
        f"there will be an outage: {active.name} ends before the new version starts, and nobody serves for up to about "
        f"{minutes} min, since {why}"
    )


def _pushed_out(
    model: WorkloadInputs,
    fleet: Fleet,
    goal: Goal,
    judged: Judged,
    *,
    demands: tuple[Mapping[str, Hardware], Mapping[str, int]],
    gpus: Gpus,
) -> Surge:
    """Whose pods may have to go, and whose never do."""
    priority = VALUES[model.importance]
    endangered = own_below(fleet, priority, goal)
    if endangered:
        names = " and ".join(each.name for each in endangered)
        return Surge(
            SurgeOutcome.WAITS,
            f"it will wait for room{_bounded(model)}, and push out nobody: importance {model.importance} is above that "
            f"of {names}, whose pods would go first: {judged.sentence}",
        )
    own = {*uids([pod for each in fleet.protons for pod in each.pods])}
    victims = [pod for pod in lower(gpus.bound, priority) if pod["metadata"]["uid"] not in own]
    yields = [pod for each in yielding(fleet, goal) for pod in each.pods]
    gone = fits_together(demands_of(*demands), gpus, ending=uids([*victims, *yields]))
    if not all(each.fits for each in gone):
        said = "even with all pods of lower importance pushed out" if victims else "as no pods of lower importance run"
        return Surge(SurgeOutcome.WAITS, f"it will wait for room{_bounded(model)}, {said}: {judged.sentence}")
    return Surge(
        SurgeOutcome.PUSHES_OUT,
        f"it will push out pods of lower importance, out of {victims_words(victims)}; never pods of this Workload: "
        f"{judged.sentence}",
    )
