"""A stand per test, in a namespace of its own; and a scene: a Workload that serves, with weather in front of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from inference_provider.cluster.client import Client
from inference_provider.cluster.lease import LeaseTimes
from inference_provider.cluster.retry import RetryPolicy
from inference_provider.cluster.session import connect
from inference_provider.cluster.watching import WatchTimes
from inference_provider.converge.admission import enforce, lift
from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.kinds import DEPLOYMENT, POD
from inference_provider.placement.gpu_requests import gpus_of
from tests.live.mallory import Mallory
from tests.live.scene import Scene
from tests.live.stand import Stand
from tests.live.witness import witnessing
from tests.support.weather_proxy import WeatherProxy
from tools.cluster import Cluster


@pytest_asyncio.fixture
async def stand(kubeconfig: Path, namespace: str) -> AsyncIterator[Stand]:
    """Resources on the real API server."""
    client = Client(await connect(kubeconfig=str(kubeconfig), context=None))
    try:
        yield Stand(client, namespace)
    finally:
        await client.close()


@pytest_asyncio.fixture
async def empty_nodes(stand: Stand) -> AsyncIterator[None]:
    """What earlier tests left has to be gone: pods that find no node are tried again only after seconds."""
    await _until_empty(stand)
    yield
    for body in await stand.objects(DEPLOYMENT):
        await stand.client.delete(DEPLOYMENT, stand.namespace, body["metadata"]["name"])
    await _until_empty(stand)


async def _until_empty(stand: Stand) -> None:
    for _ in range(600):
        if not any(gpus_of(pod) for pod in await stand.client.list(POD, None)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the cluster does not get empty")


#: A lock that falls free soon, for stories in which nobody can give it back.
SHORT = LeaseTimes(duration=2.0, poll=0.2, release=1.0)
#: As patient as ever, and quicker to ask again.
QUICK = RetryPolicy(first=0.05, longest=0.5)


@pytest_asyncio.fixture
async def bare_scene(stand: Stand, simulated_cluster: Cluster, namespace: str) -> AsyncIterator[Scene]:
    """Nothing serves yet; a second way to the cluster leads through the weather."""
    pki = simulated_cluster.work / "pki"
    async with (
        WeatherProxy(simulated_cluster.ports().api, pki) as proxy,
        witnessing(simulated_cluster, namespace, "chat") as witness,
    ):
        client = Client(
            await connect(kubeconfig=proxy.kubeconfig()), retry=QUICK, watch=WatchTimes(retry=QUICK), lease=SHORT
        )
        try:
            yield Scene(ours=Stand(client, namespace), fair=stand, proxy=proxy, witness=witness)
        finally:
            await client.close()


@pytest_asyncio.fixture
async def scene(bare_scene: Scene) -> Scene:
    """The first version of a Workload serves."""
    await bare_scene.serve()
    return bare_scene


Enforce = Callable[[AdmissionRule], Awaitable[None]]


@pytest.fixture
def mallory(simulated_cluster: Cluster, namespace: str) -> Mallory:
    """Somebody with all rights in the namespace."""
    return Mallory(simulated_cluster.client(), namespace).given_rights()


@pytest_asyncio.fixture
async def enforced(stand: Stand) -> AsyncIterator[Enforce]:
    """Has the API server hold to a rule for the rest of the test."""
    rules: list[AdmissionRule] = []

    async def hold_to(rule: AdmissionRule) -> None:
        rules.append(rule)
        assert await enforce(stand.client, rule) is None

    yield hold_to
    names = {(each.namespace, each.policy) for each in rules}
    await asyncio.gather(*(lift(stand.client, *each) for each in names))
