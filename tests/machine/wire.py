"""How one process talks to the fake cluster: every request takes its time, and at any of them the process may die.

A process that is ended gives its Lease back, as the watchdog lets it; a killed one sends nothing any more; a frozen
one sends its last request, and carries on, when it is thawed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from inference_provider.cluster.lease import Lease, LeaseTimes, hold
from inference_provider.converge.ports import Bodies
from inference_provider.manifests.kinds import Body, Kind
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_mirror import FakeMirror

T = TypeVar("T")

#: Of every request, each way (seconds).
LATENCY = 0.002


class Killed(asyncio.CancelledError):
    """The process is dead: no request of it reaches anybody."""


class Blow(Protocol):
    """What may strike at a request."""

    def __call__(self, number: int, *, sent: bool) -> None: ...


class Wire:
    """Satisfies ``converge.ports.Cluster``. ``strikes`` are called with the number of every request, before it is
    sent (``sent=False``) and before its answer arrives; they may kill the process, or do something else.
    """

    def __init__(self, cluster: FakeCluster, strike: Blow | None = None) -> None:
        self._cluster, self._strike = cluster, strike
        self.requests = 0
        self.dead = False
        self.holding = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def _send(self, request: Callable[[], Awaitable[T]]) -> T:
        self.requests += 1
        number = self.requests
        await self._way(number, sent=False)
        answer = await request()
        await self._way(number, sent=True)
        return answer

    async def _way(self, number: int, *, sent: bool) -> None:
        if self._strike is not None and not self.dead:
            self._strike(number, sent=sent)
        await self._alive()
        await asyncio.sleep(LATENCY)
        await self._alive()

    async def _alive(self) -> None:
        if self.dead:
            raise Killed
        await self.gate.wait()
        if self.dead:
            raise Killed

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        return await self._send(lambda: self._cluster.get(kind, namespace, name))

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        return await self._send(lambda: self._cluster.find(kind, namespace, name))

    async def known(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        return await self.find(kind, namespace, name)

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Body]:
        return await self._send(lambda: self._cluster.list(kind, namespace, labels=labels, fields=fields))

    async def known_all(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies:
        return await self.list(kind, namespace, labels=labels, fields=fields)

    async def create(self, kind: Kind, body: Body) -> Body:
        return await self._send(lambda: self._cluster.create(kind, body))

    async def rehearse(self, kind: Kind, body: Body) -> None:
        await self._send(lambda: self._cluster.rehearse(kind, body))

    async def apply(self, kind: Kind, body: Body, *, manager: str) -> Body:
        return await self._send(lambda: self._cluster.apply(kind, body, manager=manager))

    async def replace(self, kind: Kind, body: Body) -> Body:
        return await self._send(lambda: self._cluster.replace(kind, body))

    async def patch(self, kind: Kind, namespace: str, name: str, operations: Sequence[Mapping[str, object]]) -> Body:
        return await self._send(lambda: self._cluster.patch(kind, namespace, name, operations))

    async def scale(
        self, kind: Kind, namespace: str, name: str, replicas: int, *, resource_version: str | None = None
    ) -> None:
        await self._send(
            lambda: self._cluster.scale(kind, namespace, name, replicas, resource_version=resource_version)
        )

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        foreground: bool = False,
    ) -> bool:
        return await self._send(
            lambda: self._cluster.delete(
                kind, namespace, name, uid=uid, resource_version=resource_version, foreground=foreground
            )
        )

    async def logs(self, namespace: str, pod: str, *, container: str, previous: bool, lines: int) -> str:
        return await self._send(
            lambda: self._cluster.logs(namespace, pod, container=container, previous=previous, lines=lines)
        )

    async def whoami(self) -> str:
        return await self._cluster.whoami()

    @contextlib.asynccontextmanager
    async def mirror(self, namespace: str, workload: str) -> AsyncIterator["GatedMirror"]:
        await self._alive()
        yield GatedMirror(self._cluster, namespace, workload, self._alive)

    @contextlib.asynccontextmanager
    async def lock(
        self, namespace: str, workload: str, *, owner: Body, wait: float, fresh: bool = False
    ) -> AsyncIterator[Lease]:
        """The real thing, in virtual time."""
        times = LeaseTimes(clock=asyncio.get_running_loop().time)
        async with hold(self, self, namespace, workload, owner=owner, wait=wait, times=times, fresh=fresh) as lease:
            self.holding = True
            try:
                yield lease
            finally:
                self.holding = False


class GatedMirror(FakeMirror):
    """A mirror of a process that may be frozen."""

    def __init__(self, store: FakeCluster, namespace: str, workload: str, alive: Callable[[], Awaitable[None]]) -> None:
        super().__init__(store, namespace, workload)
        self._alive = alive

    async def changed(self, since: int, *, within: float) -> int:
        await super().changed(since, within=within)
        await self._alive()
        return self.version
