"""How is a Workload replaced again and again while callers ask it, and what is turned off in a run made to lose?"""

from dataclasses import dataclass, field

from benchmarks.ground import connected, make_namespace, tell, world_of
from benchmarks.model_server import artifact_version, workload_inputs
from benchmarks.traffic_sum import Outcome
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.manifests.pod import PRE_STOP_SECONDS
from inference_provider.resources import workload
from inference_provider.resources.world import Properties, World
from tools.cluster import Cluster
from tools.traffic import Load, Traffic, answering

SERVER, REPLICAS = "server", 2
#: Every so many replacements are gone back from at once, and then forward again.
RETURN_EVERY = 5
#: A pod stays for its preStop hook, and then for as long as the longest answer may take, several times over.
DRAIN = {"SIM_DRAIN_TIME": f"{PRE_STOP_SECONDS + 5}s"}
#: A pod that stands behind it takes requests for longer, and is simulated to be there all that time.
BEHIND = {"SIM_DRAIN_TIME": f"{PRE_STOP_SECONDS + ReplacementSettings().drain_seconds + 5:.0f}s"}
#: Longest wait for anything (s).
PATIENCE = 180.0


@dataclass(frozen=True)
class Rules:
    """One run. ``overlap`` off: the old pods end before the new ones begin, as when there is no room for both.

    ``workers``: so many pods of a second group, without which those that get the traffic cannot answer.
    """

    name: str
    what: str
    replacements: int
    requests: int
    overlap: bool = True
    env: dict[str, str] = field(default_factory=lambda: dict(DRAIN))
    replacement: Properties = field(default_factory=lambda: {"keepOldVersionMinutes": 0})
    workers: int = 0


@dataclass
class Server:
    """The Workload of a run."""

    world: World
    rules: Rules
    versions: list[Properties] = field(default_factory=list)
    served: set[str] = field(default_factory=set)
    """The revisions that were active at the end of an operation."""
    returns: int = 0

    async def create(self) -> None:
        """The first version."""
        await self._made()
        _, outputs = await workload.create(self.world, await self._inputs(self.versions[-1]))
        self.served.add(str(outputs["revision"]))

    async def replace(self) -> None:
        """One more version takes over."""
        old, new = self.versions[-1], await self._made()
        if not self.rules.overlap:
            await self._update(old, running=False)
            await self._update(new, running=False)
        await self._update(new)

    async def return_and_advance(self) -> None:
        """Back to the predecessor, which is kept for its drain_seconds, and forward again."""
        self.returns += 2
        for version in (self.versions[-2], self.versions[-1]):
            await self._update(version)

    async def _made(self) -> Properties:
        before = self.versions[-1] if self.versions else None
        number = len(self.versions)
        workers = BEHIND if self.rules.workers else None
        version = await artifact_version(
            self.world, SERVER, number=number, before=before, env=self.rules.env, workers=workers
        )
        self.versions.append(version)
        return version

    async def _update(self, version: Properties, *, running: bool = True) -> None:
        inputs = await self._inputs(version) | {"running": running}
        outputs = await workload.update(self.world, f"{self.world.namespace}/{SERVER}", inputs)
        self.served.add(str(outputs["revision"]))

    async def _inputs(self, version: Properties) -> Properties:
        settings, workers = self.rules.replacement, self.rules.workers
        return await workload_inputs(
            self.world,
            SERVER,
            version["versionId"],
            replicas=REPLICAS,
            gpus=1,
            replacement=settings,
            workers=workers,
        )


async def run(cluster: Cluster, rules: Rules) -> Outcome:
    """Replace under traffic, so many times and for so many requests; then until the last old pod has gone."""
    async with connected(cluster) as client:
        await make_namespace(client, rules.name)
        server = Server(world_of(client, rules.name), rules)
        async with answering(cluster, rules.name, SERVER, load=Load()) as traffic:
            await server.create()
            await _replaced(server, traffic)
    return Outcome(
        what=rules.what,
        replacements=rules.replacements,
        returns=server.returns,
        tally=traffic.tally,
        drained=traffic.engines.drained,
        cut=traffic.engines.cut,
        mixed=traffic.mixed,
        atomic=rules.replacement.get("trafficSwitch") == "atomic",
        behind=tuple(sorted(server.served - set(traffic.tally.by_version()))),
    )


async def _replaced(server: Server, traffic: Traffic) -> None:
    each = server.rules.requests // server.rules.replacements
    for number in range(1, server.rules.replacements + 1):
        await server.replace()
        if number % RETURN_EVERY == 0:
            await server.return_and_advance()
        await traffic.until_requests(number * each, within=PATIENCE)
        tell(f"{server.rules.name}: {number:3} of {server.rules.replacements}, {_told(traffic)}")
    await traffic.until_one(within=PATIENCE)
    tell(f"{server.rules.name}: the last old pod has gone, {_told(traffic)}")


def _told(traffic: Traffic) -> str:
    tally = traffic.tally
    return f"{tally.requests:,} requests, {tally.lost.total():,} lost, {traffic.engines.leaving} pods drain"
