"""Driving a Workload from whatever is there to the wanted version, one derived step after the other.

``rollout.next_step`` decides, this file does. Nothing that the next decision needs is remembered here, except which
candidates were proven; so carrying on after an interruption is the same call again.
"""

from inference_provider.converge import chronicle, keep, promotion, traffic
from inference_provider.converge.candidate import candidate_counts, raise_proton, retire
from inference_provider.converge.course import Course
from inference_provider.converge.gates import blueprint_of, mend, prove_candidate
from inference_provider.converge.hold import called_off
from inference_provider.converge.number import next_number, number_for
from inference_provider.converge.operation import Operation
from inference_provider.converge.vacate import give_way, restore_seconds
from inference_provider.errors import (
    Cancelled,
    DeadlineExceeded,
    HandedOver,
    InferenceError,
    LockLost,
    NameTaken,
    NoRoom,
    RolloutFailed,
    Superseded,
)
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.next_step import (
    Done,
    End,
    Entomb,
    Exhume,
    Goal,
    Mend,
    Narrow,
    Prove,
    Raise,
    Recall,
    Retain,
    Retire,
    Stage,
    Staged,
    Step,
    Sweep,
    Widen,
    next_step,
)
from inference_provider.rollout.outage import Restore, Vacate
from inference_provider.rollout.phases import Phase

#: Time that tidying up after a failure may take (seconds); the operation's own budget may be spent by then.
TIDY_SECONDS = 180.0


async def drive(op: Operation, course: Course) -> Proton:
    """Take steps until the wanted template serves alone, or waits for promotion; return the proton that serves.

    On failure the candidate is removed (or kept, if asked), traffic stays with the old version, and the error says so.
    """
    op = chronicle.watched(op, course)
    try:
        end = await _drive(promotion.listening(called_off(op, course.template), course), course, course.goal)
    except (LockLost, HandedOver):
        raise  # somebody else is in charge by now, or will be and wants the same
    except InferenceError as error:
        raise await _step_back(op, course, error) from error
    if isinstance(end, Staged):
        await promotion.tell(op, course, end)
        return end.active
    await chronicle.note(op, course, Phase.COMPLETED, outcome="completed", message=course.closing_words)
    await chronicle.settle(op, course)
    return end.active


async def _drive(op: Operation, course: Course, goal: Goal) -> End:
    while True:
        step = next_step(op.fleet(), promotion.heard(op, course, goal), proven=frozenset(course.proven))
        if isinstance(step, End):
            return step
        await perform(op, course, step)


async def perform(op: Operation, course: Course, step: Step) -> None:
    """Do one step. Every step may be done again without harm."""
    match step:
        case Retire(proton, why):
            await retire(op, proton, why=why, wait=step.slot_needed)
            await chronicle.close(op, course, proton, why)
        case Raise(slot):
            await _raise(op, course, slot)
        case Recall(proton):
            await _recall(op, course, proton)
        case Vacate() | Restore():
            await give_way(op, step)
        case Entomb() | Retain() | Exhume() | Sweep():
            await keep.take(op, step, keep_seconds=course.keep_seconds)
        case Prove(proton):
            await prove_candidate(op, course, proton)
        case Stage(proton):
            await promotion.stage(op, course, proton)
        case Widen() | Narrow():
            await _switch(op, course, step)
        case Mend(proton):
            await mend(op, course, proton)
        case Done() | Staged():
            pass


async def _switch(op: Operation, course: Course, step: Widen | Narrow) -> None:
    """One step of moving traffic."""
    if isinstance(step, Narrow):
        await _narrow(op, course, step.proton)
        return
    course.switching = course.switching or op.now()
    if traffic.settle_seconds(op):
        await chronicle.note(op, course, Phase.SWITCHING)
    await traffic.widen(op, step.active, step.candidate)


async def _narrow(op: Operation, course: Course, proton: Proton) -> None:
    """Give a proton all the traffic, unless it is less ready than when it was proven; then it has to be proven again.

    The record learns of the switch afterwards: nobody's requests wait for our bookkeeping.
    """
    fleet = op.fleet()
    old = fleet.active if fleet.active and fleet.active.revision != proton.revision else None
    taking_over = fleet.active is None or old is not None
    if taking_over and not course.stopped and not traffic.may_take_over(op, proton):
        course.proven.discard(proton.revision)
        await _lost_readiness(op, proton.revision)
        return
    course.switching = course.switching or op.now()
    await traffic.narrow(op, proton, old=None if course.stopped else old)
    course.passed += [(Phase.INITIALIZING, op.now()), (Phase.SWITCHING, course.switching)]
    if len(op.fleet().protons) > 1:
        await chronicle.note(op, course, Phase.CLEANING_UP)
    else:  # there is nothing to clean up: it is complete in a moment, and its record is told both together
        course.passed.append((Phase.CLEANING_UP, op.now()))


