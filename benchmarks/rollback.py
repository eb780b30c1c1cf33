"""How long does going back take, while the old version is kept?

From the call of `update` with the predecessor's version to its return, through the core: lock, plan, switch, record
and tidying included. Beside it, on the same Workload and in the same turns: a fresh replacement by a version that
loads for 20 s (simulated). Going forward again inside the window, and how soon the old pods alone get the traffic,
explain the two. That going back starts no pod is checked, not assumed.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field

from benchmarks.figures import Figure, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, tell, world_of
from benchmarks.model_server import artifact_version, workload_inputs
from benchmarks.plain_service import ready_pods, served, until
from inference_provider.cluster.mirror import WorkloadMirror
from inference_provider.resources import workload
from inference_provider.resources.world import Properties, World
from tools.cluster import Cluster, ClusterError
from tools.parts import MissingPartError

NAME = "rollback"
#: Under a second, where a fresh replacement takes at least its twenty of loading.
LOAD_SECONDS, LIMIT = 20, 1.0
AIM = LIMIT / LOAD_SECONDS
ROUNDS = 5
REPLICAS = 2
SPACE, SERVER = "bench", "server"


@dataclass
class Times:
    """What was measured (s), one entry per round."""

    fresh: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    forth: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """One Workload, and somebody who watches it over a mirror of the same client."""

    world: World
    mirror: WorkloadMirror

    async def update(self, version: Properties) -> float:
        """Seconds until an update to this version has returned."""
        inputs = await _inputs(self.world, version)
        began = time.perf_counter()
        await workload.update(self.world, f"{SPACE}/{SERVER}", inputs)
        return time.perf_counter() - began

    async def recall(self, version: Properties, slot: int) -> tuple[float, float]:
        """The same for a version that is kept on this slot, and when its pods alone got the traffic."""
        before = ready_pods(self.mirror, SERVER, slot)
        moving = asyncio.create_task(self._moved(before))
        took = await self.update(version)
        moved = await moving
        assert len(before) == REPLICAS
        assert ready_pods(self.mirror, SERVER, slot) == before, "going back started other pods"
        return took, moved

    async def _moved(self, pods: frozenset[str]) -> float:
        began = time.perf_counter()
        await until(self.mirror, lambda: served(self.mirror, SERVER) == pods)
        return time.perf_counter() - began


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    try:
        with own_cluster(NAME) as cluster:
            times = asyncio.run(_measured(cluster))
    except (ClusterError, MissingPartError) as error:
        tell(str(error))
        return 1
    back = Series("going back to the kept version", times.back)
    fresh = Series(f"fresh replacement that loads for {LOAD_SECONDS} s", times.fresh)
    beside = [Series("going back: its pods alone get traffic", times.moved), Series("going forward again", times.forth)]
    show(Figure(NAME, "s", back, fresh, AIM, beside, limit=LIMIT))
    return 0


async def _measured(cluster: Cluster) -> Times:
    async with connected(cluster) as client, client.mirror(SPACE, SERVER) as mirror:
        await make_namespace(client, SPACE)
        return await _rounds(Bench(world_of(client, SPACE), mirror))


async def _rounds(bench: Bench) -> Times:
    times = Times()
    old = await _version(bench.world, 0)
    await workload.create(bench.world, await _inputs(bench.world, old))
    for slot in range(1, ROUNDS + 1):
        new = await _version(bench.world, slot, old)
        times.fresh.append(await bench.update(new))
        took, moved = await bench.recall(old, slot - 1)
        times.back.append(took)
        times.moved.append(moved)
        times.forth.append((await bench.recall(new, slot))[0])
        tell(f"{slot} of {ROUNDS}: fresh {times.fresh[-1]:.1f} s, back {took:.2f} s, forth {times.forth[-1]:.2f} s")
        old = new
    return times


async def _version(world: World, number: int, before: Properties | None = None) -> Properties:
    env = {"SIM_LOAD_TIME": f"{LOAD_SECONDS}s"} if number else {}
    return await artifact_version(world, SERVER, number=number, before=before, env=env)


async def _inputs(world: World, version: Properties) -> Properties:
    return await workload_inputs(world, SERVER, version["versionId"], replicas=REPLICAS, gpus=2)


if __name__ == "__main__":
    sys.exit(main())
