"""What becomes of a change that comes while another one is under way: refused, or (``supersede``) it asks that one to
step back, waits until it has, and begins then.

Nothing is taken from anybody: the one that is asked clears up by itself and gives the lock back. Each change asks one
holder at most, and one that has stepped back does not come again, so of several that ask one wins and the others end.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from inference_provider.converge.begin import begin
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import Operation, utc_now
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.errors import Conflict, HandedOver, LockHeld, Superseded
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.supersede import Ask, ask_of


@dataclass(frozen=True)
class Change:
    """A change that comes from a program: ``by`` whom, to which ``template``; ``supersedes`` as ``onConflict`` says.

    ``resume`` is the revision whose hold it lifts; ``others`` are templates that would do as well: those of the same
    version on other hardware.
    """

    template: str
    by: str
    supersedes: bool
    resume: str | None = None
    others: frozenset[str] = frozenset()
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    def wants(self, template: str) -> bool:
        """Whether what has this template is what it leads to."""
        return template == self.template or template in self.others

    def asks(self, holder: str) -> Ask:
        """What it says to whoever holds the lock."""
        return Ask(holder, self.template, self.by, utc_now(), self.token)


@asynccontextmanager
async def begin_change(
    cluster: Cluster, service: Body, deadline: Deadline, report: Reporter, change: Change | None
) -> AsyncIterator[Operation]:
    """Like ``begin``, but a change that supersedes asks a living holder to step back first, and waits for that.

    The operation ends with Superseded as soon as another change asks that of it. None: it neither asks nor is asked.

    Raises LockHeld as ``begin`` does,
    and when another change was faster; DeadlineExceeded when the holder does not step back.
    """
    async with AsyncExitStack() as entered:
        op = await _begun(entered, cluster, service, deadline, report, change=change)
        yield op if change is None else op.objecting(_asked_to_stop(op, change))


async def _begun(
    entered: AsyncExitStack,
    cluster: Cluster,
    service: Body,
    deadline: Deadline,
    report: Reporter,
    *,
    change: Change | None,
) -> Operation:
    asked: str | None = None
    while True:
        try:
            return await entered.enter_async_context(begin(cluster, service, deadline, report))
        except LockHeld as held:
            if change is None or not change.supersedes:
                raise
            asked = await _ask(cluster, service, held, change=change, asked=asked)
            waiting = f"waiting for {held.holder} to step back"
            report.status(f"{waiting} (onConflict: supersede)")
            deadline.check(waiting)


async def _ask(cluster: Cluster, service: Body, held: LockHeld, *, change: Change, asked: str | None) -> str | None:
    """Ask the holder to step back, unless somebody has; return whom we have asked.

    Raises LockHeld when that is of no use.
    """
    if asked not in (None, held.holder):
        raise LockHeld(f"{held.message} It was faster: {asked} has stepped back already", holder=held.holder)
    meta = service["metadata"]
    now = await cluster.find(SERVICE, meta["namespace"], meta["name"])
    if now is None or not _may_ask(now, change):
        raise held
    standing = ask_of(now)
    if standing is not None and standing.holder == held.holder:
        return held.holder if standing.token == change.token else asked
    same = {"op": "test", "path": "/metadata/resourceVersion", "value": now["metadata"]["resourceVersion"]}
    note = change_operations(now, {labels.SUPERSEDE: change.asks(held.holder).written()})
    with contextlib.suppress(Conflict):  # it is looked at again
        await cluster.patch(SERVICE, meta["namespace"], meta["name"], [same, *note])
        return held.holder
    return asked


def _may_ask(anchor: Body, change: Change) -> bool:
    """Whether there is a version to fall back on, and nobody has said that this one is not to roll."""
    hold = hold_of(anchor)
    withheld = hold is not None and change.wants(hold.template) and hold.revision != change.resume
    return annotation(anchor, labels.INCARNATION) is not None and not withheld


def _asked_to_stop(op: Operation, change: Change) -> Callable[[Body], Superseded | None]:
    def objection(anchor: Body) -> Superseded | None:
        ask = ask_of(anchor)
        if ask is None or ask.holder != op.lock.holder:
            return None
        same = change.wants(ask.template)
        how = "carries on with the same version" if same else "supersedes this one"
        kind = HandedOver if same else Superseded
        named = f"Workload {op.namespace}/{op.workload}"
        return kind(
            f"{ask.by} began another change of {named} on {ask.at}, which {how} (onConflict: supersede)", touched=True
        )

    return objection
