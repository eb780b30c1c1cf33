"""What becomes of work when nobody waits for it any more."""

import asyncio
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from inference_provider.seam.configuration import Settings
from inference_provider.seam.wiring import Wiring


async def test_abandoned_work_gives_back_what_it_held() -> None:
    wiring, said, begun = Wiring(Settings()), [], threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
            said.append("switched traffic")
        finally:
            said.append("gave the lock back")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wiring.run, work())
        await asyncio.to_thread(begun.wait)
        await asyncio.to_thread(wiring.abandon)
        with pytest.raises(CancelledError):
            waiting.result(10)

    assert said == ["gave the lock back"]


async def test_nothing_new_begins_after_that() -> None:
    wiring, said = Wiring(Settings()), []

    async def work() -> None:
        said.append("began")

    await asyncio.to_thread(wiring.abandon)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.to_thread(wiring.run, work())

    assert said == []
