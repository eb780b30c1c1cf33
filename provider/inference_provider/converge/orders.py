"""What a person orders at the command line, beside the program: take back, promote, cancel, resume, stop, start.

Each takes the same lock as `pulumi up`, and leaves a hold where the next `up` would undo it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from inference_provider.converge import autoscale, promotion, record
from inference_provider.converge import hold as holds
from inference_provider.converge.begin import begin
from inference_provider.converge.course import Course
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.look import look
from inference_provider.converge.operation import Operation, utc_now
from inference_provider.converge.out_of_reach import out_of_reach
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.replace import drive
from inference_provider.converge.stop import start, stop, stopped_counts
from inference_provider.converge.workload import ours, sign
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.errors import InferenceError, LockHeld, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.manifests.revision import OWN_WORDS
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.hold import Hold, Kind, hold_of
from inference_provider.rollout.promoted import Promoted, promoted


@dataclass(frozen=True)
class Order:
    """Who orders something, and why, for one Workload, within ``seconds``."""

    cluster: Cluster
    namespace: str
    workload: str
    by: str
    reason: str
    seconds: float
    report: Reporter

    @property
    def named(self) -> str:
        """How people call it."""
        return f"Workload {self.namespace}/{self.workload}"

    def hold(self, kind: Kind, proton: Proton) -> Hold:
        """What is to stand on the Workload's Service."""
        return Hold(kind, proton.template, proton.name, self.by, utc_now(), self.reason)

    def deadline(self, doing: str) -> Deadline:
        """The time for all of it."""
        return Deadline.after(f"{doing} {self.named}", self.seconds)

    async def anchor(self) -> Body:
        """The Workload's Service. Raises NotFound, NameTaken."""
        return await ours(self.cluster, self.namespace, self.workload)


async def undo(order: Order, *, to: str | None = None) -> Fleet:
    """Give traffic back to the kept version, and hold the one that served until now.

    Raises InferenceError when nothing is kept, or not what is meant by ``to``; whatever fails leaves what served
    serving.
    """
    service = await order.anchor()
    async with begin(order.cluster, service, order.deadline("taking back"), order.report) as op:
        fleet = op.fleet()
        active, kept = fleet.active, _kept(fleet)
        if rising := fleet.of_role(Role.CANDIDATE):
            raise InferenceError(
                f"{order.named} is in the middle of an update to {rising[-1].name}. "
                f"First `pulumi-inference cancel {order.workload} -n {order.namespace}`; then `undo` goes farther back"
            )
        if to is not None and (kept is None or kept.name != to):
            raise await out_of_reach(op, to)
        if active is None or kept is None:
            raise InferenceError(
                f"no earlier version of {order.named} is kept, so none can be brought back at once. "
                "Put the program back to what ran before, and run `pulumi up`"
            )
        hold = hold_of(fleet.anchor)
        await holds.put(op, order.hold("undo", active))
        try:
            await drive(op, await _back(op, order, active=active, kept=kept))
        except InferenceError:
            now = op.fleet().active
            if now is not None and now.template == active.template:
                await holds.put(op, hold)  # nothing was taken back
            raise
        await autoscale.settle(op)
        return await _signed(op, order)


async def _signed(op: Operation, order: Order) -> Fleet:
    """What there is now, with who has changed it on the Workload's Service."""
    await sign(op, {labels.UPDATED_AT: op.now(), labels.UPDATER: order.by})
    return op.fleet()


def _kept(fleet: Fleet) -> Proton | None:
    """The version that can be gone back to without loading."""
    found = [each for each in fleet.of_role(Role.RETAINED) if not each.condemned]
    near = [each for each in found if fleet.active is not None and abs(each.slot - fleet.active.slot) == 1]
    return near[-1] if near else None


async def _back(op: Operation, order: Order, *, active: Proton, kept: Proton) -> Course:
    """The replacement that brings a kept version back, with the settings under which the active one came."""
    came, ran = await record.find_record(op, active.revision), await record.find_record(op, kept.revision)
    facts = {key: value for key, value in ((ran or {}).get("data") or {}).items() if key not in OWN_WORDS}
    said: Mapping[str, object] = {**facts, "actor": order.by, "reason": order.reason or None}
    settings = _settings(came).model_copy(update={"promote": kept.name})  # whoever takes back promotes by that
    return Course(kept.template, settings, said)


