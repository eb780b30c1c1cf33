"""How long does traffic take to move, once the candidate is ready?

From the moment the mirror shows the candidate's last pod Ready to the moment the EndpointSlices of the Workload's
Service hold the candidate alone. Beside it, in turns, by the same client: the bare sequence (widen the selector, wait
for the slices, narrow it, wait again) on a plain Service of the same pods while nothing else happens; and, to explain
the difference, the bare sequence begun at the moment when pods of a plain Deployment become ready.

And the same thing done by Argo Rollouts, whose controller runs in the cluster: from its last new pod Ready to the
moment the EndpointSlices of its active Service hold the new pods alone. That is one change of a selector; ours are two
(first both versions, then the new one alone), or one with `trafficSwitch: atomic`, which is measured as well. Every
round has all of them. The pods of all are alike, and seen by one and the same watch.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field

from benchmarks.blue_green import BlueGreen
from benchmarks.figures import Figure, Rival, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, tell, world_of
from benchmarks.model_server import artifact_version, image_of, workload_inputs
from benchmarks.plain_service import PlainService, ready_pods, served, until
from benchmarks.rollouts_controller import WHAT, Programs, controlling
from inference_provider.cluster.client import Client
from inference_provider.cluster.mirror import WorkloadMirror
from inference_provider.manifests.kinds import DEPLOYMENT, Body
from inference_provider.resources import workload
from inference_provider.resources.world import Properties, World
from tools.cluster import Cluster, ClusterError
from tools.parts import MissingPartError

NAME, AIM, ARGO_AIM = "switch", 2.0, 0.5
ROUNDS, WARM_UP = 20, 2
REPLICAS, GPUS = 2, 1
#: Long enough for everybody to have nothing else to do when the pods become ready.
LOADING = {"SIM_LOAD_TIME": "1s"}
SPACE, SERVER, ATOMIC = "bench", "server", "atomic"
KEPT: Properties = {"keepOldVersionMinutes": 60}


@dataclass
class Times:
    """What was measured (ms), one entry per round."""

    ours: list[float] = field(default_factory=list)
    atomic: list[float] = field(default_factory=list)
    argo: list[float] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)

    def last(self) -> str:
        """The last round in one line."""
        ours = f"{self.ours[-1]:6.1f} ms, atomic {self.atomic[-1]:6.1f} ms"
        bare = f"bare {self.quiet[-1]:6.1f} ms, bare at once {self.fresh[-1]:6.1f} ms"
        return f"{ours}, {bare}, {WHAT} {self.argo[-1]:6.1f} ms"


@dataclass(frozen=True)
class Bench:
    """Two Workloads that are replaced again and again, and two plain Services and a Rollout beside them."""

    client: Client
    world: World
    server: WorkloadMirror
    atomic: WorkloadMirror
    quiet: PlainService
    fresh: PlainService
    argo: BlueGreen


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    try:
        programs = Programs.had()
        with own_cluster(NAME) as cluster, controlling(programs, cluster):
            times = asyncio.run(_measured(cluster))
    except (ClusterError, MissingPartError) as error:
        tell(str(error))
        return 1
    ours = Series("candidate ready → only the candidate gets traffic", times.ours[WARM_UP:])
    quiet = Series("bare sequence of the two patches", times.quiet[WARM_UP:])
    fresh = Series("bare sequence, begun as pods become ready", times.fresh[WARM_UP:])
    argo = Series(f"{WHAT}: the same of a Rollout, blue-green", times.argo[WARM_UP:])
    atomic = Series("the first with an atomic switch", times.atomic[WARM_UP:])
    show(Figure(NAME, "ms", ours, quiet, AIM, [fresh, atomic], rival=Rival(argo, ARGO_AIM)))
    return 0


async def _measured(cluster: Cluster) -> Times:
    async with (
        connected(cluster) as client,
        client.mirror(SPACE, SERVER) as server,
        client.mirror(SPACE, ATOMIC) as atomic,
        client.mirror(SPACE, "quiet") as quiet,
        client.mirror(SPACE, "fresh") as fresh,
        client.mirror(SPACE, "argo") as argo,
    ):
        await make_namespace(client, SPACE)
        bench = Bench(
            client,
            world_of(client, SPACE),
            server,
            atomic,
            PlainService(client, quiet, SPACE, "quiet", SERVER),
            PlainService(client, fresh, SPACE, "fresh", "fresh"),
            BlueGreen(client, argo, SPACE, "argo", REPLICAS),
        )
        return await _rounds(bench)


async def _rounds(bench: Bench) -> Times:
    times = Times()
    version = await _begun(bench)
    for slot in range(1, WARM_UP + ROUNDS + 1):
        version = await artifact_version(bench.world, SERVER, number=slot, before=version, env=LOADING)
        await _ours(bench, times, version, slot)
        times.argo.append(await bench.argo.replace(image_of(slot)))
        tell(f"{slot:3} of {WARM_UP + ROUNDS}: {times.last()}")
    return times


async def _begun(bench: Bench) -> Properties:
    """Make everything, and return the Artifact's first version."""
    version = await artifact_version(bench.world, SERVER, number=0, env=LOADING)
    for name in (SERVER, ATOMIC):
        await workload.create(bench.world, await _inputs(bench, version, name))
    await bench.quiet.create()
    await bench.fresh.create()
    await _ready(bench, 0)
    await bench.argo.create(_model(bench))
    return version