async def _lost_readiness(op: Operation, revision: int) -> None:
    """Wait for a change before a candidate is proven again. Raises RolloutFailed when nobody is left to be proven."""
    version, now = op.mirror.version, op.fleet().proton(revision)
    if now is not None and 0 in now.replicas().values():
        raise RolloutFailed(f"{now.name} was scaled to 0 by somebody else while it was starting", touched=True)
    await op.pause(version, waiting_for=f"waiting for all pods of r{revision} to be ready again")


async def _raise(op: Operation, course: Course, slot: int) -> None:
    fleet, blueprint = op.fleet(), blueprint_of(op, course)
    revision = await number_for(op, course)
    course.candidate = revision
    kind = "replacement" if fleet.active else "create"
    try:
        await chronicle.begin(op, course, revision, kind=kind)
    except NameTaken:  # a create that was interrupted and is carried on with another program
        course.candidate = revision = await next_number(op, course)
        await chronicle.begin(op, course, revision, kind=kind)
    op.report.status(f"starting r{revision} beside {fleet.active.name}" if fleet.active else f"starting r{revision}")
    counts = candidate_counts(fleet, blueprint, course)
    await raise_proton(op, blueprint, revision=revision, slot=slot, counts=counts, port=course.port)


async def _recall(op: Operation, course: Course, proton: Proton) -> None:
    op.report.status(f"bringing {proton.name} back: its pods still run")
    fleet = op.fleet()
    if not await keep.recall(op, proton, counts=fleet.active.strength() if fleet.active else {}):
        return
    if course.record is None and (fleet.active is None or proton.revision != fleet.active.revision):
        revision = await next_number(op, course)
        await chronicle.begin(op, course, revision, kind="undo", back_to=proton.name)


async def _step_back(op: Operation, course: Course, error: InferenceError) -> InferenceError:
    """Undo what a failed replacement left: traffic to the old version, the candidate gone or kept.

    Once the new version is active there is nothing to undo; what is left beside it is the next run's.
    """
    active = op.fleet().active
    seconds = TIDY_SECONDS + (restore_seconds(active) if active else 0.0)
    tidy = op.tidying(seconds, f"tidying up after a failed update of Workload {op.namespace}/{op.workload}")
    if active is not None and active.template == course.template:
        left = f"{active.name} serves; run `pulumi up` again to clear up what is left beside it"
        if active.vacated:
            left = f"{active.name} is scaled back to what it had; run `pulumi up` again to wait on until it serves"
        return RolloutFailed(f"{error.message}. {left}", touched=True, detail=error.detail)
    try:
        outcome = "cancelled" if isinstance(error, Cancelled) else "errored"
        await chronicle.note(tidy, course, Phase.ERRORED, outcome=outcome, message=error.message)
        course.record = None  # it is closed; what follows is tidying up
        if active is None:
            return error
        kept = await _keep_failed(tidy, course, active, error) if course.settings.on_failure == "keep" else None
        old = Goal(active.template)
        await _drive(tidy, course, old)
        await chronicle.finish(tidy, course)
    except InferenceError as second:
        said = f"{error.message}. Tidying up failed as well: {second.message}"
        return RolloutFailed(said, touched=True, detail=error.detail)
    removed = "; the new version was removed" if course.candidate else ""
    fate = f"; {kept} is kept for inspection and gets no traffic" if kept else removed
    serves = "had made room for it, and serves again" if active.vacated else "still serves"
    said = f"{error.message}. {active.name} {serves}{fate}. {_advice(op, error)}"
    kind = type(error) if isinstance(error, Cancelled) else RolloutFailed
    return kind(said, touched=True, detail=error.detail)


def _advice(op: Operation, error: InferenceError) -> str:
    if isinstance(error, Superseded):
        return "Nothing is held: run `pulumi up` again if this program is to have the last word"
    if isinstance(error, Cancelled):
        return f"`pulumi-inference resume {op.workload} -n {op.namespace}` or another version lets it roll again"
    if isinstance(error, NoRoom):
        return "Run `pulumi up` again once there is room"
    if isinstance(error, DeadlineExceeded):
        return "Run `pulumi up` again with more time, or once what it waited for is there"
    return "Mend the cause and run `pulumi up` again"


async def _keep_failed(op: Operation, course: Course, active: Proton, error: InferenceError) -> str | None:
    """Hand a failed candidate to a tombstone of its own, so that it can be looked at and still ends by itself.

    Not one that never found room: nothing of it has run. Nor one that has the room of what is to serve again, nor one
    that was only called off.
    """
    fleet = op.fleet()
    proton = fleet.proton(course.candidate) if course.candidate else None
    if proton is None or proton.condemned or active.vacated or isinstance(error, NoRoom | Cancelled):
        return None
    if set(fleet.traffic) != {active.slot}:
        await traffic.narrow(op, active, old=None)
    await keep.reject(op, proton, error.message[:500])  # first: cut after this, it is no version that could serve
    await keep.entomb(op, proton)
    entombed = op.fleet().proton(proton.revision)
    if entombed is None:
        return None
    await keep.retain(op, entombed, keep_seconds=max(3600.0, course.keep_seconds))
    return entombed.name
