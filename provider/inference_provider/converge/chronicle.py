"""What the record of the replacement under way says; models serve, and papers follow."""

import contextlib

from inference_provider.converge import record
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.errors import ClusterError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.rollout.fleet import Proton, Role
from inference_provider.rollout.phases import Phase, may_follow


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
    now = Phase(annotation(course.record, labels.PHASE) or Phase.SUBMITTED)
    if now is phase or not may_follow(now, phase):
        return
    try:
        course.record = await record.enter(op, course.record, phase, at=at, outcome=outcome, message=message)
    except ClusterError as error:
        op.report.warn(f"{error.message}; the record of this replacement is not up to date")


async def close(op: Operation, course: Course, proton: Proton, why: str) -> None:
    """End the record of a candidate that an earlier run left open; our own says itself how it ended."""
    if proton.role is not Role.CANDIDATE or proton.revision == course.candidate:
        return
    found = await record.find_record(op, proton.revision)
    phase = Phase(annotation(found, labels.PHASE) or Phase.SUBMITTED) if found else None
    if found is None or phase is None or not may_follow(phase, Phase.ERRORED) or phase is Phase.ERRORED:
        return
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        await record.enter(op, found, Phase.ERRORED, outcome="cancelled", message=f"removed: {why}")
