"""A client on the simulated cluster, and a scripted API server for what a real one does too rarely."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from tests.cluster.scripted_server import ScriptedServer


@pytest.fixture
async def client(kubeconfig: Path) -> AsyncIterator[Client]:
    client = Client(await connect(kubeconfig=str(kubeconfig)))
    yield client
    await client.close()


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server
