"""A second change comes while the first is under way: refused, or it takes the first one's place without harm."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge import orders
from inference_provider.errors import DeadlineExceeded, HandedOver, LockHeld, Superseded
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import DEPLOYMENT, SERVICE
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.hold import hold_of
from inference_provider.rollout.leftovers import leftovers
from inference_provider.rollout.supersede import ask_of
from tests.converge.full_cluster import asking, cluster_of, served
from tests.converge.person import order, serving
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate

SLOW = Fate(ready_after=200.0)


async def under_way(stage: Stage, *, on_failure: str = "delete") -> asyncio.Task[Fleet]:
    """r1 serves, and an update to a slow v2 is under way."""
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": SLOW})
    update = asyncio.create_task(stage.update(wanted("v2", onFailure=on_failure)))
    await stage.sees(lambda: stage.pods(2))
    return update


async def test_a_second_change_is_refused_before_anything_moves(stage: Stage) -> None:
    first = await under_way(stage)
    with pytest.raises(LockHeld, match="run-2"):
        await stage.update(wanted("v3"))

    assert stage.names(SERVICE) == ["llama", "llama-r1", "llama-r2"]
    assert ask_of(stage.service()) is None
    assert serving(await first)[0] == "r2"


async def test_a_second_change_that_supersedes_takes_the_place_of_the_first(stage: Stage) -> None:
    first = await under_way(stage)
    begun = asyncio.get_running_loop().time()
    second = replace(wanted("v3", onConflict="supersede"), facts={"actor": "bob", "stack": "prod"})

    fleet = await stage.update(second)

    with pytest.raises(Superseded, match=r"bob \(stack prod\) began another change.*r1 still serves"):
        await first
    assert [each.name for each in fleet.protons if each.role.value != "retained"] == ["r3"]
    assert asyncio.get_running_loop().time() - begun < 60
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"
    assert "waiting for run-2 to step back (onConflict: supersede)" in stage.heard.statuses
    assert (hold_of(fleet.anchor), ask_of(fleet.anchor)) == (None, None)
    assert leftovers(fleet) == ()


async def test_the_one_that_lost_its_place_may_come_again_for_nothing_is_held(stage: Stage) -> None:
    first = await under_way(stage)
    await stage.update(wanted("v3", onConflict="supersede"))
    await asyncio.wait({first})

    fleet = await stage.update(wanted("v2"))

    assert serving(fleet)[0] == "r4"
    assert stage.heard.warnings == []


async def test_what_serves_keeps_all_its_pods_while_one_takes_the_place_of_another(stage: Stage) -> None:
    first = await under_way(stage)
    fewest: list[int] = []
    stage.cluster.after_write.append(lambda: fewest.append(len(stage.pods(1)) + len(stage.pods(3))))

    await stage.update(wanted("v3", onConflict="supersede"))

    assert min(fewest) >= 2
    await asyncio.wait({first})


async def test_the_same_version_is_taken_over_with_the_pods_that_it_has(stage: Stage) -> None:
    first = await under_way(stage)
    pods = stage.pods(2)

    fleet = await stage.update(wanted("v2", onConflict="supersede"))

    with pytest.raises(HandedOver, match="carries on with the same version"):
        await first
    assert serving(fleet)[0] == "r2"
    assert stage.pods(2) == pods
    assert annotation(stage.record(2), labels.OUTCOME) == "completed"


async def test_a_program_that_is_put_back_meanwhile_calls_the_first_one_off(stage: Stage) -> None:
    first = await under_way(stage)

    fleet = await stage.update(wanted("v1", onConflict="supersede"))

    with pytest.raises(Superseded):
        await first
    assert [each.name for each in fleet.protons] == ["r1"]


async def test_of_two_that_ask_at_once_one_wins_and_the_other_ends(stage: Stage) -> None:
    first = await under_way(stage)
    stage.fate_of({"vllm/v": SLOW})
    later = [wanted(image, onConflict="supersede") for image in ("v3", "v4", "v5")]
    runs = [asyncio.create_task(stage.update(each)) for each in later]

    await asyncio.wait({first, *runs})

    (won,) = [run for run in runs if run.exception() is None]
    lost = [run.exception() for run in runs if run is not won]
    assert all(isinstance(error, Superseded | LockHeld) for error in lost), lost
    active = (await stage.fleet()).active
    assert active is not None
    assert active.template == later[runs.index(won)].blueprint.template
    assert leftovers(await stage.fleet()) == ()


async def test_who_takes_over_already_is_waited_for(stage: Stage) -> None:
    """Behind its switch a change is let come to its end: the old version would be lost to the way back otherwise."""
    await stage.create(wanted("v1"))
    first = asyncio.create_task(stage.update(wanted("v2", keepOldVersionMinutes=60)))
    await stage.sees(lambda: annotation(stage.service(), labels.ACTIVE) == "r2")

    fleet = await stage.update(wanted("v3", onConflict="supersede", keepOldVersionMinutes=60))

    assert serving(await first)[0] == "r2"
    assert serving(fleet)[0] == "r3"
    assert annotation(stage.record(2), labels.OUTCOME) == "completed"


async def test_a_wait_for_room_is_given_up_within_seconds(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    first = asyncio.create_task(stage.update(asking("v2")))
    await stage.sees(lambda: stage.pods(2))
    await asyncio.sleep(60)
    begun = asyncio.get_running_loop().time()

    await stage.update(asking("v1", onConflict="supersede"))

    assert asyncio.get_running_loop().time() - begun < 15
    assert isinstance(first.exception(), Superseded)
    assert served(await stage.fleet()) == ("r1", {"default": 2})


async def test_an_outage_is_ended_before_the_next_change_begins(stage: Stage) -> None:
    """``surge: recreate``: what has made room serves again before the lock changes hands."""
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    stage.fate_of({"v2": SLOW})
    first = asyncio.create_task(stage.update(asking("v2", surge="recreate")))
    await stage.sees(lambda: stage.pods(2))
    at_hand_over: list[int] = []
    stage.cluster.after_write.append(
        lambda: at_hand_over.append(len(stage.pods(1))) if stage.cluster.taken == 3 and not at_hand_over else None
    )

    await stage.update(asking("v1", onConflict="supersede"))

    assert isinstance(first.exception(), Superseded)
    assert at_hand_over == [2]
    assert served(await stage.fleet()) == ("r1", {"default": 2})


async def test_who_does_not_step_back_is_waited_for_until_the_deadline(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.locked.add("models/llama")  # of a release that does not know of this
    stage.cluster.holders["models/llama"] = "an older release"

    with pytest.raises(DeadlineExceeded, match="waiting for an older release to step back"):
        await stage.update(wanted("v2", onConflict="supersede"), seconds=60)

    stage.cluster.locked.clear()
    assert serving(await stage.update(wanted("v2")))[0] == "r2", "what it was asked means nothing to the next one"


async def test_what_is_withheld_from_the_second_is_no_reason_to_stop_the_first(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v3", keepOldVersionMinutes=60))
    await orders.undo(order(stage))
    stage.fate_of({"v1": SLOW})
    replicas = asyncio.create_task(stage.update(wanted("v3", replicas=3, keepOldVersionMinutes=60)))
    await stage.sees(lambda: stage.replicas("llama-r1") == 3)

    with pytest.raises(LockHeld):
        await stage.update(wanted("v3", onConflict="supersede"))

    assert serving(await replicas)[0] == "r1"


async def test_scaling_in_place_is_given_up_too(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v1": SLOW})
    first = asyncio.create_task(stage.update(wanted("v1", replicas=3)))
    await stage.sees(lambda: stage.replicas("llama-r1") == 3)
    begun = asyncio.get_running_loop().time()

    await stage.update(wanted("v2", replicas=3, onConflict="supersede"))

    assert isinstance(first.exception(), Superseded)
    assert asyncio.get_running_loop().time() - begun < 60


async def test_a_version_that_was_called_off_is_not_kept_for_inspection(stage: Stage) -> None:
    first = await under_way(stage, on_failure="keep")
    await stage.update(wanted("v1", onConflict="supersede"))
    assert isinstance(first.exception(), Superseded)
    assert stage.names(DEPLOYMENT) == ["llama-r1"]
    assert stage.names(SERVICE) == ["llama", "llama-r1"]


async def test_the_first_creation_of_a_workload_is_not_asked_to_stop(stage: Stage) -> None:
    stage.fate_of({"v1": SLOW})
    create = asyncio.create_task(stage.create(wanted("v1")))
    await stage.sees(lambda: stage.pods(1))

    with pytest.raises(LockHeld):
        await stage.update(wanted("v2", onConflict="supersede"))

    assert serving(await create)[0] == "r1"


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("at", range(1, 36, 5))
async def test_cut_after_any_write_of_either_the_next_update_puts_everything_right(
    stage: Stage, at: int, *, done: bool
) -> None:
    first = await under_way(stage)
    stage.cluster.writes, stage.cluster.breaks_at, stage.cluster.breaks_after = 0, at, done
    second = asyncio.create_task(stage.update(wanted("v3", onConflict="supersede", keepOldVersionMinutes=60)))
    fewest: list[int] = []
    stage.cluster.after_write.append(lambda: fewest.append(len(stage.pods(1)) + len(stage.pods(3))))
    await asyncio.wait({first, second})
    stage.cluster.breaks_at = None
    assert [run for run in (first, second) if run.exception() is not None]

    fleet = await stage.update(wanted("v3", keepOldVersionMinutes=60))

    assert [each.role.value for each in fleet.protons] == ["retained", "active"]
    assert (leftovers(fleet), ask_of(fleet.anchor), hold_of(fleet.anchor)) == ((), None, None)
    assert min(fewest) >= 2
