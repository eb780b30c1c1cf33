"""A cluster in memory on virtual time, and questions about it."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.functions.asker import Asker
from tests.support.virtual_time import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Hours pass in no time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def asker() -> Asker:
    """Somebody who asks."""
    return Asker()
