"""Everything here runs on virtual time, in a cluster that is in memory, with a registry that answers from a table."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.resources.outside import Outside
from tests.support.virtual_time import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Hours pass in no time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def outside() -> Outside:
    """Cluster, registry and reporter."""
    return Outside()
