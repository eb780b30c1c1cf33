"""Whom the callers of the traffic proof ask, and what they count as lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.eventually import eventually
from tools.traffic.callers import Caller
from tools.traffic.endpoints import Endpoint, receivers
from tools.traffic.engine import Engine
from tools.traffic.proxy import Proxy
from tools.traffic.tally import CUT, NOBODY, REFUSED, Kind, Tally
from tools.traffic.watching import Body

OLD, NEW = Endpoint("chat-r1", "old"), Endpoint("chat-r2", "new")


def part(*endpoints: Endpoint, ready: bool = True, terminating: bool = False) -> Body:
    """A slice with these endpoints."""
    conditions = {"ready": ready, "serving": True, "terminating": terminating}
    listed = [{"targetRef": {"name": each.pod, "uid": each.uid}, "conditions": conditions} for each in endpoints]
    return {"endpoints": listed}


def test_ready_endpoints_of_all_slices_get_requests() -> None:
    assert receivers([part(OLD), part(NEW), {"endpoints": None}]) == (OLD, NEW)
    assert receivers([part(OLD), part(NEW, ready=False)]) == (OLD,)


def test_endpoints_that_end_get_requests_only_where_nobody_else_is() -> None:
    ending = part(OLD, ready=False, terminating=True)
    assert receivers([ending, part(NEW)]) == (NEW,)
    assert receivers([ending]) == (OLD,)
    assert receivers([]) == ()


class Scene:
    """Two engines, and a proxy that knows at once."""

    def __init__(self) -> None:
        self.engines = {OLD: Engine("r1", self._ready, self._pace), NEW: Engine("r2", self._ready)}
        self.proxy, self.tally = Proxy(lag=0), Tally()

    async def _ready(self) -> bool:
        return True

    async def _pace(self) -> None:
        """Streams of the old engine stand still after their first part, until it is cut."""
        await asyncio.Event().wait()

    async def port(self, endpoint: Endpoint) -> int | None:
        """Where it listens."""
        return self.engines[endpoint].port

    async def sends_to(self, *endpoints: Endpoint) -> None:
        """The proxy has learned of these."""
        self.proxy.told({"slice": part(*endpoints)})
        await eventually(lambda: self.proxy.all() == endpoints)

    def caller(self, kind: Kind) -> Caller:
        """Somebody who asks."""
        return Caller(kind, self.proxy, self.port, self.tally)


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    """Both engines run; the old one gets the traffic."""
    made = Scene()
    for engine in made.engines.values():
        await engine.run()
    await made.sends_to(OLD)
    yield made
    for engine in made.engines.values():
        engine.cut()


@pytest.mark.parametrize(("kind", "then"), [("short", "r2"), ("kept", "r2"), ("pinned", "r1")])
async def test_who_moves_when_the_traffic_moves(scene: Scene, kind: Kind, then: str) -> None:
    caller = scene.caller(kind)
    await caller.once()
    await scene.sends_to(NEW)
    await caller.once()

    assert scene.tally.answered == {(kind, "r1"): 1} | ({(kind, then): 1} if then == "r2" else {(kind, "r1"): 2})
    assert not scene.tally.lost


async def test_a_kept_connection_that_was_closed_costs_nothing(scene: Scene) -> None:
    caller = scene.caller("pinned")
    await caller.once()
    await scene.sends_to(NEW)
    await scene.engines[OLD].drain()
    await caller.once()

    assert scene.tally.by_version() == {"r1": 1, "r2": 1}
    assert not scene.tally.lost


async def test_a_stream_whose_pod_dies_is_counted_as_truncated(scene: Scene) -> None:
    asking = asyncio.create_task(scene.caller("streamed").once())
    await eventually(lambda: scene.tally.slowest > 0)  # the head of the answer has come
    scene.engines[OLD].cut()
    await asking

    assert scene.tally.lost == {("streamed", CUT): 1}
    assert scene.tally.truncated == 1


async def test_a_caller_who_finds_nobody_has_lost(scene: Scene) -> None:
    scene.engines[OLD].cut()
    await scene.caller("short").once()
    await scene.sends_to()
    await scene.caller("short").once()

    assert scene.tally.reasons() == {REFUSED: 1, NOBODY: 1}
    assert scene.tally.requests == 2
