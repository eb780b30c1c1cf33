"""What one command of a person works with: a cluster of its own choice, for as long as the command runs."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.integrations.registry import Registry
from inference_provider.resources.world import World
from inference_provider.seam.facts import facts_of


@dataclass(frozen=True)
class Target:
    """Which cluster and namespace are meant. None means: as kubectl would choose."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = field(default=None, repr=False)  # its content may hold credentials


@dataclass(frozen=True)
class Errand:
    """A World, and what is known of the cluster beside it. ``context`` is empty in a pod."""

    world: World
    cluster: Cluster
    namespace: str
    context: str
    server: str
    version: str


@asynccontextmanager
async def errand(target: Target, report: Reporter) -> AsyncIterator[Errand]:
    """Connect, and close every connection at the end. Raises a ClusterError sentence when that cannot be done."""
    client = Client(await connect(kubeconfig=target.kubeconfig, context=target.context))
    try:
        namespace = target.namespace or client.namespace

        async def connected() -> Cluster:
            return client

        yield Errand(
            world=World(connected, Registry.from_environment(), namespace, report, facts=facts_of("", os.environ)),
            cluster=client,
            namespace=namespace,
            context=client.context,
            server=client.server,
            version=await client.version(),
        )
    finally:
        await client.close()
