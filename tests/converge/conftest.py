"""Everything here runs on virtual time, in a cluster that is in memory."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.converge.stage import Stage
from tests.support.virtual_time import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Hours pass in no time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def stage() -> Stage:
    """A cluster in memory with everything that works on it."""
    return Stage()
