"""What the record of the replacement under way says; models serve, and papers follow."""

import contextlib

from inference_provider.converge import record
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.errors import ClusterError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, label
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Proton, Role
from inference_provider.rollout.phases import Phase, may_follow

_INTERRUPTED = "the run that drove it was interrupted; a later one brought it to its end"


def phase_of(record: Body) -> Phase:
    """Where a record says that its replacement is."""
    return Phase(annotation(record, labels.PHASE) or Phase.SUBMITTED)


async def begin(op: Operation, course: Course, revision: int, *, kind: str, back_to: str | None = None) -> None:
    """Make the record of this replacement, under a number of its own."""
    facts = {**course.facts, "backTo": back_to, "previous": annotation(op.anchor(), labels.ACTIVE)}
    course.record = await record.open_record(op, revision=revision, kind=kind, template=course.template, facts=facts)


async def note(
    op: Operation,
    course: Course,
    phase: Phase,
    *,
    at: str | None = None,
    outcome: str | None = None,
    message: str | None = None,
) -> None:
    """Write the phase into the record, if there is one and it may enter it: a record never goes backwards.

    A record that cannot be written is said, and stops nothing: models serve, and papers follow.
    """
    if course.record is None:
        return
    now = phase_of(course.record)
    if now is phase or not may_follow(now, phase):
        return
    try:
        course.record = await record.enter(op, course.record, phase, at=at, outcome=outcome, message=message)
    except ClusterError as error:
        op.report.warn(f"{error.message}; the record of this replacement is not up to date")


async def finish(op: Operation, course: Course) -> None:
    """Say that nothing is under way any more; what an interrupted run had begun gets its end in its record."""
    begun = annotation(op.anchor(), labels.UNDER_WAY)
    if begun is None:
        return
    ours = course.record is not None and label(course.record, labels.REVISION) == begun
    number = begun.removeprefix("r")
    if not ours and number.isdigit() and (found := await record.find_record(op, int(number))) is not None:
        await _ended(op, found)
    await op.patch(SERVICE, op.anchor(), change_operations(op.anchor(), {labels.UNDER_WAY: None}))


async def _ended(op: Operation, found: Body) -> None:
    """Close the record of an interrupted run by what became of it: its version took over, or it did not."""
    active, wanted = op.fleet().active, label(found, labels.TEMPLATE)
    took_over = phase_of(found) is Phase.CLEANING_UP  # and may have been replaced since
    serves = took_over or (active is not None and active.template == wanted)
    path = (Phase.INITIALIZING, Phase.SWITCHING, Phase.CLEANING_UP, Phase.COMPLETED) if serves else (Phase.ERRORED,)
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        for phase in path:
            if may_follow(phase_of(found), phase) and phase_of(found) is not phase:
                outcome = {Phase.COMPLETED: "completed", Phase.ERRORED: "cancelled"}.get(phase)
                found = await record.enter(op, found, phase, outcome=outcome, message=_INTERRUPTED if outcome else None)


async def close(op: Operation, course: Course, proton: Proton, why: str) -> None:
    """End the record of a candidate that an earlier run left open; our own says itself how it ended."""
    if proton.role is not Role.CANDIDATE or proton.revision == course.candidate:
        return
    found = await record.find_record(op, proton.revision)
    if found is None or phase_of(found) is Phase.ERRORED or not may_follow(phase_of(found), Phase.ERRORED):
        return
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        await record.enter(op, found, Phase.ERRORED, outcome="cancelled", message=f"removed: {why}")
