"""A stand per test, in a namespace of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from tests.live.stand import Stand


@pytest_asyncio.fixture
async def stand(kubeconfig: Path, namespace: str) -> AsyncIterator[Stand]:
    """Resources on the real API server."""
    client = Client(await connect(kubeconfig=str(kubeconfig), context=None))
    try:
        yield Stand(client, namespace)
    finally:
        await client.close()