def _settings(came: Body | None) -> ReplacementSettings:
    """The settings that a record holds; the defaults where it cannot be read."""
    try:
        return ReplacementSettings.model_validate(json.loads((came or {}).get("data", {}).get("replacement") or "{}"))
    except (ValueError, ValidationError):
        return ReplacementSettings()


async def promote(order: Order) -> Fleet:
    """Let the version that waits for promotion take over; one that is still coming up does so once it is proven.

    Raises InferenceError when there is none, or it came to nothing. Whatever fails leaves what served serving.
    """
    service, deadline = await order.anchor(), order.deadline("promoting a version of")
    target: str | None = None
    while True:
        try:
            async with begin(order.cluster, service, deadline, order.report) as op:
                return await _let_through(op, order, target)
        except LockHeld as held:
            target = await _promised(order, held)
            order.report.status(f"{target} takes over as soon as it is proven; {held.holder} sees to that")
            deadline.check(f"waiting for {target} to be proven")


async def _let_through(op: Operation, order: Order, target: str | None) -> Fleet:
    """Switch to what waits; ``target`` is what somebody else may have switched to on our word."""
    fleet = op.fleet()
    staged = promotion.waiting(fleet)
    if staged is None and fleet.active is not None and fleet.active.name == target:
        return fleet
    if staged is None:
        lost = f"{target} came to nothing" if target else f"no version of {order.named} waits for promotion"
        raise InferenceError(f"{lost}: {_serving(fleet)}")
    came = await record.find_record(op, staged.revision)
    settings = _settings(came).model_copy(update={"promotion": "manual", "promote": staged.name})
    words = Promoted("", order.by, "", order.reason).said
    await drive(op, Course(staged.template, settings, {}, closing_words=words))
    await autoscale.settle(op)
    return await _signed(op, order)


async def _promised(order: Order, held: LockHeld) -> str:
    """Say to the run that is at work that its version may take over; return its name. Raises what has held us up."""
    fleet = await look(order.cluster, order.namespace, order.workload)
    rising = fleet.of_role(Role.CANDIDATE) if fleet is not None else []
    begun = annotation(fleet.anchor, labels.UNDER_WAY) if fleet is not None else None
    if fleet is None or fleet.active is None or not rising or begun is None:
        raise held
    word = Promoted(begun, order.by, utc_now(), order.reason).written()
    if promoted(fleet.anchor) is None:
        same = {"op": "test", "path": "/metadata/uid", "value": fleet.anchor["metadata"]["uid"]}
        change = change_operations(fleet.anchor, {labels.PROMOTED: word})
        await order.cluster.patch(SERVICE, order.namespace, order.workload, [same, *change])
    return rising[-1].name


async def cancel(order: Order) -> Fleet | None:
    """End the replacement that is under way, whoever drives it; None when a first creation was cancelled by that.

    A running `pulumi up` sees the hold and steps back by itself; what an interrupted one left is removed here.
    Raises InferenceError when there is nothing to cancel, or when it was too late.
    """
    service = await order.anchor()
    async with order.cluster.mirror(order.namespace, order.workload) as mirror:
        deadline = order.deadline("cancelling the replacement of")
        op = Operation.watching(service, order.cluster, mirror, deadline, order.report)
        await op.seen(SERVICE, service, new=True)
        rising = op.fleet().of_role(Role.CANDIDATE)
        if not rising and (back := await _brought_back(op, order, deadline)) is not None:
            return back
        if not (rising := op.fleet().of_role(Role.CANDIDATE)):
            raise InferenceError(f"no replacement of {order.named} is under way: {_serving(op.fleet())}")
        target = rising[-1]
        await holds.announce(op, order.hold("cancel", target))
        try:
            async with begin(order.cluster, op.anchor(), deadline, order.report) as own:
                await _clear(own)
        except LockHeld:
            order.report.status("a running `pulumi up` steps back")
            await op.until(lambda: _over(op.fleet(), target), waiting_for=f"waiting for {target.name} to be given up")
        except NotFound:
            return None
        return await _judged(op, target)


