"""A Workload is stopped and started again, by its program or at the command line."""

import asyncio
import json
from dataclasses import replace

import pytest

from inference_provider.converge import orders
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import POD
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.leftovers import leftovers
from tests.converge.person import order, replaced, serving
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate

SLOW = Fate(ready_after=200.0)


async def test_a_stop_takes_the_pods_and_nothing_else(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=3))
    address = stage.service()["metadata"]["uid"]

    fleet = await orders.halt(order(stage))

    assert stage.names(POD) == []
    assert stage.service()["metadata"]["uid"] == address
    assert json.loads(annotation(fleet.anchor, labels.STOPPED) or "") == {"default": 3}
    again = await stage.update(wanted("v1", replicas=3))
    assert stage.names(POD) == [], "the same program does not start it again"
    assert "ann stopped the Workload" in stage.heard.warnings[-1]
    assert leftovers(again) == ()


async def test_a_start_brings_back_as_many_pods_as_there_were(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=3))
    await orders.halt(order(stage))

    fleet = await orders.restart(order(stage))

    assert len(stage.pods(1)) == 3
    assert (hold_of(fleet.anchor), annotation(fleet.anchor, labels.STOPPED)) == (None, None)


async def test_a_program_stops_and_starts_a_workload(stage: Stage) -> None:
    await replaced(stage)

    stopped = await stage.update(replace(wanted("v2", replicas=2), running=False))
    assert stage.names(POD) == []
    assert [each.name for each in stopped.protons] == ["r2"], "the kept one goes too"

    fleet = await stage.update(wanted("v2", replicas=2))
    assert (serving(fleet)[0], len(stage.pods(2))) == ("r2", 2)


async def test_an_update_while_stopped_swaps_without_starting_anything(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(replace(wanted("v1"), running=False))
    started: list[str] = []

    def watch() -> None:
        started.extend(stage.names(POD))

    stage.cluster.after_write.append(watch)

    fleet = await stage.update(replace(wanted("v2"), running=False))

    assert started == []
    assert [each.name for each in fleet.protons] == ["r2"]
    assert serving(fleet) == ("r2", (1,))
    assert annotation(stage.record(2), labels.OUTCOME) == "completed"
    stage.cluster.after_write.remove(watch)
    assert len((await stage.update(wanted("v2", replicas=2))).protons) == 1
    assert len(stage.pods(2)) == 2


async def test_a_stop_in_the_middle_of_an_update_removes_the_candidate(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": SLOW})
    update = asyncio.create_task(stage.update(wanted("v2")))
    await stage.sees(lambda: stage.pods(2))
    update.cancel()
    await asyncio.wait({update})

    fleet = await stage.update(replace(wanted("v1"), running=False))

    assert stage.names(POD) == []
    assert [each.name for each in fleet.protons] == ["r1"]


async def test_a_stop_that_was_interrupted_before_it_took_a_pod_takes_none_when_called_off(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=2))
    before = stage.pods(1)
    stop = asyncio.create_task(stage.update(replace(wanted("v1", replicas=2), running=False)))
    await stage.sees(lambda: annotation(stage.service(), labels.STOPPED) is not None)
    stop.cancel()
    await asyncio.wait({stop})

    fleet = await stage.update(wanted("v1", replicas=2))

    assert stage.pods(1) == before
    assert annotation(fleet.anchor, labels.STOPPED) is None


async def test_a_workload_may_be_born_stopped(stage: Stage) -> None:
    fleet = await stage.create(replace(wanted("v1", replicas=2), running=False))
    assert stage.names(POD) == []
    assert serving(fleet)[0] == "r1"

    await stage.update(wanted("v1", replicas=2))
    assert len(stage.pods(1)) == 2


async def test_a_start_that_fails_says_why_and_can_be_tried_again(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await orders.halt(order(stage))
    stage.fate_of({"v1": Fate(ready_after=None)})
    with pytest.raises(InferenceError, match=r"not ready after.*started as far as it goes"):
        await orders.restart(order(stage))

    stage.fate_of({})
    for pod in stage.pods(1):
        stage.controllers.set_ready(pod, ready=True)
    assert serving(await orders.restart(order(stage)))[0] == "r1"


async def test_a_stop_while_one_waits_is_not_undone_by_the_same_program(stage: Stage) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    await stage.update(wanted("v2", promotion="manual"))

    await orders.halt(order(stage))
    fleet = await stage.update(wanted("v2", promotion="manual"))

    assert stage.names(POD) == []
    assert serving(fleet)[0] == "r1"


async def test_a_start_that_failed_is_waited_for_by_the_next_run(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await orders.halt(order(stage))
    stage.fate_of({"v1": Fate(ready_after=300.0)})
    again = wanted("v1", resume="r1")
    with pytest.raises(InferenceError):
        await stage.update(again, seconds=100)
    begun = asyncio.get_running_loop().time()

    await stage.update(again)

    assert asyncio.get_running_loop().time() - begun > 100, "it has waited for its pods"


def unpromoted(version: str, *, running: bool = True, promote: str | None = None) -> Wanted:
    """A program with manual promotion."""
    return replace(wanted(version, promotion="manual", promote=promote), running=running)


async def test_a_new_version_of_a_stopped_workload_does_not_take_over_unpromoted(stage: Stage) -> None:
    await stage.create(unpromoted("v1"))
    await stage.update(unpromoted("v1", running=False))

    fleet = await stage.update(unpromoted("v2", running=False))

    assert [each.name for each in fleet.protons] == ["r1"]
    assert stage.names(POD) == []
    assert "promotion is manual: r1 stays its version" in stage.heard.infos[-1]


async def test_a_stopped_workload_starts_as_it_was_and_the_new_version_waits_beside_it(stage: Stage) -> None:
    await stage.create(unpromoted("v1"))
    await stage.update(unpromoted("v1", running=False))

    fleet = await stage.update(unpromoted("v2"))

    assert serving(fleet) == ("r1", (0,))
    assert (len(stage.pods(1)), len(stage.pods(2))) == (2, 2)
    assert fleet.protons[1].staged
    assert serving(await stage.update(unpromoted("v2", promote="r2")))[0] == "r2"


async def test_stopping_what_a_version_waits_beside_does_not_promote_it(stage: Stage) -> None:
    await stage.create(unpromoted("v1"))
    await stage.update(unpromoted("v2"))

    stopped = await stage.update(unpromoted("v2", running=False))
    fleet = await stage.update(unpromoted("v2"))

    assert [each.name for each in stopped.protons] == ["r1"]
    assert serving(fleet) == ("r1", (0,))
    assert fleet.protons[1].staged


async def test_a_killed_start_under_manual_promotion_is_carried_on_with(stage: Stage) -> None:
    await stage.create(unpromoted("v1"))
    await stage.update(unpromoted("v1", running=False))
    stage.fate_of({"v1": SLOW})
    run = asyncio.create_task(stage.update(unpromoted("v2")))
    await stage.sees(lambda: stage.pods(1))
    run.cancel()
    await asyncio.wait({run})

    fleet = await stage.update(unpromoted("v2"))

    assert serving(fleet) == ("r1", (0,))
    assert fleet.protons[1].staged


async def test_automatic_promotion_still_swaps_while_stopped(stage: Stage) -> None:
    await stage.create(unpromoted("v1"))
    await stage.update(unpromoted("v2", running=False))
    fleet = await stage.update(replace(wanted("v2"), running=False))
    assert [each.name for each in fleet.protons] == ["r2"]
