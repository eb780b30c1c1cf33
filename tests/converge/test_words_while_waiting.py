"""What a person says while a version waits for room is heard within seconds, and not at the end of the wait."""

import asyncio

import pytest

from inference_provider.converge import orders
from inference_provider.errors import Cancelled, InferenceError, LockHeld, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import POD
from inference_provider.rollout.fleet import Fleet
from tests.converge.full_cluster import asking, cluster_of, served
from tests.converge.person import order, serving
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate
from tests.support.fake_scheduler import batch_pod

#: How soon anything has to be noticed: the lock's holder is recognised by its next renewal.
SECONDS = 10.0


async def without_room(stage: Stage, promotion: str = "automatic") -> asyncio.Task[Fleet]:
    """r1 serves; r2 waits for GPUs that somebody else's pod holds."""
    scheduler = cluster_of(stage, 8)
    await stage.create(asking("v1"))
    stage.cluster.put(POD, batch_pod("train", gpus=4))
    scheduler.react()
    update = asyncio.create_task(stage.update(asking("v2", promotion=promotion, keepOldVersionMinutes=60)))
    await stage.sees(lambda: stage.pods(2))
    await asyncio.sleep(300)
    return update


async def test_a_cancellation_ends_the_wait_at_once(stage: Stage) -> None:
    update = await without_room(stage)
    begun = asyncio.get_running_loop().time()

    await orders.cancel(order(stage))

    assert isinstance(update.exception(), Cancelled)
    assert asyncio.get_running_loop().time() - begun < SECONDS
    assert served(await stage.fleet()) == ("r1", {"default": 2})


async def test_a_promotion_is_heard_at_once_and_counts_when_there_is_room(stage: Stage) -> None:
    update = await without_room(stage, promotion="manual")
    begun = asyncio.get_running_loop().time()
    promotion = asyncio.create_task(orders.promote(order(stage, "measured well")))

    await stage.sees(lambda: annotation(stage.service(), labels.PROMOTED))
    await asyncio.sleep(2)
    assert "r2 is promoted by ann: measured well; it takes over as soon as it is proven" in stage.heard.infos
    assert asyncio.get_running_loop().time() - begun < SECONDS
    stage.cluster.remove(POD, "batch", "train")

    assert serving(await promotion) == ("r2", (1,))
    assert serving(await update) == ("r2", (1,))
    assert annotation(stage.record(2), labels.MESSAGE) == "promoted by ann: measured well"


async def test_a_promoted_version_that_comes_to_nothing_is_told(stage: Stage) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    stage.fate_of({"v2": Fate(ready_after=None)})
    update = asyncio.create_task(stage.update(wanted("v2", promotion="manual")))
    await stage.sees(lambda: stage.pods(2))

    with pytest.raises(InferenceError, match="r2 came to nothing: r1 serves"):
        await orders.promote(order(stage))

    assert update.exception() is not None
    assert serving(await stage.fleet())[0] == "r1"


async def test_a_word_for_one_version_does_not_promote_the_next(stage: Stage) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    stage.fate_of({"v2": Fate(ready_after=60)})
    update = asyncio.create_task(stage.update(wanted("v2", promotion="manual", keepOldVersionMinutes=60)))
    await stage.sees(lambda: stage.pods(2))
    await orders.promote(order(stage))
    assert serving(await update)[0] == "r2"

    assert serving(await stage.update(wanted("v3", promotion="manual", keepOldVersionMinutes=60)))[0] == "r2"
    back = wanted("v1", promotion="manual", onConflict="supersede")
    assert serving(await stage.update(back))[0] == "r2", "nor the way back"


async def test_a_run_that_dies_leaves_the_word_to_the_next(stage: Stage) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    stage.fate_of({"v2": Fate(ready_after=60)})
    update = asyncio.create_task(stage.update(wanted("v2", promotion="manual")))
    await stage.sees(lambda: stage.pods(2))
    promotion = asyncio.create_task(orders.promote(order(stage)))
    await stage.sees(lambda: annotation(stage.service(), labels.PROMOTED))
    for each in (promotion, update):
        each.cancel()
    await asyncio.wait({promotion, update})

    assert serving(await stage.update(wanted("v2", promotion="manual")))[0] == "r2"


async def test_what_takes_over_by_itself_is_waited_for(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=60)})
    update = asyncio.create_task(stage.update(wanted("v2")))
    await stage.sees(lambda: stage.pods(2))

    assert serving(await orders.promote(order(stage)))[0] == "r2"
    assert serving(await update)[0] == "r2"


async def test_nothing_is_promoted_while_somebody_works_on_what_serves(stage: Stage) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    stage.cluster.locked.add("models/llama")
    with pytest.raises(LockHeld):
        await orders.promote(order(stage))


async def test_an_update_whose_time_is_over_is_not_told_to_wait_for_room(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=100)})

    with pytest.raises(RolloutFailed) as caught:
        await stage.update(wanted("v2"), seconds=10)

    assert "did not finish within 10 s; it was waiting: r2" in caught.value.message
    assert caught.value.message.endswith("Run `pulumi up` again with more time, or once what it waited for is there")