async def _brought_back(seen: Operation, order: Order, deadline: Deadline) -> Fleet | None:
    """Undo an outage of which there was never a candidate: nothing else remains of its replacement, nor can be held.

    None when there is no outage, or whoever is at work on it has got as far as a candidate.
    """

    def made_room() -> bool:
        fleet = seen.fleet()
        return fleet.active is not None and fleet.active.vacated and not fleet.of_role(Role.CANDIDATE)

    if not made_room():
        return None
    try:
        async with begin(order.cluster, seen.anchor(), deadline, order.report) as op:
            await _clear(op)
            return await _signed(op, order)
    except LockHeld:
        order.report.status("a running `pulumi up` makes room for a version that can be cancelled once it is begun")
        await seen.until(lambda: not made_room(), waiting_for="waiting for the version to be cancelled to be begun")
        return None


async def _clear(op: Operation) -> None:
    """Remove whatever candidate an interrupted run has left."""
    active = op.fleet().active
    if active is None:
        raise InferenceError(
            f"the first creation of Workload {op.namespace}/{op.workload} was interrupted; "
            "`pulumi up` carries on with it, `pulumi destroy` removes it"
        )
    await drive(op, Course(active.template, ReplacementSettings(), {}))
    await autoscale.settle(op)  # what had made room was scaled by nobody


def _over(fleet: Fleet, target: Proton) -> bool:
    now = fleet.proton(target.revision)
    return now is None or now.role is not Role.CANDIDATE


async def _judged(op: Operation, target: Proton) -> Fleet:
    fleet = op.fleet()
    if fleet.active is not None and fleet.active.revision == target.revision:
        await holds.announce(op, None)
        raise InferenceError(
            f"too late to cancel: {target.name} serves already. "
            f"`pulumi-inference undo {op.workload} -n {op.namespace}` goes back"
        )
    return fleet


def _serving(fleet: Fleet) -> str:
    return f"{fleet.active.name} serves" if fleet.active else "nothing serves yet"


async def resume(order: Order) -> Fleet:
    """Lift the hold; the next `pulumi up` does what the program says. Raises InferenceError when there is none."""
    service = await order.anchor()
    async with begin(order.cluster, service, order.deadline("resuming"), order.report) as op:
        if hold_of(op.anchor()) is None:
            raise InferenceError(f"{order.named} is not held: {_serving(op.fleet())}")
        await holds.put(op, None)
        return op.fleet()


async def halt(order: Order) -> Fleet:
    """Stop the Workload: no pods, the same endpoint. The hold keeps `pulumi up` from starting this version again."""
    service = await order.anchor()
    async with begin(order.cluster, service, order.deadline("stopping"), order.report) as op:
        active, rising = op.fleet().active, op.fleet().of_role(Role.CANDIDATE)
        if active is None:
            raise InferenceError(f"{order.named} has never served, so there is nothing to stop")
        await drive(op, Course(active.template, ReplacementSettings(), {}, stopped=True))
        hold = order.hold("stop", active)
        # What the program wants is what was on its way up: it would lift a hold of what serves, and start by that.
        await holds.put(op, replace(hold, template=rising[-1].template) if rising else hold)
        await stop(op)
        return await _signed(op, order)


async def restart(order: Order) -> Fleet:
    """Start a stopped Workload with the pods that it had, and lift the hold. Raises InferenceError when it runs."""
    service = await order.anchor()
    async with begin(order.cluster, service, order.deadline("starting"), order.report) as op:
        counts = stopped_counts(op.anchor())
        if counts is None:
            raise InferenceError(f"{order.named} is not stopped: {_serving(op.fleet())}")
        await start(op, counts)
        hold = hold_of(op.anchor())
        if hold is not None and hold.kind == "stop":
            await holds.put(op, None)
        await autoscale.settle(op)
        return await _signed(op, order)
