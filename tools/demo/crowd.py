"""Who asks the Workload in the demonstration? A few callers, in a thread of their own, from beginning to end.

Engines on loopback answer for the simulated pods; callers go where the EndpointSlices send them (``tools.traffic``).
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tools.cluster import Cluster, ClusterError
from tools.demo.place import DemoError
from tools.traffic import Load, Traffic, answering

#: Enough to see every moment, and little for the machine; some connections are kept, some answers take a second.
LOAD = Load(short=3, kept=3, pinned=0, streamed=3, pause=0.04)


@dataclass(frozen=True)
class Counts:
    """What became of the requests: answers by version, and how many got none."""

    answered: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0

    def since(self, before: "Counts") -> "Counts":
        """What has come to it."""
        gained = {name: number - before.answered.get(name, 0) for name, number in self.answered.items()}
        return Counts({name: number for name, number in gained.items() if number}, self.lost - before.lost)

    def line(self, then: str) -> str:
        """In words; last comes the version that takes over, ``then``."""
        names = sorted(self.answered, key=lambda name: (name == then, name))
        by = [f"by {name}: {self.answered[name]:,}" for name in names]
        return f"requests answered {', then '.join(by) or 'by nobody yet'}; lost: {self.lost:,}"


class Crowd:
    """The callers. They begin as soon as anybody can answer."""

    def __init__(self) -> None:
        self._traffic: Traffic | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._begun = threading.Event()
        self._broken = "they have ended"

    def counts(self) -> Counts:
        """Now. Raises DemoError when asking has broken off."""
        if self._loop is None or not self._loop.is_running():
            raise DemoError(f"Nobody asks any more: {self._broken}. This is a bug of the demonstration.")
        return asyncio.run_coroutine_threadsafe(self._counted(), self._loop).result()

    def until_answered(self, version: str, *, more: int, within: float) -> None:
        """Wait until a version has given so many more answers, or the time (s) is over."""
        pause, before = 0.1, self.counts().answered.get(version, 0)
        for _ in range(int(within / pause)):
            if self.counts().answered.get(version, 0) >= before + more:
                return
            threading.Event().wait(pause)

    def begun(self) -> None:
        """Return once the callers are there."""
        self._begun.wait()

    def ask(self, cluster: Cluster, namespace: str, workload: str) -> None:
        """Ask until told to end; what breaks it is told to who wants to know the counts."""
        try:
            asyncio.run(self._ask(cluster, namespace, workload))
        except (httpx.HTTPError, ClusterError, OSError) as error:
            self._broken = str(error) or type(error).__name__
        finally:
            self._begun.set()

    async def _ask(self, cluster: Cluster, namespace: str, workload: str) -> None:
        self._loop = asyncio.get_running_loop()
        async with answering(cluster, namespace, workload, load=LOAD) as traffic:
            self._traffic = traffic
            self._begun.set()
            await traffic.until_told(self._over)

    def end(self) -> None:
        """Tell them to end."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._over.set)

    async def _counted(self) -> Counts:
        """Counted in the callers' own thread: nothing changes meanwhile."""
        if self._traffic is None:
            return Counts()
        tally = self._traffic.tally
        return Counts(tally.by_version(), tally.lost.total())


@contextmanager
def calling(cluster: Cluster, namespace: str, workload: str) -> Iterator[Crowd]:
    """A crowd, as long as the block lasts."""
    crowd = Crowd()
    thread = threading.Thread(target=crowd.ask, args=(cluster, namespace, workload), daemon=True)
    thread.start()
    crowd.begun()
    try:
        yield crowd
    finally:
        crowd.end()
        thread.join(10)