async def _ours(bench: Bench, times: Times, version: Properties, slot: int) -> None:
    """Everything of a round but Argo's part."""
    times.ours.append(await _replaced(bench, version, slot, bench.server, SERVER))
    times.quiet.append(await _patched(bench, slot))
    times.fresh.append(await _by_hand(bench, slot))
    times.atomic.append(await _replaced(bench, version, slot, bench.atomic, ATOMIC))


async def _inputs(bench: Bench, version: Properties, name: str) -> Properties:
    settings = KEPT | ({"trafficSwitch": "atomic"} if name == ATOMIC else {})
    return await workload_inputs(
        bench.world, name, version["versionId"], replicas=REPLICAS, gpus=GPUS, replacement=settings
    )


async def _replaced(bench: Bench, version: Properties, slot: int, mirror: WorkloadMirror, name: str) -> float:
    """One replacement through the core, timed from the last Ready pod on."""
    inputs = await _inputs(bench, version, name)
    watching = asyncio.create_task(_watched(mirror, name, slot))
    await workload.update(bench.world, f"{SPACE}/{name}", inputs)
    return await watching


async def _watched(mirror: WorkloadMirror, name: str, slot: int) -> float:
    await until(mirror, lambda: len(ready_pods(mirror, name, slot)) == REPLICAS)
    began = time.perf_counter()
    await until(mirror, lambda: served(mirror, name) == ready_pods(mirror, name, slot))
    return _since(began)


async def _patched(bench: Bench, slot: int) -> float:
    """The bare sequence over the same pods: from the predecessor, which is kept, to the new version."""
    old, new = (ready_pods(bench.server, SERVER, each) for each in (slot - 1, slot))
    began = time.perf_counter()
    await bench.quiet.switch(slot, old=old, new=new)
    return _since(began)


async def _by_hand(bench: Bench, slot: int) -> float:
    """The bare sequence as soon as the pods of a fresh plain Deployment are ready."""
    new = await _ready(bench, slot)
    began = time.perf_counter()
    await bench.fresh.switch(slot, old=ready_pods(bench.fresh.mirror, "fresh", slot - 1), new=new)
    took = _since(began)
    await bench.fresh.retire(slot - 1)
    return took


async def _ready(bench: Bench, slot: int) -> frozenset[str]:
    """Deploy plain pods on a slot, and return as soon as the last of them is ready."""
    mirror = bench.fresh.mirror
    await bench.fresh.deploy(slot, _model(bench))
    await until(mirror, lambda: len(ready_pods(mirror, "fresh", slot)) == REPLICAS)
    return ready_pods(mirror, "fresh", slot)


def _model(bench: Bench) -> Body:
    """A Deployment as the core makes it: the pods of all are like its pods."""
    (model, *_) = [each for each in bench.server.objects(DEPLOYMENT) if each["spec"]["replicas"] == REPLICAS]
    return model


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
