"""What the record of the replacement under way says; models serve, and papers follow."""

import contextlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inference_provider.converge import former, record
from inference_provider.converge.course import Course
from inference_provider.converge.operation import Operation
from inference_provider.converge.places import asked_of, places
from inference_provider.errors import ClusterError, Conflict
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, label
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Proton, Role
from inference_provider.rollout.phases import FOLLOWING, Phase, may_follow

_INTERRUPTED = "the run that drove it was interrupted; a later one brought it to its end"
_CALLED_OFF = "called off while it waited for promotion"
_NEVER_BEGUN = "the run that took this number was interrupted, or failed, before it had made anything"
_LATE = "nobody drove it any more: a later run found this record open, and closed it"
#: How a record ends that somebody else has to close.
_OUTCOMES = {Phase.COMPLETED: "completed", Phase.ERRORED: "cancelled"}


def phase_of(record: Body) -> Phase:
    """Where a record says that its replacement is."""
    return Phase(annotation(record, labels.PHASE) or Phase.SUBMITTED)


def watched(op: Operation, course: Course) -> Operation:
    """The operation, while it is noted how many pods each version has."""
    return op.watched_by(lambda: course.tape.look(op))


async def begin(op: Operation, course: Course, revision: int, *, kind: str, back_to: str | None = None) -> None:
    """Make the record of this replacement, under a number of its own."""
    course.tape.look(op)
    asked = asked_of(op, course.blueprint, revision) if course.blueprint is not None else course.facts.get("asked")
    facts = {**course.facts, "asked": asked, "backTo": back_to, "previous": annotation(op.anchor(), labels.ACTIVE)}
    course.record = await record.open_record(op, revision=revision, kind=kind, template=course.template, facts=facts)


async def note(
    op: Operation,
    course: Course,
    phase: Phase,
    *,
    outcome: str | None = None,
    message: str | None = None,
) -> None:
    """Write the phase into the record, if there is one and it may enter it: a record never goes backwards.

    What it has passed through on the way is written with it. A record that cannot be written is said, and stops
    nothing: models serve, and papers follow.
    """
    if course.record is None or not is_open(course.record):
        return
    if not record.leads_to(phase_of(course.record), course.passed, phase):
        return
    if phase is Phase.COMPLETED:
        message = message or _let_through(course)
    try:
        more = await _seen(op, course, course.record, phase)
        course.record = await _entered(
            op, course.record, phase, passed=course.passed, outcome=outcome, message=message, more=more
        )
    except ClusterError as error:
        op.report.warn(f"{error.message}; the record of this replacement is not up to date")


def _let_through(course: Course) -> str | None:
    """Who promoted it by the program, where it had waited for that; at the command line that is said anyway."""
    waited = Phase.AWAITING_PROMOTION in (annotation(course.record or {"metadata": {}}, labels.PHASES) or "")
    who = course.facts.get("person") or course.facts.get("actor")
    return f"promoted by {who}, in the program" if waited and who else None


async def _seen(op: Operation, course: Course, found: Body, phase: Phase) -> dict[str, str | None]:
    """What cannot be asked any more when it is over: pods over time, and where the pods are that serve, or failed."""
    course.tape.look(op)
    seen = {labels.PODS: course.tape.onto(annotation(found, labels.PODS))}
    over = Phase.CLEANING_UP in (phase, *(each for each, _ in course.passed))
    if not over and phase is not Phase.ERRORED:
        return seen
    fleet = op.fleet()
    meant = fleet.proton(course.candidate) if course.candidate is not None else None
    where = await places(op.cluster, meant or (fleet.active if over else None))
    return seen | {labels.NODES: where} if where is not None else seen


async def carried_on(op: Operation, proton: Proton) -> Body | None:
    """The open record of what an earlier run began with this proton: its own, or that of the way back to it."""
    begun = (annotation(op.anchor(), labels.UNDER_WAY) or "").removeprefix("r")
    if begun.isdigit() and int(begun) != proton.revision:
        found = await _found(op, int(begun))
        if found is not None and is_open(found) and label(found, labels.TEMPLATE) == proton.template:
            return found
    return await _found(op, proton.revision)


async def _found(op: Operation, revision: int) -> Body | None:
    """A record, and open again where a deletion that was killed had closed it."""
    found = await record.find_record(op, revision)
    return await former.taken_back(op, found) if found is not None else None


