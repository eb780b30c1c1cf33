"""Keeping a proton that no longer serves, and bringing it back: one patch on one object each."""

import contextlib
from datetime import UTC, datetime, timedelta

from inference_provider.converge.autoscale import take_away
from inference_provider.converge.operation import Operation
from inference_provider.errors import NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import change_operations
from inference_provider.manifests.kinds import JOB, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned, move_operations
from inference_provider.manifests.tombstone import MARGIN_SECONDS, time_to_live, tombstone
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.next_step import Entomb, Exhume, Retain, Sweep


async def take(op: Operation, step: Entomb | Retain | Exhume | Sweep, *, keep_seconds: float) -> None:
    """One step of keeping what was replaced, or of clearing up after it."""
    match step:
        case Entomb(proton):
            await entomb(op, proton)
        case Retain(proton):
            await retain(op, proton, keep_seconds=keep_seconds)
        case Exhume(proton):
            await exhume(op, proton)
        case Sweep(stray):
            await _sweep(op, stray)


async def _sweep(op: Operation, stray: Body) -> None:
    """Delete a tombstone that keeps nothing; one that has changed meanwhile is looked at again."""
    if await op.delete(JOB, stray):
        waiting = f"waiting for tombstone {stray['metadata']['name']} to be gone"
        await op.until(lambda: stray not in op.fleet().strays, waiting_for=waiting)


async def entomb(op: Operation, proton: Proton) -> None:
    """Make the tombstone early, so that a quota on Jobs refuses now and not after the switch."""
    seconds = int(op.deadline.left()) + MARGIN_SECONDS
    body = tombstone(
        op.anchor(), workload=op.workload, revision=proton.revision, template=proton.template, seconds=seconds
    )
    await op.create(JOB, body)


async def exhume(op: Operation, proton: Proton) -> None:
    """Delete a proton's tombstone, if it has one that owns nothing any more."""
    if proton.tombstone is None:
        return
    name, uid = proton.tombstone["metadata"]["name"], proton.tombstone["metadata"]["uid"]

    def now() -> Body | None:
        return next((job for job in op.mirror.objects(JOB) if job["metadata"]["uid"] == uid), None)

    while (job := now()) is not None and not await op.delete(JOB, job):
        op.deadline.check(f"deleting tombstone {name}")
    await op.until(lambda: now() is None, waiting_for=f"waiting for tombstone {name} to be gone")


async def reject(op: Operation, proton: Proton, why: str) -> None:
    """Note on a candidate why it failed: it may be kept for inspection only."""
    await op.patch(
        SERVICE, proton.service, change_operations(proton.service, {labels.FAILED: why, labels.STAGED: None})
    )


async def retain(op: Operation, proton: Proton, *, keep_seconds: float) -> None:
    """Give a proton to its tombstone, then let that live ``keep_seconds`` from now."""
    if proton.tombstone is None:
        return
    await take_away(op, proton)  # nobody sends it anything now, and it is to be kept as large as it is
    notes = change_operations(proton.service, {labels.STAGED: None})
    move = [*move_operations(proton.service, proton.tombstone), *notes]
    moved = await op.patch(SERVICE, proton.service, move)
    if is_condemned(moved):
        return
    now = _server_time(moved)
    until = now + timedelta(seconds=keep_seconds)
    life = time_to_live((now - _finished(proton.tombstone, now)).total_seconds(), keep_seconds)
    job = next((each for each in op.mirror.objects(JOB) if each["metadata"]["name"] == _job(proton)), proton.tombstone)
    await op.patch(JOB, job, [{"op": "replace", "path": "/spec/ttlSecondsAfterFinished", "value": life}])
    # The last word: a kept proton without it was interrupted here, and is retained again.
    note = change_operations(moved, {labels.KEEP_UNTIL: _written(until)})
    with contextlib.suppress(NotFound):  # it may have expired at once
        await op.patch(SERVICE, moved, note)


async def recall(op: Operation, proton: Proton, *, counts: dict[str, int]) -> bool:
    """Bring a kept proton back under the anchor, with at least ``counts`` pods by group.

    False when it expired at this very moment: an answer of 200 does not mean that it lives.
    """
    move = move_operations(proton.service, op.anchor())
    back = await op.patch(
        SERVICE, proton.service, [*move, *change_operations(proton.service, {labels.KEEP_UNTIL: None})]
    )
    if is_condemned(back):
        return False
    have = proton.replicas()
    for body, group in ((each, each["metadata"]["labels"][labels.GROUP]) for each in proton.deployments):
        if (count := counts.get(group, 1)) > have[group]:
            await op.scale(body, count)
    return True


def _job(proton: Proton) -> str:
    return f"{proton.service['metadata']['name']}-keep"


def _finished(job: Body, default: datetime) -> datetime:
    """When the Job's TTL started to run; a Job that the controller has not seen yet starts later, never earlier."""
    text = (job.get("status") or {}).get("completionTime")
    return _read(text) if text else default


def _server_time(body: Body) -> datetime:
    """The API server's clock, from the newest managedFields entry of an object it has just changed."""
    times = [_read(each["time"]) for each in body["metadata"].get("managedFields") or [] if each.get("time")]
    return max(times, default=datetime.now(UTC))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
