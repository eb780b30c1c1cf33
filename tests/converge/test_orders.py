"""What people order at the command line, and what the next `pulumi up` makes of it."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge import orders
from inference_provider.errors import Cancelled, InferenceError, LockHeld
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import Face
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import POD
from inference_provider.rollout.fleet import Role
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.leftovers import leftovers
from tests.converge.person import order, replaced, serving
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate

SLOW = Fate(ready_after=200.0)


async def test_undo_brings_the_very_pods_back_and_the_same_program_does_not_roll_forward_again(stage: Stage) -> None:
    pods = await replaced(stage)

    assert serving(await orders.undo(order(stage))) == ("r1", (0,))
    assert stage.pods(1) == pods

    again = await stage.update(wanted("v2", keepOldVersionMinutes=60, replicas=3))
    assert serving(again) == ("r1", (0,))
    assert len(stage.pods(1)) == 3, "what changes in place does change"
    (warning,) = stage.heard.warnings
    assert "ann took r2 back" in warning
    assert "latency" in warning
    assert "pulumi-inference resume llama -n models" in warning
    assert leftovers(again) == ()


async def test_an_undo_is_recorded_and_keeps_what_it_took_back(stage: Stage) -> None:
    await replaced(stage)

    fleet = await orders.undo(order(stage))

    record = stage.record(3)
    assert (record["data"]["kind"], record["data"]["backTo"], record["data"]["actor"]) == ("undo", "r1", "ann")
    assert annotation(record, labels.OUTCOME) == "completed"
    assert [each.name for each in fleet.of_role(Role.RETAINED)] == ["r2"]


async def test_another_version_lifts_the_hold_and_rolls(stage: Stage) -> None:
    await replaced(stage)
    await orders.undo(order(stage))

    fleet = await stage.update(wanted("v3"))

    assert serving(fleet)[0] == "r4"
    assert hold_of(fleet.anchor) is None


async def test_the_program_that_goes_back_itself_lifts_the_hold_without_a_roll(stage: Stage) -> None:
    await replaced(stage)
    await orders.undo(order(stage))

    fleet = await stage.update(wanted("v1"))

    assert serving(fleet)[0] == "r1"
    assert hold_of(fleet.anchor) is None
    assert stage.heard.warnings == []


async def test_resume_lets_the_same_version_roll_again(stage: Stage) -> None:
    await replaced(stage)
    await orders.undo(order(stage))

    await orders.resume(order(stage))
    fleet = await stage.update(wanted("v2"))

    assert serving(fleet)[0] == "r2"


async def test_a_program_may_resume_the_very_revision_that_was_held(stage: Stage) -> None:
    await replaced(stage)
    await orders.undo(order(stage))

    other = await stage.update(wanted("v2", resume="r9"))
    assert serving(other)[0] == "r1", "another revision's resume lifts nothing"
    fleet = await stage.update(wanted("v2", resume="r2"))
    assert serving(fleet)[0] == "r2"


async def test_there_is_nothing_to_undo_when_nothing_is_kept(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    with pytest.raises(InferenceError, match="no earlier version of Workload models/llama is kept"):
        await orders.undo(order(stage))
    assert hold_of((await stage.fleet()).anchor) is None


async def test_an_undo_that_fails_leaves_what_serves_and_holds_nothing(stage: Stage) -> None:
    pods = await replaced(stage)
    for pod in pods:
        stage.controllers.set_ready(pod, ready=False)

    with pytest.raises(InferenceError, match="r2 still serves"):
        await orders.undo(order(stage))

    fleet = await stage.fleet()
    assert serving(fleet) == ("r2", (1,))
    assert hold_of(fleet.anchor) is None


async def test_a_running_update_sees_that_it_was_cancelled_and_steps_back(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": SLOW})
    update = asyncio.create_task(stage.update(wanted("v2")))
    await stage.sees(lambda: stage.pods(2))

    assert (fleet := await orders.cancel(order(stage))) is not None

    with pytest.raises(Cancelled, match=r"ann cancelled r2.*r1 still serves"):
        await update
    assert serving(fleet) == ("r1", (0,))
    assert [each.name for each in (await stage.fleet()).protons] == ["r1"]
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"
    assert serving(await stage.update(wanted("v2"))) == ("r1", (0,)), "the next one does not start it again"


async def test_a_first_creation_that_is_cancelled_leaves_nothing(stage: Stage) -> None:
    stage.fate_of({"v1": SLOW})
    create = asyncio.create_task(stage.create(wanted("v1")))
    await stage.sees(lambda: stage.pods(1))

    assert await orders.cancel(order(stage)) is None

    with pytest.raises(InferenceError, match="ann cancelled r1"):
        await create
    assert stage.names(POD) == []


async def test_what_a_killed_update_left_can_be_cancelled(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": SLOW})
    update = asyncio.create_task(stage.update(wanted("v2")))
    await stage.sees(lambda: stage.pods(2))
    update.cancel()
    await asyncio.wait({update})
    assert leftovers(await stage.fleet()) == ("r2 is half made: an update was interrupted, or is under way",)

    fleet = await orders.cancel(order(stage))

    assert fleet is not None
    assert leftovers(await stage.fleet()) == ()
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"


async def test_nothing_is_cancelled_when_nothing_is_under_way(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    with pytest.raises(InferenceError, match="no replacement of Workload models/llama is under way: r1 serves"):
        await orders.cancel(order(stage))


async def test_orders_wait_for_no_running_update(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.locked.add("models/llama")
    for command in (orders.undo, orders.halt, orders.resume, orders.restart):
        with pytest.raises(LockHeld):
            await command(order(stage))


async def test_the_face_changes_while_held(stage: Stage) -> None:
    await replaced(stage)
    await orders.undo(order(stage))
    fleet = await stage.update(replace(wanted("v2"), face=Face(port=9000, notes={})))
    assert fleet.anchor["spec"]["ports"][0]["port"] == 9000
    assert serving(fleet)[0] == "r1"
