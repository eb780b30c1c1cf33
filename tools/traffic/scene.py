"""How does traffic begin and end? Engines for all pods, one proxy, callers; at the end every caller is waited for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from inference_provider.manifests import labels
from tools.cluster import Cluster
from tools.traffic.callers import Caller, Load
from tools.traffic.engines import Engines
from tools.traffic.proxy import Proxy
from tools.traffic.tally import Tally
from tools.traffic.watching import PODS, SLICES, Body, Watch, api_of
from tools.traffic.witness import Witness

PROXY_LAG = 1.0
"""Seconds that the proxy is late: the longest that kube-proxy gathers changes (minSyncPeriod) by default."""

_LOOK = 0.05


@dataclass(frozen=True)
class Traffic:
    """What goes on. ``tasks`` watch and call; none of them ends by itself."""

    tally: Tally
    engines: Engines
    witness: Witness
    tasks: Sequence[asyncio.Task[None]]

    @property
    def mixed(self) -> int:
        """How often traffic began to go to more than one version."""
        return self.witness.mixed(self.engines.known)

    async def until_requests(self, number: int, *, within: float) -> None:
        """Return when so many requests have come to an end. Raises TimeoutError, and what broke a caller."""
        await self._until(lambda: self.tally.requests >= number, f"{number:,} requests have ended", within)

    async def until_one(self, *, within: float) -> None:
        """Return when pods of one version only are left. Raises TimeoutError, and what broke a caller."""
        await self._until(lambda: len(self.engines.versions()) == 1, "the pods of only one version are left", within)

    async def until_told(self, over: asyncio.Event) -> None:
        """Return when it is over. Raises what broke a caller before that."""
        telling = asyncio.create_task(over.wait())
        done, _ = await asyncio.wait([telling, *self.tasks], return_when=asyncio.FIRST_COMPLETED)
        telling.cancel()
        for task in done - {telling}:
            task.result()

    async def _until(self, holds: Callable[[], bool], what: str, within: float) -> None:
        for _ in range(int(within / _LOOK)):
            for task in [each for each in self.tasks if each.done()]:
                task.result()
            if holds():
                return
            await asyncio.sleep(_LOOK)
        raise TimeoutError(f"Waited {within:.0f} s until {what}, in vain.")


@contextlib.asynccontextmanager
async def answering(
    cluster: Cluster, namespace: str, workload: str, *, load: Load, lag: float = PROXY_LAG
) -> AsyncIterator[Traffic]:
    """Traffic to a Workload as long as the block lasts; it begins as soon as anybody is behind the Service.

    Raises ClusterError when there is no such cluster.
    """
    over, tally, proxy = asyncio.Event(), Tally(), Proxy(lag)
    async with api_of(cluster) as api:
        engines = Engines(api, namespace)
        witness = Witness()

        def told(now: Mapping[str, Body]) -> None:
            proxy.told(now)
            witness.told(now)

        pods = Watch(api, PODS.format(namespace), f"{labels.WORKLOAD}={workload}", engines.told)
        slices = Watch(api, SLICES.format(namespace), f"kubernetes.io/service-name={workload}", told)
        watching = [asyncio.create_task(each.follow()) for each in (pods, slices)]
        callers = [Caller(kind, proxy, engines.port, tally) for kind in load.kinds()]
        calling = [asyncio.create_task(_when_known(proxy, each, over, load.pause)) for each in callers]
        try:
            yield Traffic(tally, engines, witness, [*watching, *calling])
        finally:
            over.set()
            try:
                await _ended(calling if proxy.known.is_set() else [], [*watching, *calling])
            finally:
                engines.close()


async def _when_known(proxy: Proxy, caller: Caller, over: asyncio.Event, pause: float) -> None:
    await proxy.known.wait()
    await caller.call(over, pause)


async def _ended(waited: list[asyncio.Task[None]], cancelled: list[asyncio.Task[None]]) -> None:
    """Let these end by themselves, then end those. Raises what broke any of them."""
    try:
        await asyncio.gather(*waited)
    finally:
        for task in cancelled:
            task.cancel()
        ends = await asyncio.gather(*cancelled, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
