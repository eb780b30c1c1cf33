"""Whoever waits for a change can be called off at any moment, also at that of the change."""

import asyncio

import pytest

from inference_provider.cluster.mirror import WorkloadMirror
from inference_provider.manifests.kinds import SERVICE


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancel_that_comes_with_a_change_is_not_lost(turns: int) -> None:
    mirror = WorkloadMirror()
    waiting = asyncio.create_task(mirror.changed(0, within=60))
    await asyncio.sleep(0.01)
    mirror.put(SERVICE, {"metadata": {"name": "chat", "resourceVersion": "1"}})
    for _ in range(turns):
        await asyncio.sleep(0)

    heard_first = waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})

    assert waiting.cancelled() or heard_first
