"""What do a Workload's objects look like right now? A live copy per namespace, fed by one watch per kind.

All Workloads of a namespace share the watches: 500 Workloads cost five streams, not 2,500. What arrives is put on
the shelf of the Workload that its label names, and only who waits for that Workload is woken.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from inference_provider.cluster.watching import Watcher
from inference_provider.errors import ClusterError
from inference_provider.manifests.kinds import MIRRORED, Body, Kind

#: The label that says to which Workload an object belongs.
WORKLOAD_LABEL = "pulumi-inference.dev/workload"


class WorkloadMirror:
    """The mirrored objects of one Workload. ``version`` grows with every change of one of them.

    The bodies are shared: read them, never change them.
    """

    def __init__(self) -> None:
        self._shelves: dict[Kind, dict[str, Body]] = {kind: {} for kind in MIRRORED}
        self._version = 0
        self._bell = asyncio.Event()
        self._error: BaseException | None = None

    @property
    def version(self) -> int:
        return self._version

    def objects(self, kind: Kind) -> list[Body]:
        """All objects of a mirrored kind, ordered by name."""
        shelf = self._shelves[kind]
        return [shelf[name] for name in sorted(shelf)]

    async def changed(self, since: int, *, within: float) -> int:
        """The version as soon as it is above ``since``, or the unchanged one after ``within`` seconds.

        Raises Forbidden, Unauthorized and the like once watching cannot go on.
        """
        with contextlib.suppress(TimeoutError):
            if self._version <= since and self._error is None:
                async with asyncio.timeout(within):  # wait_for loses a cancel that comes with the bell (Python 3.11)
                    await self._bell.wait()
        if self._error is not None:
            raise self._error
        return self._version

    def put(self, kind: Kind, body: Body) -> None:
        """Take an object in, unless it is known just so."""
        shelf, metadata = self._shelves[kind], body["metadata"]
        known = shelf.get(metadata["name"])
        if known is None or known["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            shelf[metadata["name"]] = body
            self._ring()

    def drop(self, kind: Kind, name: str) -> None:
        """Forget an object."""
        if self._shelves[kind].pop(name, None) is not None:
            self._ring()

    def fail(self, error: BaseException) -> None:
        """Tell everybody who waits, now or later, that there will be no more changes."""
        self._error = error
        self._bell.set()

    def _ring(self) -> None:
        self._version += 1
        self._bell.set()
        # Who waits now is woken; who comes later waits for the next change.
        self._bell = asyncio.Event()


class NamespaceMirror:
    """The labelled objects of one namespace, sorted by Workload. A Sink of watches."""

    def __init__(self, watcher: Watcher, namespace: str) -> None:
        self._watcher, self._namespace = watcher, namespace
        self._workloads: dict[str, WorkloadMirror] = {}
        #: On whose shelf an object stands; its label may change.
        self._homes: dict[Kind, dict[str, str]] = {kind: {} for kind in MIRRORED}
        self._tasks: list[asyncio.Task[None]] = []
        self._error: BaseException | None = None
        self._started: asyncio.Task[None] | None = None
        self.users = 0

    @property
    def alive(self) -> bool:
        """Whether no watch has failed for good."""
        return self._error is None

    def workload(self, name: str) -> WorkloadMirror:
        """The mirror of one Workload, which need not have objects yet."""
        if name not in self._workloads:
            self._workloads[name] = WorkloadMirror()
            if self._error is not None:
                self._workloads[name].fail(self._error)
        return self._workloads[name]

    async def start(self) -> None:
        """Return once every kind has been listed; the first caller begins, all wait. Raises ClusterErrors."""
        if self._started is None:
            self._started = asyncio.create_task(self._start())
        # Shielded: one user giving up must not stop the others' start.
        await asyncio.shield(self._started)

    async def close(self) -> None:
        """End all watches."""
        tasks = [*self._tasks, *([self._started] if self._started else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reset(self, kind: Kind, bodies: list[Body]) -> None:
        """These are all objects of a kind: take them in and forget the others."""
        names = {body["metadata"]["name"] for body in bodies}
        for name in [name for name in self._homes[kind] if name not in names]:
            self._forget(kind, name)
        for body in bodies:
            self.put(kind, body)

    def put(self, kind: Kind, body: Body) -> None:
        """Put an object on its Workload's shelf, without the lists of who owns which field: half its size."""
        for entry in body["metadata"].get("managedFields") or ():
            entry.pop("fieldsV1", None)
        name, home = body["metadata"]["name"], body["metadata"]["labels"][WORKLOAD_LABEL]
        if self._homes[kind].get(name, home) != home:
            self._forget(kind, name)
        self._homes[kind][name] = home
        self.workload(home).put(kind, body)

    def drop(self, kind: Kind, body: Body) -> None:
        """Take an object off."""
        self._forget(kind, body["metadata"]["name"])

    def _forget(self, kind: Kind, name: str) -> None:
        home = self._homes[kind].pop(name, None)
        if home is not None:
            self.workload(home).drop(kind, name)

    async def _start(self) -> None:
        reads = [self._watcher.read(kind, self._namespace, WORKLOAD_LABEL, self) for kind in MIRRORED]
        versions = await asyncio.gather(*reads)
        for kind, version in zip(MIRRORED, versions, strict=True):
            follow = self._watcher.follow(kind, self._namespace, WORKLOAD_LABEL, self, version=version)
            task = asyncio.create_task(follow)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A watch only ends by being cancelled or by an error; a mirror that stands still must say so."""
        self._error = None if task.cancelled() else task.exception()
        if self._error is not None:
            for workload in self._workloads.values():
                workload.fail(self._error)


class Mirrors:
    """The mirrors of one client, one per namespace, alive as long as somebody uses them."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._namespaces: dict[str, NamespaceMirror] = {}

    @contextlib.asynccontextmanager
    async def use(self, namespace: str, workload: str) -> AsyncIterator[WorkloadMirror]:
        """Lend the mirror of one Workload, listed completely. Raises ClusterErrors when listing fails."""
        mirror = self._namespaces.get(namespace)
        if mirror is None or not mirror.alive:
            mirror = self._namespaces[namespace] = NamespaceMirror(self._watcher, namespace)
        mirror.users += 1
        try:
            try:
                await mirror.start()
            except ClusterError:
                # The next user shall try anew.
                self._retire(namespace, mirror)
                raise
            yield mirror.workload(workload)
        finally:
            mirror.users -= 1
            if mirror.users == 0:
                self._retire(namespace, mirror)
                await mirror.close()

    def _retire(self, namespace: str, mirror: NamespaceMirror) -> None:
        if self._namespaces.get(namespace) is mirror:
            del self._namespaces[namespace]
