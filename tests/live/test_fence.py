"""A holder of the lock that was paused wakes up after somebody else has taken over: it must not do what it was about
to do. Each story is told twice; without the fence it ends in the outage that the fence is there for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.lease import LeaseTimes
from inference_provider.cluster.login import login
from inference_provider.cluster.requests import Request
from inference_provider.errors import InferenceError
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand
from tests.live.witness import Witness, witnessing
from tests.support.paused import PausedSession, Where
from tools.cluster import Cluster

SHORT = LeaseTimes(duration=1.0, poll=0.1)


def narrows_to_the_second(request: Request) -> bool:
    """The patch that gives all the traffic to r2."""
    content = request.content or ""
    return request.method == "PATCH" and "/spec/selector" in content and '"r2"' in content


def deletes_the_second(request: Request) -> bool:
    """The end of r2."""
    return request.method == "DELETE" and request.path.endswith("/services/chat-r2")


def scales_to_nothing(request: Request) -> bool:
    """The end of all pods, on behalf of a stop."""
    return request.path.endswith("/deployments/chat-r1/scale") and '"replicas": 0' in (request.content or "")


@dataclass
class Duel:
    """Two runs on one Workload: the first is paused, the second takes over."""

    first: Stand
    second: Stand
    paused: PausedSession
    witness: Witness

    async def program(self, version: str, *, load: str = "100ms", seconds: str = "90s") -> Inputs:
        """The Workload with a version of its Artifact."""
        made = await self.second.version(artifact(server(version, env={"SIM_LOAD_TIME": load})))
        return workload(made, runtime(2, gpu=0), timeouts={"update": seconds})

    async def serve(self) -> None:
        """r1 serves with two pods."""
        await self.second.create(await self.program("v1"))
        await self.witness.until(2)
        self.witness.begin()

    async def wakes(self, run: "asyncio.Task[object]") -> str:
        """What the paused run says once it is awake, and all that it does is done."""
        self.paused.wake()
        with pytest.raises(InferenceError) as said:
            await asyncio.wait_for(run, 60)
        return said.value.message


@asynccontextmanager
async def duel(cluster: Cluster, namespace: str, where: Where, *, fenced: bool) -> AsyncIterator[Duel]:
    """Set up both runs."""
    session = PausedSession(login(kubeconfig=str(cluster.kubeconfig), context=None), where, fenced=fenced)
    other = PausedSession(login(kubeconfig=str(cluster.kubeconfig), context=None), lambda _: False)
    await session.introduce()
    await other.introduce()
    one, two = Client(session, lease=SHORT), Client(other, lease=SHORT)
    try:
        async with witnessing(cluster, namespace, "chat") as witness:
            scene = Duel(Stand(one, namespace), Stand(two, namespace), session, witness)
            await scene.serve()
            yield scene
    finally:
        session.wake()
        await one.close()
        await two.close()


async def _paused_before_the_switch(scene: Duel) -> str:
    """The first run is about to give r2 all the traffic; the second removes r2 and goes on with r1."""
    run: asyncio.Task[object] = asyncio.create_task(scene.first.update(await scene.program("v2")))
    await asyncio.wait_for(scene.paused.asleep.wait(), 60)
    outputs = await scene.second.update(await scene.program("v1"))
    assert outputs["revision"] == "r1"
    return await scene.wakes(run)


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "without the fence"])
async def test_a_paused_holder_moves_no_traffic(simulated_cluster: Cluster, namespace: str, *, fenced: bool) -> None:
    async with duel(simulated_cluster, namespace, narrows_to_the_second, fenced=fenced) as scene:
        said = await _paused_before_the_switch(scene)

        if not fenced:
            assert scene.witness.fewest == 0, "nobody answered: the fence is needed"
            return
        assert "not ours any more" in said
        assert scene.witness.fewest == 2
        assert await scene.second.pod_uids("r1") == scene.witness.ready


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "without the fence"])
async def test_a_paused_holder_deletes_nothing(simulated_cluster: Cluster, namespace: str, *, fenced: bool) -> None:
    async with duel(simulated_cluster, namespace, deletes_the_second, fenced=fenced) as scene:
        too_short = await scene.program("v2", load="3s", seconds="2s")
        run: asyncio.Task[object] = asyncio.create_task(scene.first.update(too_short))
        await asyncio.wait_for(scene.paused.asleep.wait(), 60)

        outputs = await scene.second.update(await scene.program("v2", load="3s"))
        assert outputs["revision"] == "r2", "the second run has carried on with what the first was about to give up"
        said = await scene.wakes(run)

        if not fenced:
            await scene.witness.until(0)  # r2 served, and is gone: the fence is needed
            return
        assert "not ours any more" in said
        assert scene.witness.fewest == 2
        assert await scene.second.pod_uids("r2") == scene.witness.ready


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "without the fence"])
async def test_a_paused_holder_stops_nothing(simulated_cluster: Cluster, namespace: str, *, fenced: bool) -> None:
    async with duel(simulated_cluster, namespace, scales_to_nothing, fenced=fenced) as scene:
        program = await scene.program("v1")
        run: asyncio.Task[object] = asyncio.create_task(scene.first.update(program | {"running": False}))
        await asyncio.wait_for(scene.paused.asleep.wait(), 60)

        outputs = await scene.second.update(program)
        assert outputs["status"] == "running"
        said = await scene.wakes(run)

        if not fenced:
            await scene.witness.until(0)  # the start was said last, and nobody answers: the fence is needed
            return
        assert "not ours any more" in said
        assert scene.witness.fewest == 2
