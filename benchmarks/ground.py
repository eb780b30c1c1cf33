"""Where does a benchmark run? On a simulated cluster of its own, with the core as a provider process has it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.integrations.registry import Registry
from inference_provider.manifests.kinds import NAMESPACE, Kind
from inference_provider.resources.world import World
from tools.cluster import Cluster, NodeSpec, create, delete
from tools.cluster.config import Flag
from tools.cluster.nodes import H100

#: 64 GPUs: nothing that is measured ever waits for one.
NODES = 8
_SERVICE_ACCOUNT = Kind("ServiceAccount", "serviceaccounts")
#: A namespace comes in less than a second and goes in some ten; this many looks, so many seconds apart.
_LOOKS, _PAUSE = 600, 0.1
#: A namespace with a thousand Workloads takes minutes to go.
_MANY = 6000


class Silence:
    """A Reporter for nobody."""

    def status(self, text: str) -> None:
        """Said to nobody."""

    def info(self, text: str) -> None:
        """Said to nobody."""

    def warn(self, text: str) -> None:
        """Said to the person who runs the benchmark: a warning means that something else was measured."""
        tell(f"warning: {text}")


def tell(line: str) -> None:
    """A line for the person who waits."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def own_cluster(purpose: str, *, nodes: int = NODES, flags: Sequence[Flag] = ()) -> Iterator[Cluster]:
    """A fresh simulated cluster, removed at the end, also when interrupted. Raises ClusterError.

    ``nodes``: how many, with 8 GPUs each. ``flags``: for its components.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    name = f"bench-{purpose}-{os.getpid()}"
    try:
        yield create(name, nodes=[_node(number) for number in range(nodes)], flags=flags, report=tell)
    finally:
        delete(name)


def _node(number: int) -> NodeSpec:
    zone = f"eu-central-1{'abc'[number % 3]}"
    return NodeSpec(f"gpu-{number}", "eu-central-1", zone, "p5.48xlarge", "192", "2048Gi", H100, 8)


@asynccontextmanager
async def connected(cluster: Cluster) -> AsyncIterator[Client]:
    """A client as the provider makes it, closed at the end."""
    client = Client(await connect(kubeconfig=str(cluster.kubeconfig)))
    try:
        yield client
    finally:
        await client.close()


def world_of(client: Client, namespace: str) -> World:
    """What one call of a resource works with."""

    async def ready_made() -> Client:
        return client

    return World(connect=ready_made, images=Registry.from_environment(), namespace=namespace, report=Silence())


async def make_namespace(client: Client, name: str) -> None:
    """A namespace in which pods can be made: its default service account is there."""
    await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    await _until(f"namespace {name} has a service account", lambda: _found(client, _SERVICE_ACCOUNT, name, "default"))


async def remove_namespace(client: Client, name: str) -> None:
    """Delete a namespace and wait until nothing of it is left, so that it disturbs no later run."""
    await client.delete(NAMESPACE, None, name)
    await _until(f"namespace {name} is gone", lambda: _gone(client, name), looks=_MANY)


async def _until(what: str, holds: Callable[[], Awaitable[bool]], *, looks: int = _LOOKS) -> None:
    for _ in range(looks):
        if await holds():
            return
        await asyncio.sleep(_PAUSE)
    raise TimeoutError(f"waited {looks * _PAUSE:.0f} s until {what}")


async def _found(client: Client, kind: Kind, namespace: str | None, name: str) -> bool:
    return await client.find(kind, namespace, name) is not None


async def _gone(client: Client, name: str) -> bool:
    return not await _found(client, NAMESPACE, None, name)
