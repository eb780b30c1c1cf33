"""A Workload's life: brought to what is wanted, however it stands. Its first creation: ``birth``."""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from inference_provider.converge import autoscale
from inference_provider.converge import hold as holds
from inference_provider.converge.bundles import note_bundles, offer
from inference_provider.converge.claim import taken
from inference_provider.converge.course import Course
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.gateway import lead
from inference_provider.converge.in_order import put_in_order
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.promotion import refuse_conflict, tell_asleep, unpromoted
from inference_provider.converge.prove import assess, prove
from inference_provider.converge.replace import drive
from inference_provider.converge.roles import share
from inference_provider.converge.scale import scale
from inference_provider.converge.show import show
from inference_provider.converge.stop import before_stop, note_stopped, start, stop, stopped_counts, strike_early
from inference_provider.converge.supersede import begin_change
from inference_provider.converge.surge import decide
from inference_provider.converge.wanted import Wanted, actor_of, change_of
from inference_provider.errors import (
    DeadlineExceeded,
    NameTaken,
    NotFound,
    RolloutFailed,
)
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation, change_operations, label, label_pointer
from inference_provider.manifests.kinds import (
    SERVICE,
    Body,
)
from inference_provider.manifests.ownership import is_condemned
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.hold import Hold, hold_of


def updated(op: Operation, wanted: Wanted) -> dict[str, str]:
    """Who changed it, and when, as its Service notes that."""
    return {labels.UPDATED_AT: op.now(), labels.UPDATER: actor_of(wanted)}


async def sign(op: Operation, notes: Mapping[str, str | None]) -> None:
    """Write such notes on the Workload's Service."""
    service = op.anchor()
    await op.patch(SERVICE, service, change_operations(service, notes))


def finished(service: Body) -> bool:
    """Whether a Workload's first creation has come to its end: the incarnation is the very last write."""
    return annotation(service, labels.INCARNATION) is not None


async def born(op: Operation, wanted: Wanted) -> Fleet:
    """Stamp the incarnation, as the very last write: until then the Workload counts as unfinished."""
    born_as = {labels.INCARNATION: secrets.token_hex(8), labels.CREATOR: actor_of(wanted), labels.UNDER_WAY: None}
    await sign(op, born_as | updated(op, wanted))
    return op.fleet()


async def update(cluster: Cluster, wanted: Wanted, *, seconds: float, report: Reporter) -> Fleet:
    """Bring a Workload to what is wanted: in place what can be, by a rolling replacement what must.

    Raises NotFound when it is gone, LockHeld, RolloutFailed (the old version serves on), DeadlineExceeded.
    """
    deadline = Deadline.after(f"updating Workload {wanted.namespace}/{wanted.name}", seconds, option="update")
    service = await ours(cluster, wanted.namespace, wanted.name)
    # Where a Replacement drives, this is no version that could take another's place, or lose its own.
    change = None if wanted.settings.driver == "external" else change_of(wanted)
    async with begin_change(cluster, service, deadline, report, change) as op:
        changed = await bring_about(op, wanted)
        if not finished(op.anchor()):  # its creation was interrupted, and a door that can say so carries it on here
            return await born(op, wanted)
        if changed:
            await sign(op, updated(op, wanted))
        return op.fleet()


async def ours(cluster: Cluster, namespace: str, name: str) -> Body:
    """The Workload's Service as it is. Raises NotFound, or NameTaken when it is not ours."""
    service = await cluster.find(SERVICE, namespace, name)
    if service is None or is_condemned(service):
        raise NotFound(
            "update Workload of",
            kind="Service",
            namespace=namespace,
            name=name,
            status=404,
            said="it is gone" if service is None else "somebody is deleting it",
            advice="Run `pulumi refresh`, then `pulumi up` makes it anew",
        )
    if not is_anchor(service, name):
        raise NameTaken(taken(SERVICE, service))
    return service


