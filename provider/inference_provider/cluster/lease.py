"""Who may work on this Workload now? A Lease per Workload, taken, renewed and given back.

It is only ever written by POST, or by PUT with the resourceVersion that was read: a merge patch or a forced apply
would steal it. As in Kubernetes' own leader election, a Lease is expired when it has stood still for its duration on
*our* monotonic clock: clocks of different machines are never compared. A holder counts from the moment *before* it
sent its last successful renewal, so it gives up before anybody else may take over.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from inference_provider.cluster import holding
from inference_provider.cluster.holding import Standstill
from inference_provider.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    LockHeld,
    LockLost,
    NameTaken,
    NotFound,
    Unavailable,
)
from inference_provider.manifests.kinds import LEASE, Body, Kind

#: Before a Lease that could not be written is looked at again (seconds).
AGAIN = 0.1


def awake_clock() -> float:
    """Seconds that also pass while the machine sleeps: a closed laptop must not think that it still holds a lock."""
    clock = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True)
class LeaseTimes:
    """In seconds: a Lease's ``duration`` (renewed every third of it), ``poll`` between looks at somebody else's,
    ``release`` as the most that giving back may take. ``patience`` is how long a server is waited for that cannot
    write the Lease, before it is had (``hold``) or when it could not be renewed in time (``sure``); it covers an API
    server that is away for a minute. ``clock`` is monotonic.
    """

    duration: float = 15.0
    poll: float = 1.0
    release: float = 5.0
    patience: float = 75.0
    clock: Callable[[], float] = awake_clock


class Store(Protocol):
    """What a Lease needs of a client."""

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None: ...

    async def create(self, kind: Kind, body: Body) -> Body: ...

    async def replace(self, kind: Kind, body: Body) -> Body: ...


class Lease:
    """A held Lease. ``holder`` is who we say we are; ``epoch`` grows with every holder."""

    def __init__(self, store: Store, body: Body, *, holder: str, renewed: float, times: LeaseTimes) -> None:
        self._store, self._body, self._renewed, self._times = store, body, renewed, times
        self._lost = ""
        self._news = asyncio.Event()
        self.holder = holder

    @property
    def epoch(self) -> int:
        return int(self._body["spec"]["leaseTransitions"])

    def check(self) -> None:
        """Raise LockLost unless the Lease is surely ours at this moment."""
        why = self._lost
        if not why and self._age() > self._times.duration:
            why = f"it could not be renewed for {self._age():.0f} s"
        if why:
            raise LockLost(
                f"the lock of {holding.named(self._body)} is not ours any more: {why}. "
                "Nothing further was changed; run the operation again to carry on."
            )

    async def sure(self) -> None:
        """Return once the Lease is surely ours, which is at once as a rule.

        A Lease that could not be renewed in time is in doubt, not lost: it is renewed by PUT with the version that
        we wrote last, so a renewal that succeeds late proves that nobody had it in between. Raises LockLost when
        somebody has taken it, or when ``patience`` has run out since it was last renewed.
        """
        while not self._lost and self._times.duration < self._age() <= self._times.patience:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._times.poll):
                    await self._news.wait()
        self.check()

    def _age(self) -> float:
        return self._times.clock() - self._renewed

    async def keep(self) -> None:
        """Renew for ever; return when the Lease is lost."""
        pause = self._times.duration / 3
        while not self._lost:
            await asyncio.sleep(pause)
            pause = self._times.duration / 3 if await self.renew() else min(self._times.poll, self._times.duration / 3)

    async def renew(self) -> bool:
        """Renew once; False when it has to be tried again soon. Too old a renewal is what ``check`` looks at."""
        sent = self._times.clock()
        try:
            self._body = await self._store.replace(LEASE, holding.renewed(self._body))
            self._renewed = sent
            # Who doubts now is woken; who doubts later waits for the next renewal.
            self._news.set()
            self._news = asyncio.Event()
            return True
        except (Conflict, NotFound):
            with contextlib.suppress(ClusterError):
                await self._look()
        except ClusterError:
            pass
        return False

    async def release(self) -> None:
        """Give the Lease back if it is still ours. Never raises ClusterErrors: left alone it expires."""
        with contextlib.suppress(ClusterError):
            try:
                await self._store.replace(LEASE, holding.released(self._body))
            except Conflict:
                # A renewal that was cut off may have moved the version.
                await self._look()
                if not self._lost:
                    await self._store.replace(LEASE, holding.released(self._body))

    async def _look(self) -> None:
        """After a refused write: somebody else's now, or only another version of ours?"""
        found = await self._store.find(LEASE, *_place_of(self._body))
        if found is None:
            self._lost = "its Lease was deleted"
        elif holding.holder_of(found) != self.holder:
            self._lost = f"{holding.holder_of(found) or 'somebody else'} has taken it over"
        else:
            self._body = found


