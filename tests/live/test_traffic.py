"""Requests while versions are replaced: engines on loopback answer for simulated pods, callers follow the slices."""

from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.support.eventually import eventually
from tools.cluster import Cluster
from tools.traffic import Load, Traffic, answering

#: Pods that end, end after the test: nothing of it depends on how soon they do.
DRAIN = {"SIM_DRAIN_TIME": "20s"}
KEEP = {"keepOldVersionMinutes": 0}


async def test_two_replacements_lose_no_request_and_cut_no_stream(stand: Stand, simulated_cluster: Cluster) -> None:
    load = Load(short=2, kept=2, pinned=2, streamed=4)
    async with answering(simulated_cluster, stand.namespace, "chat", load=load) as traffic:
        for number in (1, 2, 3):
            version = await stand.version(artifact(server(f"v{number}", env=DRAIN)))
            inputs = workload(version, runtime(2, gpu=0), replacement=KEEP)
            await (stand.create(inputs) if number == 1 else stand.update(inputs))
            await _answers(f"r{number}", traffic)
    assert traffic.tally.reasons() == {}
    assert set(traffic.tally.by_version()) == {"r1", "r2", "r3"}
    assert all(traffic.tally.requests_of(kind) for kind in load.kinds())


async def _answers(version: str, traffic: Traffic) -> None:
    await eventually(lambda: version in traffic.tally.by_version())
