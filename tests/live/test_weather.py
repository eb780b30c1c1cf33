"""Whole replacements in bad weather, on a real API server: no pod that serves is lost, and all end well or say why.

Weather comes three times: while the candidate is made, at the switch, and after it.
"""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from inference_provider.errors import LockLost
from tests.live.scene import Scene, retaining, starting, widening
from tests.support.weather import Answer, Call, Delay, Fault, LostAnswer, Refusal, Where, every, once_each
from tools.cluster import Cluster

Spell = Callable[[Scene], object]

#: Seconds. The scene's Lease lasts two.
OUTAGE = 3.0

MOMENTS: dict[str, Where] = {"long before": starting, "at": widening, "after": retaining}


def hits(fault: Fault) -> Spell:
    """Weather that consists of this fault."""
    return lambda scene: scene.proxy.faults.append(Fault(fault.where, fault.effect, fault.times))


def patches(call: Call) -> bool:
    return call.method == "PATCH"


SPELLS: dict[str, Spell] = {
    "too many requests": hits(Fault(every, Answer(429, retry_after=1), times=1)),
    "internal errors": hits(Fault(every, Answer(500), times=2)),
    "unavailable": hits(Fault(every, Answer(503), times=2)),
    "conflicts": hits(Fault(patches, Answer(409), times=2)),
    "broken connections": hits(Fault(every, Refusal(), times=2)),
    "watches are cut": lambda scene: scene.proxy.cut_watches(),
    "watches expire": lambda scene: scene.proxy.expire_watches(),
    # Longer than the Lease lasts, as a minute is with the real one; nobody else takes it meanwhile.
    "outages": lambda scene: scene.proxy.go_away(OUTAGE),
    "a stall": hits(Fault(every, Delay(1), times=2)),
}


@pytest.mark.parametrize("spell", SPELLS)
async def test_a_replacement_gets_through(scene: Scene, spell: str) -> None:
    wanted = await scene.program("v2")
    for moment in MOMENTS.values():
        scene.proxy.when(moment, lambda: SPELLS[spell](scene))
    assert await scene.attempt(wanted) is None
    outputs = await scene.settle(wanted)
    assert outputs["revision"] == "r2"


async def test_every_answer_to_a_change_is_lost_once(scene: Scene) -> None:
    wanted = await scene.program("v2")
    scene.proxy.faults.append(Fault(once_each(lambda call: call.writes), LostAnswer(), times=None))
    assert await scene.attempt(wanted) is None
    await scene.settle(wanted)


async def test_watches_that_are_cut_again_and_again_hold_nothing_up(scene: Scene) -> None:
    wanted = await scene.program("v2", env={"SIM_LOAD_TIME": "2s"})
    cuts = 0

    async def cut() -> None:
        nonlocal cuts
        while True:
            await asyncio.sleep(0.4)
            scene.proxy.cut_watches()
            cuts += 1

    cutting = asyncio.create_task(cut())
    assert await scene.attempt(wanted) is None
    assert cuts > 1, "the model alone loads for two seconds"
    cutting.cancel()
    await scene.settle(wanted)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_credentials_that_expire_in_the_middle_end_in_a_sentence(scene: Scene, moment: str) -> None:
    wanted = await scene.program("v2")
    scene.proxy.when(MOMENTS[moment], scene.proxy.known.clear)
    error = await scene.attempt(wanted)
    assert "log in to the cluster again" in str(error)
    assert len(str(error)) < 700, error
    await scene.settle(wanted)


async def test_etcd_stalls_for_ten_seconds(scene: Scene, simulated_cluster: Cluster) -> None:
    wanted = await scene.program("v2")
    etcd = simulated_cluster.processes()["etcd"]

    async def wake() -> None:
        await asyncio.sleep(10)
        os.kill(etcd, signal.SIGCONT)

    waking: list[asyncio.Task[None]] = []

    def stall() -> None:
        os.kill(etcd, signal.SIGSTOP)
        waking.append(asyncio.create_task(wake()))

    scene.proxy.when(widening, stall)
    try:
        error = await scene.attempt(wanted)
    finally:
        await asyncio.gather(*waking)
    assert error is None or isinstance(error, LockLost), error
    await scene.settle(wanted)
    assert simulated_cluster.alive()