async def settle(op: Operation, course: Course) -> None:
    """At the end: every record but our own is closed, nothing is under way any more, and the oldest records go.

    Open are those of runs that were interrupted, also one whose creation arrived after somebody else had taken over.
    """
    records: list[Body] = []
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        first = op.fresh and _revision(course.record) == "r1"  # there is no other one yet
        named = [] if first else await record.under_name(op)
        records = await former.own_again(op, named)
    known = (_revision(course.record), annotation(op.anchor(), labels.UNDER_WAY))
    for each in records:
        if is_open(each) and _revision(each) not in known:
            await _ended(op, each, _LATE, serves=_is_active(op, each))
    await finish(op, course)
    with contextlib.suppress(ClusterError):  # the next one prunes
        await record.prune(op, records)


async def finish(op: Operation, course: Course) -> None:
    """Say that nothing is under way any more; what an interrupted run had begun gets its end in its record."""
    begun = annotation(op.anchor(), labels.UNDER_WAY)
    if begun is None:
        return
    number = begun.removeprefix("r")
    if op.fresh and begun == _revision(course.record):
        return  # the end of a creation is said in one patch
    if begun != _revision(course.record) and number.isdigit():
        with contextlib.suppress(ClusterError):  # models serve, and papers follow
            await _account_for(op, int(number))
    await op.patch(SERVICE, op.anchor(), change_operations(op.anchor(), {labels.UNDER_WAY: None}))


async def _account_for(op: Operation, revision: int) -> None:
    """Close a record that was left open by what became of it: its version took over, or it did not.

    The run that drove it was interrupted, or has ended well: what waits for promotion has no run.
    """
    active, found = op.fleet().active, await _found(op, revision)
    if found is not None:
        same = active is not None and active.template == label(found, labels.TEMPLATE)
        serves = same or _is_active(op, found)
        waited = phase_of(found) is Phase.AWAITING_PROMOTION and not serves
        await _ended(op, found, _CALLED_OFF if waited else _INTERRUPTED, serves=serves)
    elif (made := await record.late_record(op, revision)) is not None:
        await _ended(op, made, _NEVER_BEGUN, serves=False)


def is_open(body: Body) -> bool:
    """Whether a record says that its replacement has not come to its end; what another release wrote is left alone."""
    said = annotation(body, labels.PHASE)
    return said in {str(phase) for phase, following in FOLLOWING.items() if following}


def _revision(body: Body | None) -> str | None:
    return label(body, labels.REVISION) if body is not None else None


def _is_active(op: Operation, body: Body) -> bool:
    active = op.fleet().active
    return active is not None and active.name == _revision(body)


async def _ended(op: Operation, found: Body, message: str, *, serves: bool) -> None:
    """Bring a record to its end. Whoever wrote it may still have a request on its way: then it is read again."""
    path = (Phase.INITIALIZING, Phase.SWITCHING, Phase.CLEANING_UP, Phase.COMPLETED) if serves else (Phase.ERRORED,)
    # One that was being cleaned up had taken over, and may have been replaced since.
    steps = (*path, Phase.COMPLETED, Phase.ERRORED)
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        for _ in Phase:  # one step after the other; a record that is gone stays as it was read
            now = phase_of(found)
            then = next((each for each in steps if each is not now and may_follow(now, each)), None)
            if then is None or not is_open(found):
                return
            outcome = _OUTCOMES.get(then)
            found = await _entered(op, found, then, outcome=outcome, message=message if outcome else None)


async def _entered(
    op: Operation,
    found: Body,
    phase: Phase,
    *,
    passed: Sequence[tuple[Phase, str]] = (),
    outcome: str | None,
    message: str | None,
    more: Mapping[str, str | None] = MappingProxyType({}),
) -> Body:
    """Enter a phase, in the record as it is now. Raises Conflict when it is not clear what it says."""
    while record.leads_to(now := phase_of(found), passed, phase):
        try:
            return await record.enter(op, found, phase, passed=passed, outcome=outcome, message=message, more=more)
        except Conflict:
            again = await record.find_record(op, int((_revision(found) or "r0").removeprefix("r")))
            if again is None or phase_of(again) is now:
                raise
            found = again
    return found


async def close(op: Operation, course: Course, proton: Proton, why: str) -> None:
    """End the record of a candidate that an earlier run left open; our own says itself how it ended."""
    if proton.role is not Role.CANDIDATE or proton.revision == course.candidate:
        return
    found = await _found(op, proton.revision)
    if found is None or not is_open(found) or not may_follow(phase_of(found), Phase.ERRORED):
        return
    with contextlib.suppress(ClusterError):  # models serve, and papers follow
        await _entered(op, found, Phase.ERRORED, outcome="cancelled", message=f"removed: {why}")
