"""May a program start pods of a version that is there, when policies came after it was made?

They would keep the affinity of their version, and stand where policies forbid it. What is stopped is made anew instead.
"""

from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.converge.stop import before_stop, stopped_counts
from inference_provider.converge.surge import forbidden
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import InferenceError
from inference_provider.placement.growth import refusals
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.next_step import candidate_of


def judge(op: Operation, course: Course, wanted: Wanted, *, stays: bool) -> None:
    """Let the course make anew what would start where policies forbid it.

    ``stays`` says that what is there is started or scaled although the course may lead to another version. Raises
    InferenceError, with nothing changed, where pods would have to be added that no policy allows.
    """
    active = op.fleet().active
    if active is None:
        return
    stopped, same = stopped_counts(op.anchor()) is not None, active.template == course.template
    denied = course.blueprint is not None and course.blueprint.denied is not None
    if not same and not stays:
        if stopped and denied and course.blueprint is not None and candidate_of(op.fleet(), course.goal) is None:
            raise forbidden(op.namespace, course.blueprint, serves=None)
        return
    added = _started(op, active, wanted) if stopped else _raised(course, active, wanted)
    now = {} if stopped else active.strength()
    found = dict(refusals(wanted.rules, active.name, active.deployments, now=now, wanted=added))
    if not found:
        return
    if not stopped or stays or denied or course.blueprint is None:
        raise _refused(op, active, next(iter(found.values())), stopped=stopped)
    course.barred = {**course.barred, active.revision: "it was made before its policies"}
    op.report.info(
        f"{active.name} of {op.named} was made before its policies, and is not started again: the same version is made "
        "anew where they allow it"
    )


def _started(op: Operation, active: Proton, wanted: Wanted) -> dict[str, int]:
    counts = before_stop(op, wanted.counts)
    return {group: max(1, counts.get(group, 1)) for group in active.replicas()}


def _raised(course: Course, active: Proton, wanted: Wanted) -> dict[str, int]:
    """Only what the program asks for in this run: pods that somebody else took away come back."""
    counts = {group: count for group, count in wanted.counts.items() if group in wanted.raised}
    return aimed(course.scalings, counts, now=active.strength())


def _refused(op: Operation, active: Proton, why: str, *, stopped: bool) -> InferenceError:
    doing = "start" if stopped else "scale"
    left = "it stays stopped" if stopped else f"{active.name} serves on"
    return InferenceError(f"could not {doing} {active.name} of {op.named}: {why}. Nothing was changed; {left}")
