"""The servicer in this process, on virtual time, in a cluster that is in memory."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.plugin.door import Door
from tests.support.virtual_time import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Hours pass in no time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def door() -> Door:
    """The plugin's calls, answered here."""
    return Door()