async def bring_about(op: Operation, wanted: Wanted) -> bool:
    """Make it so: sharing, its gateway, then the roll, so that one that fails changes nothing else. True when anything
    changed.
    """
    wanted = await wanted.overseen()
    shared = await share(op, wanted)
    led = await lead(op, wanted)
    course, external = wanted.course(), wanted.settings.driver == "external" and op.fleet().active is not None
    await autoscale.check_rights(op, course.scalings)
    offer(op.fleet(), course, wanted.choices)
    hold = _ordered_stop(op) if external else await holds.in_force(op, course.template, resume=wanted.settings.resume)
    if external:  # a Replacement says what serves, and clears up after itself
        course = _staying(op, course)
    if hold is not None:
        holds.tell(op, hold)
        course = _staying(op, course)
    stopping = not wanted.running or (hold is not None and hold.kind == "stop")
    resumed = not stopping and await strike_early(op)
    waits = hold is None and not external and unpromoted(op.fleet(), course)
    asleep = waits and stopping
    if asleep:
        tell_asleep(op)
        course = _staying(op, course)
    woken = waits and not stopping and await _woken(op, wanted)
    stopped = stopped_counts(op.anchor()) is not None
    if not stopping and not external:
        refuse_conflict(op, course)
        course.stopped = stopped
        await decide(op, course, woken=woken)
    changed = await _without_pods(op, course, wanted) if stopping or stopped else False
    active = (await put_in_order(op, course) if external else None) or await drive(op, course)
    shown = await show(op, wanted.face, wanted.counts)
    wants_it = not (hold or external or asleep) and active.template == course.template
    renamed = wants_it and await rename(op, active.revision, wanted.blueprint.artifact)
    renamed = (wants_it and await note_bundles(op, active.revision, course.blueprint)) or renamed
    if stopping:
        changed = await stop(op) or changed
        if hold is None:
            await note_stopped(op, before_stop(op, wanted.counts))  # what a start would bring
    elif stopped:
        await start(op, before_stop(op, wanted.counts))
    else:
        changed = await _scale(op, active.revision, wanted)
        if resumed and not changed:  # or it was a start, which waits until all are ready
            await prove(op, active.revision, groups=active.replicas())
    changed = await autoscale.settle(op) or changed
    _whole(op, stopping=stopping, external=external)
    return shared or led or shown or renamed or changed or woken or stopped != stopping or course.record is not None


async def _woken(op: Operation, wanted: Wanted) -> bool:
    """Start what served before the stop: another version can only wait for promotion beside one that runs."""
    if stopped_counts(op.anchor()) is None:
        return False
    _whole(op, stopping=False, external=False)
    await start(op, before_stop(op, wanted.counts))
    await autoscale.settle(op)  # it serves from now on, whatever becomes of the other one
    return True


def _whole(op: Operation, *, stopping: bool, external: bool) -> None:
    """Raise RolloutFailed when a part of what serves is gone, and this program does not hold what it was made of.

    With a Replacement only say so: that comes after this, and may hold it.
    """
    now = op.fleet().active
    if stopping or now is None or not now.missing:
        return
    said = (
        f"{now.name} of Workload {op.namespace}/{op.workload} should serve, but its Deployment of "
        f"{' and '.join(now.missing)} is gone, and this program names another version. Promote what waits, or put the "
        "program back to what should serve, which makes it again"
    )
    if not external:
        raise RolloutFailed(said, touched=True)
    op.report.warn(f"{said}; so does a Replacement that names it, or another version")


def _ordered_stop(op: Operation) -> Hold | None:
    """The stop that a person has ordered; every other hold is a matter between them and the Replacement."""
    hold = hold_of(op.anchor())
    return hold if hold is not None and hold.kind == "stop" else None


def _staying(op: Operation, course: Course) -> Course:
    """The same course, but to what serves already."""
    active = op.fleet().active
    if active is None or active.template == course.template:
        return course
    return replace(course, template=active.template, blueprint=None)


async def _without_pods(op: Operation, course: Course, wanted: Wanted) -> bool:
    """Stop whatever runs, so that the wanted version can take its place without gates. False when nothing ran."""
    active = op.fleet().active
    if active is None:
        await note_stopped(op, wanted.counts)
    else:
        await drive(op, replace(_staying(op, wanted.course()), stopped=True))  # no candidate outlives a stop
    course.stopped = True
    return await stop(op) if active is not None else False


async def _scale(op: Operation, revision: int, wanted: Wanted) -> bool:
    """Scale the active; when that does not come to its end, say what serves meanwhile."""
    proton = op.fleet().proton(revision)
    if proton is None:
        return False
    if proton.vacated:  # a Replacement that was interrupted, or is to come, brings it back or replaces it
        op.report.warn(f"{proton.name} has made room for another version, and is scaled when its Replacement is over")
        return False
    try:
        return await scale(op, proton, wanted.counts)
    except (RolloutFailed, DeadlineExceeded) as error:
        now = op.fleet().proton(revision) or proton
        said = f"{error.message}. {now.name} serves, scaled to its new size as far as it goes: {assess(now).message}"
        raise RolloutFailed(said, touched=True, detail=error.detail) from error


async def rename(op: Operation, revision: int, artifact: str) -> bool:
    """Note under which Artifact's name a proton runs: two Artifacts may have the same content, and nothing rolls."""
    proton = op.fleet().proton(revision)
    if proton is None or label(proton.service, labels.ARTIFACT) == artifact:
        return False
    change = {"op": "replace", "path": label_pointer(labels.ARTIFACT), "value": artifact}
    await op.patch(SERVICE, proton.service, [change])
    return True
