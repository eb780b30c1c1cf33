"""Driving a Workload from outside of its own program: a Replacement begins, goes on, or is called off."""

from inference_provider.converge import autoscale
from inference_provider.converge import hold as holds
from inference_provider.converge.begin import begin
from inference_provider.converge.bundles import note_bundles, offer
from inference_provider.converge.course import Course
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.look import look
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.promotion import refuse_conflict, unpromoted, waiting
from inference_provider.converge.replace import drive
from inference_provider.converge.stop import stopped_counts, strike_early
from inference_provider.converge.supersede import begin_change
from inference_provider.converge.surge import decide
from inference_provider.converge.wanted import Wanted, change_of
from inference_provider.converge.workload import ours, rename, sign, updated
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import InferenceError, LockHeld
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.fleet import Fleet, Role

#: Why a Replacement with manual promotion has nothing to do yet.
ASLEEP = (
    "it is stopped, and a version that waits for promotion needs one that serves beside it. Start the Workload first "
    "(`running: true`, or `pulumi-inference start`), or set `promotion: automatic`"
)


async def replace(
    cluster: Cluster, wanted: Wanted, *, token: str, seconds: float, option: str, report: Reporter
) -> Fleet:
    """Bring a Workload to the version that a Replacement names; nothing else of it changes.

    ``token`` tells this creation of the Replacement from every other, ``option`` which of its ``timeouts`` counts.

    Raises NotFound, LockHeld, RolloutFailed (the old version serves on), DeadlineExceeded, and InferenceError when the
    Workload is driven by its own program, or was never made.
    """
    doing = f"replacing the version of Workload {wanted.namespace}/{wanted.name}"
    deadline = Deadline.after(doing, seconds, option=option)
    service = await ours(cluster, wanted.namespace, wanted.name)
    check_driver(service)
    async with begin_change(cluster, service, deadline, report, change_of(wanted)) as op:
        check_driver(op.anchor())
        wanted = await wanted.overseen()
        course = wanted.course()
        offer(op.fleet(), course, wanted.choices)
        course.scalings = scalings_of(op.anchor())  # how many pods there are is the Workload's own business
        hold = await holds.in_force(op, course.template, resume=wanted.settings.resume)
        if hold is not None:
            holds.tell(op, hold)
            if (active := op.fleet().active) is not None:  # what serves is put in order all the same
                still = stopped_counts(op.anchor()) is not None
                await drive(op, Course(active.template, wanted.settings, {}, stopped=still))
            return op.fleet()
        refuse_conflict(op, course)
        await strike_early(op)
        course.stopped = stopped_counts(op.anchor()) is not None
        if course.stopped and unpromoted(op.fleet(), course):
            raise InferenceError(f"could not replace the version of {op.named}: {ASLEEP}")
        await decide(op, course)
        active = await drive(op, course)
        if active.template == course.template:
            await rename(op, active.revision, wanted.blueprint.artifact)
            await note_bundles(op, active.revision, course.blueprint)
        await autoscale.settle(op)
        if course.record is not None:
            await sign(op, updated(op, wanted))
        await _sign(op, token)
        return op.fleet()


async def _sign(op: Operation, token: str) -> None:
    """Note on what waits, as the last write, whose it is: made anew by force, a Replacement takes it over, and the
    deletion of the old one leaves it alone.
    """
    staged = waiting(op.fleet())
    change = change_operations(staged.service, {labels.DRIVEN_BY: token}) if staged is not None else []
    if staged is not None and change:
        await op.patch(SERVICE, staged.service, change)


def check_driver(service: Body) -> None:
    """Raise InferenceError unless the Workload is there to be driven by a Replacement."""
    meta = service["metadata"]
    named = f"Workload {meta['namespace']}/{meta['name']}"
    if annotation(service, labels.DRIVER) != "external":
        raise InferenceError(
            f"could not replace the version of {named}: its own program drives it. Set `replacement.driver: external` "
            "on the Workload first, or change its `artifactId` instead"
        )
    if annotation(service, labels.INCARNATION) is None:
        raise InferenceError(
            f"could not replace the version of {named}: its first creation never came to its end. "
            "`pulumi up` of the Workload first"
        )


async def call_off(
    cluster: Cluster,
    namespace: str,
    name: str,
    revision: str,
    *,
    settings: ReplacementSettings,
    token: str,
    seconds: float,
    report: Reporter,
) -> bool:
    """Remove what a Replacement of this ``token`` brings up, traffic staying where it is; False when there is nothing.

    ``revision`` is the last that it knew of. What a run that died has left without a candidate is put in order too, as
    ``settings`` say. Raises LockHeld when somebody works on that revision.
    """
    found = await cluster.find(SERVICE, namespace, name)
    if found is None:
        return False
    try:
        deadline = Deadline.after(f"calling off {revision} of Workload {namespace}/{name}", seconds, option="delete")
        return await _call_off(cluster, found, settings, token=token, deadline=deadline, report=report)
    except LockHeld:
        fleet = await look(cluster, namespace, name)
        if fleet is not None and any(each.name == revision for each in fleet.of_role(Role.CANDIDATE)):
            raise
        return False  # whoever is at work brings up another one, and knows of it


async def _call_off(
    cluster: Cluster, found: Body, settings: ReplacementSettings, *, token: str, deadline: Deadline, report: Reporter
) -> bool:
    async with begin(cluster, found, deadline, report) as op:
        active, rising = op.fleet().active, op.fleet().of_role(Role.CANDIDATE)
        # Whoever holds the lock knows that what is half made, or not signed yet, belongs to a run that died.
        if active is None or any(annotation(each.service, labels.DRIVEN_BY) not in {None, token} for each in rising):
            return False
        await drive(op, Course(active.template, settings, {}))  # also where a run that died has left no candidate
        await autoscale.settle(op)  # what had made room was scaled by nobody
        return bool(rising)
