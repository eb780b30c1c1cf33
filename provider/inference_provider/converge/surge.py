"""Whether there is room for the version that is about to be made, and what is done when there is none.

Decided once, before anything moves. ``wait`` has nothing to decide but the bundle: the candidate is made, and waits.
"""

from dataclasses import replace

from inference_provider.converge.bundles import choose
from inference_provider.converge.candidate import candidate_counts, retire
from inference_provider.converge.capacity import look_at_gpus, look_at_quotas
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.converge.replace import drive
from inference_provider.errors import AlreadyExists, ClusterError, InferenceError
from inference_provider.manifests.kinds import PRIORITY_CLASS
from inference_provider.manifests.priority import importance_of, priority_class, priority_class_name, value_of
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.surge import Judged, as_known, demands_of
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.next_step import candidate_of
from inference_provider.rollout.surge import comes_back_first, own_below, plan, quotas_met, room_for


async def decide(op: Operation, course: Course, *, woken: bool = False) -> None:
    """Choose the bundle, and set ``course.vacate`` and the candidate's priority as ``replacement.surge`` asks.

    ``woken`` says that what serves was started for this. Raises InferenceError, with nothing else touched, when there
    is no room and that is what was asked for.
    """
    fleet, surge = op.fleet(), course.settings.surge
    active = fleet.active
    serves = active is not None and active.template == course.template and not active.condemned
    if course.blueprint is None or course.stopped or serves:
        return
    if surge != "wait" and active is not None and comes_back_first(surge, fleet, course.goal):
        await drive(op, Course(active.template, course.settings, {}))
        fleet, active = op.fleet(), op.fleet().active
    await choose(op, course)
    blueprint = course.blueprint
    if blueprint.denied is not None and candidate_of(fleet, course.goal) is None:
        raise forbidden(op.namespace, blueprint, serves=active.name if active else None, touched=woken)
    if surge == "wait":
        return
    planned = plan(surge, fleet, course.goal, await _judged(op, course, fleet, blueprint), course.rules)
    if planned.refusal is not None:
        serves_on = f"; {active.name} serves" if active else ""
        done = "It was started, and nothing else was changed" if woken else "Nothing was changed"
        raise InferenceError(
            f"could not roll Workload {op.namespace}/{op.workload}: {planned.refusal}. {done}{serves_on}. "
            f"{planned.advice}",
            touched=woken,
        )
    course.vacate = planned.vacate
    if surge == "preempt":
        course.blueprint = replace(blueprint, priority=await _preempting(op, course, blueprint))
        for kept in planned.yields:
            await retire(op, kept, why="the new version needs its GPUs")


def forbidden(namespace: str, blueprint: Blueprint, *, serves: str | None, touched: bool = False) -> InferenceError:
    """Policies leave the new version no place."""
    serves_on = f"; {serves} serves on" if serves else ""
    said = f"could not start a version of Workload {namespace}/{blueprint.workload}: {blueprint.denied}"
    return InferenceError(f"{said}. Nothing was changed{serves_on}", touched=touched)


async def _judged(op: Operation, course: Course, fleet: Fleet, blueprint: Blueprint) -> Judged | None:
    """Where the pods that are still to be placed find room; None when nobody may look."""
    counts, hardware = candidate_counts(fleet, blueprint, course), blueprint.hardware
    gpus = await look_at_gpus(op.cluster, demands_of(hardware, counts))
    quotas = quotas_met(await look_at_quotas(op.cluster, op.namespace), course.settings, blueprint.priority)
    found = room_for(fleet, course.goal, hardware=hardware, counts=counts, gpus=gpus, quotas=quotas)
    return as_known(found, gpus)


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
        if await op.cluster.known(PRIORITY_CLASS, None, name) is None:
            await op.cluster.create(PRIORITY_CLASS, priority_class(importance, preempts=True))
    except AlreadyExists:
        return name
    except ClusterError as error:
        op.report.warn(f"{error.message}. So nobody is pushed out: the new version waits for room")
        return blueprint.priority
    return name
