"""Whether there is room for the version that is about to be made, and what is done when there is none.

Decided once, before anything moves. ``wait`` has nothing to decide: the candidate is made, and waits.
"""

from collections import Counter
from dataclasses import replace

from inference_provider.converge.candidate import candidate_counts, retire
from inference_provider.converge.capacity import look_at_gpus, uids
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.errors import AlreadyExists, ClusterError, InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import PRIORITY_CLASS
from inference_provider.manifests.priority import importance_of, priority_class, priority_class_name, value_of
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.preemption import priority_of
from inference_provider.placement.surge import Judged, Room, demands_of, judge
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Goal, candidate_of, yielding


async def decide(op: Operation, course: Course) -> None:
    """Set ``course.vacate`` and the candidate's priority as ``replacement.surge`` asks.

    Raises InferenceError, with nothing touched, when there is no room and that is what was asked for.
    """
    fleet, surge, blueprint = op.fleet(), course.settings.surge, course.blueprint
    active = fleet.active
    serves = active is not None and active.template == course.template and not active.condemned
    if surge == "wait" or blueprint is None or course.stopped or serves:
        return
    judged = await _judged(op, course, fleet, blueprint)
    match surge:
        case "require":
            _require(op, course, fleet, judged)
        case "recreate":
            course.vacate = _must_vacate(op, course, fleet, judged)
        case "preempt":
            course.blueprint = replace(blueprint, priority=await _preempting(op, course, blueprint))
            await _yield_first(op, fleet, judged)
        case "fallback":
            pass  # refused as an input for now


async def _judged(op: Operation, course: Course, fleet: Fleet, blueprint: Blueprint) -> Judged | None:
    """Where the pods that are still to be placed find room; None when nobody may look."""
    candidate = candidate_of(fleet, course.goal)
    pods = candidate.pods if candidate else ()
    placed = Counter(label(pod, labels.GROUP) or "default" for pod in pods if pod["spec"].get("nodeName"))
    counts = candidate_counts(fleet, blueprint, course)
    demands = demands_of(blueprint.hardware, {group: count - placed[group] for group, count in counts.items()})
    gpus = await look_at_gpus(op.cluster, demands)
    if gpus is None:
        return None
    away = [pod for each in yielding(fleet, course.goal) for pod in each.pods]
    own = uids(fleet.active.pods if fleet.active else ())
    return judge(demands, gpus, ours=uids(pods), yielding=uids(away), active=own)


def _require(op: Operation, course: Course, fleet: Fleet, judged: Judged | None) -> None:
    if judged is None or judged.room in (Room.FREE, Room.KEPT) or candidate_of(fleet, course.goal) is not None:
        return  # what is there already was refused or let through when it was made
    beside = f" beside {fleet.active.name}" if fleet.active else ""
    raise InferenceError(
        f"could not roll Workload {op.namespace}/{op.workload}: there is no room for the new version{beside}, and "
        f"`replacement.surge` is `require`. It {judged.sentence}. Nothing was changed. Free GPUs, or let it wait "
        "(`surge: wait`), or let the old version end first (`surge: recreate`, an outage)"
    )


def _must_vacate(op: Operation, course: Course, fleet: Fleet, judged: Judged | None) -> bool:
    """Whether what serves has to end first; where nobody may count GPUs it does, as asked."""
    active, goal = fleet.active, course.goal
    if active is None or (judged is not None and judged.room in (Room.FREE, Room.KEPT) and not active.vacated):
        return False
    candidate = candidate_of(fleet, goal)
    gated = goal.manual and (candidate is None or candidate.name != goal.promote)
    if active.vacated or not any(active.replicas().values()):
        return active.vacated and not gated
    if judged is not None and judged.room is Room.NONE:
        raise InferenceError(
            f"could not roll Workload {op.namespace}/{op.workload}: there is no room for the new version, not even "
            f"when {active.name} has ended. It {judged.without_active}. Nothing was changed; {active.name} serves"
        )
    if gated:
        missing = f" It {judged.sentence}." if judged else ""
        raise InferenceError(
            f"could not roll Workload {op.namespace}/{op.workload}: with manual promotion the new version waits beside "
            f"{active.name}, and there is no room for both.{missing} Nothing was changed. Free GPUs, or use automatic "
            "promotion, with which `surge: recreate` ends the old version first"
        )
    return True


async def _yield_first(op: Operation, fleet: Fleet, judged: Judged | None) -> None:
    """Give our own kept version for the room before anybody else is pushed out."""
    if judged is None or judged.room is not Room.KEPT:
        return
    for kept in fleet.of_role(Role.RETAINED):
        await retire(op, kept, why="the new version needs its GPUs")


async def _preempting(op: Operation, course: Course, blueprint: Blueprint) -> str | None:
    """The PriorityClass that may push out pods of lower importance; the plain one where that would do harm."""
    importance = importance_of(blueprint.priority or "")
    if importance is None:
        op.report.warn("no right to use PriorityClasses, so nobody is pushed out: the new version waits for room")
        return blueprint.priority
    endangered = own_below(op.fleet(), value_of(blueprint.priority or "") or 0, course.goal)
    if endangered:
        names = " and ".join(each.name for each in endangered)
        op.report.warn(
            f"importance {importance} is above that of {names}, whose pods would be pushed out first: "
            "the new version pushes out nobody this time, and waits for room"
        )
        return blueprint.priority
    name = priority_class_name(importance, preempts=True)
    try:
        if await op.cluster.find(PRIORITY_CLASS, None, name) is None:
            await op.cluster.create(PRIORITY_CLASS, priority_class(importance, preempts=True))
    except AlreadyExists:
        return name
    except ClusterError as error:
        op.report.warn(f"{error.message}. So nobody is pushed out: the new version waits for room")
        return blueprint.priority
    return name


def own_below(fleet: Fleet, priority: int, goal: Goal) -> list[Proton]:
    """The versions of the same Workload that a candidate of this priority could push out."""
    candidate = candidate_of(fleet, goal)
    others = [each for each in fleet.protons if each is not candidate and not each.condemned]
    return [each for each in others if any(priority_of(pod) < priority for pod in each.pods)]
