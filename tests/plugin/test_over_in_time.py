"""Ctrl-C leaves fifteen seconds until the engine kills us; all has to be said long before that."""

import asyncio
import contextlib

import pytest

from inference_provider.plugin.server import GRACE_SECONDS
from inference_provider.plugin.session import Interrupted, Session
from inference_provider.resources.registry import WORKLOAD
from inference_provider.resources.world import World
from inference_provider.seam.configuration import Settings
from inference_provider.seam.wiring import Wiring
from tests.plugin.door import urn

#: When the engine kills us, and what all may take, which leaves a machine that is busy a margin (seconds).
KILLED, IN_ALL = 15.0, 10.0


class Connected(Wiring):
    """Joined to a cluster that has answered before."""

    @property
    def connected(self) -> bool:
        """As after a first request."""
        return True


def here(settings: Settings) -> Wiring:
    """On this loop."""
    return Connected(settings, loop=asyncio.get_running_loop())


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


async def never(_: World) -> None:
    """A request that nobody answers."""
    await asyncio.sleep(3600)


async def stuck(_: World) -> None:
    """Work whose lock cannot be given back either."""
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(3600)


async def told(session: Session) -> float:
    """When the engine has its answer."""
    with pytest.raises(Interrupted, match="interrupted: the run was cancelled"):
        await session.run(urn(WORKLOAD), stuck)
    with contextlib.suppress(TimeoutError):
        await session.look(urn(WORKLOAD), never)
    return now()


async def test_nobody_answers_and_still_all_is_over_in_time() -> None:
    ended: list[float] = []
    session = Session(lambda: ended.append(now()), wired=here)
    session.configure({})
    answer = asyncio.create_task(told(session))
    await asyncio.sleep(60)
    begun = now()

    session.cancel()
    answered = await answer

    assert answered - begun < IN_ALL
    (over,) = ended
    assert answered < over + GRACE_SECONDS, "the server cuts answers off only then"
    assert over + GRACE_SECONDS - begun < KILLED


async def test_work_that_ends_at_once_holds_nobody_up() -> None:
    ended: list[float] = []
    session = Session(lambda: ended.append(now()), wired=here)
    session.configure({})
    call = asyncio.create_task(session.run(urn(WORKLOAD), never))
    await asyncio.sleep(60)
    begun = now()

    session.cancel()

    with pytest.raises(Interrupted):
        await call
    await asyncio.sleep(0.1)
    assert (now() - begun < 0.2, len(ended)) == (True, 1)


async def test_a_last_look_is_had_though_other_work_hangs() -> None:
    session = Session(lambda: None, wired=here)
    session.configure({})
    answer = asyncio.create_task(told(session))
    await asyncio.sleep(60)
    session.cancel()
    await answer

    async def seen(_: World) -> str:
        await asyncio.sleep(1)
        return "r1 serves"

    assert await session.look(urn(WORKLOAD), seen) == "r1 serves"
