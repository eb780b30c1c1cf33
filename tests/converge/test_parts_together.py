"""Parts of a replacement that meet: gates and kept failures, load and orders, an outage and who calls it off."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from inference_provider.converge import external, former, orders
from inference_provider.converge.wanted import Wanted
from inference_provider.errors import InferenceError, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.ownership import is_owned_by
from inference_provider.rollout.fleet import Role
from tests.converge.full_cluster import asking, cluster_of, served
from tests.converge.scaled import autoscalers, noticed, order, scaled
from tests.converge.stage import Stage
from tests.support.blueprints import settings, wanted
from tests.support.fake_controllers import image_that_cannot_be_pulled
from tests.support.fake_jobs import Errand, leaving

FIRST = "the first"


async def half_kept(at: int, *, then: Wanted) -> tuple[Stage, bool]:
    """A version fails its warm-up and is to be kept; its run breaks at this write, and the next one comes."""
    stage = Stage()
    await stage.create(wanted("v1"))
    stage.controllers.jobs.errand = Errand(message=leaving(50, p95=None, first="500"))
    stage.cluster.writes, stage.cluster.breaks_at = 0, at
    with contextlib.suppress(InferenceError):
        await stage.update(wanted("v2", warmup={"path": "/v1/models"}, onFailure="keep"))
    broke = stage.cluster.writes >= at
    stage.cluster.breaks_at = None
    with contextlib.suppress(RolloutFailed):
        await stage.update(then)
    return stage, broke


@pytest.mark.parametrize("image", ["v1", "v2"])
async def test_what_failed_its_warm_up_never_serves_nor_is_gone_back_to_however_its_run_was_cut(image: str) -> None:
    then = wanted(image, warmup={"path": "/v1/models"}, onFailure="keep")
    for at in range(1, 60):
        stage, broke = await half_kept(at, then=then)
        fleet = await stage.fleet()
        assert served(fleet)[0] == "r1", f"cut at write {at}"
        assert fleet.of_role(Role.RETAINED) == [], f"cut at write {at}"
        if not broke:
            return
    raise AssertionError("there are more writes than that")


async def test_a_version_that_is_woken_to_wait_beside_is_scaled_though_the_new_one_fails(stage: Stage) -> None:
    await stage.create(scaled(promotion="manual"))
    await orders.halt(order(stage))
    await orders.resume(order(stage))
    stage.fate_of({"v2": image_that_cannot_be_pulled("v2")})

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(scaled("v2", promotion="manual"))

    assert autoscalers(stage) == ["llama-r1"]


def driven(image: str, surge: str = "wait") -> Wanted:
    """The same as a Replacement wants it."""
    return asking(image, driver="external", surge=surge)


async def outage(stage: Stage, look: Callable[[], object]) -> None:
    """A Replacement by way of an outage is killed as soon as something is so."""

    moves = driven("v2", surge="recreate")
    work = external.replace(stage.cluster, moves, token=FIRST, seconds=3600, option="create", report=stage.heard)
    run = asyncio.create_task(work)
    await stage.sees(look)
    run.cancel()
    await asyncio.wait({run})


async def born(stage: Stage) -> Wanted:
    """A Workload that a Replacement drives, and that load scales, in a cluster with room for it alone."""
    cluster_of(stage, 4)
    plain = scaled()
    program = replace(driven("v1"), face=plain.face, counts={"default": 2}, settings=settings(driver="external"))
    await stage.create(program)
    await stage.update(program)
    return program


async def test_what_comes_back_as_a_replacement_is_called_off_is_scaled_again(stage: Stage) -> None:
    program = await born(stage)
    await outage(stage, lambda: not stage.pods(1))
    await stage.update(program)

    await external.call_off(
        stage.cluster, "models", "llama", "r2", settings=settings(), token=FIRST, seconds=600, report=stage.heard
    )

    assert served(await stage.fleet())[0] == "r1"
    assert (autoscalers(stage), await noticed(stage)) == (["llama-r1"], "")


async def test_cancel_brings_back_what_made_room_for_a_version_that_was_never_begun(stage: Stage) -> None:
    program = await born(stage)
    await outage(stage, lambda: not stage.pods(1))
    await stage.update(program)
    assert (await stage.fleet()).of_role(Role.CANDIDATE) == []

    fleet = await orders.cancel(order(stage))

    assert fleet is not None
    assert served(fleet) == ("r1", {"default": 2})
    assert annotation(stage.service(), labels.HOLD) is None, "there is no version that could be held"
    assert (autoscalers(stage), await noticed(stage)) == (["llama-r1"], "")


async def test_there_is_nothing_to_cancel_where_all_is_well(stage: Stage) -> None:
    await born(stage)
    with pytest.raises(InferenceError, match="no replacement of Workload models/llama is under way: r1 serves"):
        await orders.cancel(order(stage))


async def test_a_deletion_that_was_killed_takes_nothing_from_what_is_on_record_of_a_version_that_waits(
    stage: Stage,
) -> None:
    await stage.create(wanted("v1"))
    said = {"promotion": "manual", "keepOldVersionMinutes": 5}
    program = wanted("v2", promotion="manual", keepOldVersionMinutes=5)
    await stage.update(replace(program, facts={"actor": "ann", "replacement": said}))
    await former.release(stage.cluster, stage.service(), by="ann")  # and there its run is killed

    await orders.promote(order(stage))

    (kept,) = (await stage.fleet()).of_role(Role.RETAINED)
    until = datetime.fromisoformat(str(annotation(kept.service, labels.KEEP_UNTIL)))
    moved = datetime.fromisoformat(kept.service["metadata"]["managedFields"][0]["time"])
    assert until - moved > timedelta(minutes=4), "as was said of it, not as is the rule"
    assert is_owned_by(stage.record(2), stage.service())
