"""There may not be enough GPUs for two versions: what ``replacement.surge`` makes of that, before anything moves.

One answer for the preview and for the update, so that the one cannot promise what the other does not do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.manifests.warmup import RESOURCES
from inference_provider.placement.allowance import Rules
from inference_provider.placement.preemption import priority_of
from inference_provider.placement.quota import NO_QUOTAS, Quotas, asks_of_pods
from inference_provider.placement.surge import Budget, Gpus, Judged, Room, demands_of, judge
from inference_provider.rollout.barred import older_than
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Goal, candidate_of, yielding
from inference_provider.rollout.outage import restorable


@dataclass(frozen=True)
class Plan:
    """``refusal`` and ``advice``: why the update is refused, and what to do. ``vacate``: what serves ends first.

    ``yields`` are the kept versions that end first, so that nobody else is pushed out in their stead.
    """

    refusal: str | None = None
    advice: str = ""
    vacate: bool = False
    yields: tuple[Proton, ...] = ()


def room_for(
    fleet: Fleet,
    goal: Goal,
    *,
    hardware: Mapping[str, Hardware],
    counts: Mapping[str, int],
    gpus: Gpus | None,
    quotas: Quotas = NO_QUOTAS,
) -> Judged:
    """Where the candidate's pods find room, ``counts`` of each group, less those that have a node already.

    A quota has counted its other pods, too.
    """
    candidate = candidate_of(fleet, goal)
    pods = candidate.pods if candidate else ()
    away = [pod for each in yielding(fleet, goal) for pod in each.pods]
    serving = fleet.active.pods if fleet.active else ()
    placed = [pod for pod in pods if pod["spec"].get("nodeName")]
    return judge(
        demands_of(hardware, _less(counts, placed)),
        gpus,
        ours=_uids(pods),
        yielding=_uids(away),
        active=_uids(serving),
        budget=Budget(quotas.found, quotas.asks(hardware, _less(counts, pods)), away, serving),
    )


def quotas_met(found: Sequence[Body], settings: ReplacementSettings, priority: str | None) -> Quotas:
    """The quotas that were found, for a version that is replaced with these settings: its warm-up takes a pod, too."""
    beside = [asks_of_pods({"containers": [{"resources": RESOURCES}]}, 1)] if settings.warmup is not None else []
    return Quotas(found, priority, beside)


def _less(counts: Mapping[str, int], pods: Sequence[Body]) -> dict[str, int]:
    there = Counter(label(pod, labels.GROUP) or "default" for pod in pods)
    return {group: count - there[group] for group, count in counts.items()}


def comes_back_first(surge: str, fleet: Fleet, goal: Goal) -> bool:
    """Whether what serves has made room for an earlier run, and has to serve again before there is a question of room.

    Counted before that, its own GPUs would look free.
    """
    active = fleet.active
    if active is None or not restorable(active):
        return False
    return _waits(fleet, goal) or (surge != "recreate" and candidate_of(fleet, goal) is None)


def _waits(fleet: Fleet, goal: Goal) -> bool:
    """Whether the candidate may not take over yet."""
    candidate = candidate_of(fleet, goal)
    return goal.manual and (candidate is None or candidate.name != goal.promote)


def plan(surge: str, fleet: Fleet, goal: Goal, judged: Judged | None, rules: Rules | None = None) -> Plan:
    """What is done about room for the candidate. ``judged`` is None where nobody may count free GPUs.

    That is never a reason to refuse, and with ``recreate`` a reason to do what was asked for, as long as ``rules`` let
    what serves come back.
    """
    fits = judged is not None and judged.room in (Room.FREE, Room.KEPT)
    begun = candidate_of(fleet, goal) is not None or (fleet.active is not None and fleet.active.vacated)
    if surge == "require" and judged is not None and not fits and not begun:
        beside = f" beside {fleet.active.name}" if fleet.active else ""
        return Plan(
            f"there is no room for the new version{beside}, and `replacement.surge` is `require`. It {judged.sentence}",
            "Free GPUs, or let it wait (`surge: wait`), or end the old version first (`surge: recreate`, an outage)",
        )
    if surge == "recreate" and fleet.active is not None:
        planned = _recreate(fleet, fleet.active, goal, judged, fits=fits)
        return _for_good(fleet.active, planned, rules or Rules())
    if surge == "preempt" and judged is not None and judged.room is Room.KEPT:
        return Plan(yields=tuple(each for each in yielding(fleet, goal) if each.role is Role.RETAINED))
    return Plan()


def _recreate(fleet: Fleet, active: Proton, goal: Goal, judged: Judged | None, *, fits: bool) -> Plan:
    waits = _waits(fleet, goal)
    if active.vacated:  # by a run that was interrupted
        return Plan(vacate=not waits)
    if fits or not any(active.replicas().values()):
        return Plan()
    if judged is not None and judged.room is Room.NONE:
        return Plan(
            f"there is no room for the new version, not even when {active.name} has ended. It {judged.without_active}",
            "Free GPUs, or ask for fewer",
        )
    if waits:
        missing = f". It {judged.sentence}" if judged else ""
        return Plan(
            f"with manual promotion the new version waits beside {active.name}, and there is no room for both{missing}",
            "Free GPUs, or use automatic promotion, with which `surge: recreate` ends the old version first",
        )
    return Plan(vacate=True)


def _for_good(active: Proton, planned: Plan, rules: Rules) -> Plan:
    """Nothing is ended that policies would not let come back, should the new version fail."""
    policies = older_than(active, rules) if planned.vacate and not active.vacated else ()
    if not policies:
        return planned
    return Plan(
        f"there is room for one version only, and {active.name} was made before what Policy {' and '.join(policies)} "
        "says now: once it has made room its pods may not come back, should the new version fail",
        "Free GPUs for both, or let it end for good: first `running: false` alone, then `running: true` together with "
        "the new version",
    )


def own_below(fleet: Fleet, priority: int, goal: Goal) -> list[Proton]:
    """The versions of the same Workload that a candidate of this priority could push out."""
    candidate = candidate_of(fleet, goal)
    others = [each for each in fleet.protons if each is not candidate and not each.condemned]
    return [each for each in others if any(priority_of(pod) < priority for pod in each.pods)]


def _uids(pods: Sequence[Body]) -> list[str]:
    return [str(pod["metadata"]["uid"]) for pod in pods]