@contextlib.asynccontextmanager
async def hold(
    patient: Store,
    once: Store,
    namespace: str,
    workload: str,
    *,
    owner: Body,
    wait: float,
    times: LeaseTimes,
    fresh: bool = False,
) -> AsyncIterator[Lease]:
    """Take the Lease of a Workload, renew it in the background, give it back at the end, cancelled or not.

    ``patient`` asks an unavailable server again for a while, ``once`` must answer well within the Lease's duration.
    ``fresh``: the Workload was made a moment ago; its Lease is made at once, and looked at only if it is there.
    Raises LockHeld as soon as its holder shows a sign of life, at the latest after ``wait`` seconds (0: at the first
    look), NameTaken, and ClusterErrors.
    """
    wanted = holding.wanted(namespace, workload, owner, times.duration)
    lease = await _taken(patient, once, wanted, wait=wait, times=times, fresh=fresh)
    keeping = asyncio.create_task(lease.keep())
    try:
        yield lease
    finally:
        keeping.cancel()
        await _bounded(asyncio.create_task(_finish(keeping, lease)), times.release)


async def _taken(patient: Store, once: Store, wanted: Body, *, wait: float, times: LeaseTimes, fresh: bool) -> Lease:
    seen, sent = Standstill(), Sent()
    began = times.clock()
    while True:
        found = None if fresh else await patient.find(LEASE, *_place_of(wanted))
        fresh = False
        if found is not None and holding.is_foreign(found, wanted):
            raise NameTaken(holding.objection(found))
        now = times.clock()
        ours = found is not None and holding.is_ours(found, wanted)
        if found is not None and ours and now - sent.first < times.duration / 3:
            # Written by us, and only the answer got lost.
            return Lease(once, found, holder=holding.holder_of(found), renewed=sent.first, times=times)
        if found is None or ours or seen.is_free(found, now):
            taken = await sent.written(once, found, wanted, now=now, until=began + max(wait, times.patience))
            if taken is not None:
                return Lease(once, taken, holder=holding.holder_of(taken), renewed=now, times=times)
            await asyncio.sleep(min(times.poll, AGAIN))
        elif now - began >= wait or seen.is_alive(found):
            raise LockHeld(holding.refusal(found), holder=holding.holder_of(found))
        else:
            await asyncio.sleep(min(times.poll, max(began + wait - now, 0.01)))


def _place_of(lease: Body) -> tuple[str, str]:
    return lease["metadata"]["namespace"], lease["metadata"]["name"]


class Sent:
    """Our attempts to write a Lease; ``first`` is when the first of them began."""

    def __init__(self) -> None:
        self.first = math.inf

    async def written(self, store: Store, found: Body | None, wanted: Body, *, now: float, until: float) -> Body | None:
        """Write ourselves in; None when it has to be looked at again: somebody was faster, or there was no answer.

        Raises the server's own error once it is past ``until``.
        """
        self.first = min(self.first, now)
        try:
            if found is None:
                return await store.create(LEASE, wanted)
            return await store.replace(LEASE, holding.taken_over(found, wanted))
        except (AlreadyExists, Conflict, NotFound, Unavailable):
            if now > until:
                raise
            return None


async def _finish(keeping: asyncio.Task[None], lease: Lease) -> None:
    # Not awaited itself: whatever became of it, the Lease must be given back.
    await asyncio.wait({keeping})
    await lease.release()


async def _bounded(task: asyncio.Task[None], within: float) -> None:
    """Let a task end although we may be cancelled, but not for longer than ``within`` seconds each."""
    try:
        await asyncio.wait({task}, timeout=within)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=within)
        raise
    finally:
        task.cancel()
