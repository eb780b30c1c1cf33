"""Beginning an operation on a Workload: its lock, its mirror, and a fence against every earlier holder."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.errors import ClusterError, Conflict, Forbidden, Invalid, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, label_pointer, value_test
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, SERVICE, Body, Kind
from inference_provider.rollout.supersede import ask_of

#: How long somebody else's lock is watched before it counts as held (a little over its own duration; seconds).
LOCK_WAIT = 20.0
#: The epoch of an anchor that was made this moment: it has no earlier holder.
FIRST_EPOCH = "1"


@asynccontextmanager
async def begin(
    cluster: Cluster, service: Body, deadline: Deadline, report: Reporter, *, fresh: bool = False
) -> AsyncIterator[Operation]:
    """Everything an operation works with. ``service`` is the Workload's anchor, ``fresh`` when we have just made it.

    Raises LockHeld, and what the API server says.
    """
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    report.status(f"taking the lock of Workload {namespace}/{name}")
    async with (
        cluster.lock(namespace, name, owner=service, wait=LOCK_WAIT, fresh=fresh) as lock,
        cluster.mirror(namespace, name) as mirror,
    ):
        op = Operation(namespace, name, cluster, mirror, lock, deadline, report, FIRST_EPOCH, fresh)
        # Read again behind the lock: its last holder may have deleted it.
        now = service if fresh else await cluster.get(SERVICE, namespace, name)
        await op.seen(SERVICE, now, new=True)
        yield op if fresh else await _fenced(op)


async def _fenced(op: Operation) -> Operation:
    """Stamp the next epoch on the anchor and on all that move or own something: earlier holders' requests then fail."""
    while True:
        service = op.anchor()
        before = annotation(service, labels.EPOCH)
        op = op.of_epoch(str(_number(before) + 1))
        test = [value_test(labels.EPOCH, before)] if before is not None else []
        try:
            stamp = change_operations(service, {labels.EPOCH: op.epoch})
            await op.unfenced(SERVICE, service, [*test, *stamp, *_answered(op, service)])
            break
        except Conflict:  # a request of the last holder was still on its way
            await op.pause(op.mirror.version, waiting_for="stamping the fencing epoch")
    protons = op.fleet().protons
    owners = [(SERVICE, each.service) for each in protons]
    owners += [(JOB, each.tombstone) for each in protons if each.tombstone is not None]
    scaled = [(DEPLOYMENT, body) for each in protons for body in each.deployments]
    await asyncio.gather(
        *(
            _stamped(op, kind, body, change_operations(body, {labels.EPOCH: op.epoch}), NotFound)
            for kind, body in owners
        ),
        # Other people's admission rules may refuse any change of a Deployment. What serves is not left alone for that.
        *(_stamped(op, kind, body, _as_label(op.epoch), NotFound, Forbidden, Invalid) for kind, body in scaled),
    )
    return op


def _answered(op: Operation, service: Body) -> list[Body]:
    """Strike what an earlier holder was asked for; what we are asked for ourselves stays."""
    ask, written = ask_of(service), annotation(service, labels.SUPERSEDE)
    if written is None or (ask is not None and ask.holder == op.lock.holder):
        return []
    return [value_test(labels.SUPERSEDE, written), *change_operations(service, {labels.SUPERSEDE: None})]


def _as_label(epoch: str) -> list[Body]:
    """The stamp of a Deployment: an annotation would count as a new generation, which its controller has to observe."""
    return [{"op": "add", "path": label_pointer(labels.EPOCH), "value": epoch}]


async def _stamped(op: Operation, kind: Kind, body: Body, operations: list[Body], *unless: type[ClusterError]) -> None:
    """Stamp one object, which may expire at any time."""
    with contextlib.suppress(*unless):
        await op.unfenced(kind, body, operations)


def _number(epoch: str | None) -> int:
    return int(epoch) if epoch is not None and epoch.isdigit() else 0
