"""There are GPUs for one version only, and what serves ends first: ``replacement.surge: recreate``."""

import asyncio
import contextlib

import pytest

from inference_provider.converge import orders
from inference_provider.converge.orders import Order
from inference_provider.errors import Forbidden, InferenceError, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD
from inference_provider.rollout.leftovers import leftovers
from tests.converge.full_cluster import asking, cluster_of, killed_when, served
from tests.converge.stage import Stage
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate, image_that_cannot_be_pulled
from tests.support.fake_scheduler import batch_pod


async def test_what_serves_ends_first_when_there_is_room_for_one_only(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1", replicas=1))
    await stage.update(asking("v1"))
    together: list[int] = []
    stage.cluster.after_write.append(lambda: together.append(bool(stage.pods(1)) + bool(stage.pods(2))))

    fleet = await stage.update(asking("v2", replicas=1, surge="recreate", keepOldVersionMinutes=60))

    assert max(together) == 1
    assert served(fleet) == ("r2", {"default": 1})
    assert [each.name for each in fleet.protons] == ["r2"], "nothing runs that could be kept"
    assert "r1 makes room for the new version: nobody serves until that is ready" in stage.heard.infos
    assert leftovers(fleet) == ()


async def test_the_new_version_has_as_many_pods_as_the_one_that_made_room(stage: Stage) -> None:
    cluster_of(stage, 6)
    await stage.create(asking("v1", replicas=3))
    most: list[int] = []
    stage.cluster.after_write.append(lambda: most.append(len(stage.pods(2))))

    await stage.update(asking("v2", replicas=1, surge="recreate"))

    assert (max(most), len(stage.pods(2))) == (3, 1)


async def test_nothing_ends_early_when_there_is_room_for_both(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(asking("v1"))
    fewest: list[int] = []
    stage.cluster.after_write.append(lambda: fewest.append(len(stage.pods(1))))

    fleet = await stage.update(asking("v2", surge="recreate", keepOldVersionMinutes=60))

    assert (min(fewest), served(fleet)[0]) == (2, "r2")


async def test_the_old_version_comes_back_when_the_new_one_fails(stage: Stage) -> None:
    scheduler = cluster_of(stage, 4)
    await stage.create(asking("v1"))
    scheduler.load = {"v2": Fate(ready_after=None), "v1": Fate(ready_after=250)}

    with pytest.raises(RolloutFailed, match=r"r1 had made room for it, and serves again; the new version was removed"):
        await stage.update(asking("v2", surge="recreate", onFailure="keep"))

    fleet = await stage.fleet()
    assert served(fleet) == ("r1", {"default": 2})
    assert leftovers(fleet) == ()
    assert stage.names(DEPLOYMENT) == ["llama-r1"]
    assert stage.record(2)["metadata"]["annotations"][labels.OUTCOME] == "errored"


async def test_an_old_version_that_does_not_come_back_in_time_is_waited_for_by_the_next_run(stage: Stage) -> None:
    scheduler = cluster_of(stage, 4)
    await stage.create(asking("v1"))
    scheduler.load = {"v2": Fate(ready_after=None), "v1": Fate(ready_after=None)}
    with pytest.raises(RolloutFailed, match="Tidying up failed as well: r1 did not become ready"):
        await stage.update(asking("v2", surge="recreate"))
    assert "r1 has made room for another version, which never took over" in leftovers(await stage.fleet())

    for pod in stage.pods(1):
        stage.controllers.set_ready(pod, ready=True)
    fleet = await stage.update(asking("v1", surge="recreate"))

    assert served(fleet) == ("r1", {"default": 2})
    assert leftovers(fleet) == ()


async def test_an_outage_that_would_not_help_is_refused(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))

    with pytest.raises(
        InferenceError,
        match=r"not even when r1 has ended. It needs 8 × .*; 4 missing. Nothing was changed; r1 serves. Free",
    ):
        await stage.update(asking("v2", gpu=4, surge="recreate"))

    assert len(stage.pods(1)) == 2


async def test_waiting_for_promotion_is_no_reason_for_an_outage(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))

    with pytest.raises(InferenceError, match=r"with manual promotion .* no room for both. It needs 4 ×"):
        await stage.update(asking("v2", surge="recreate", promotion="manual"))

    assert len(stage.pods(1)) == 2


async def test_who_may_not_count_gpus_gets_the_outage_that_was_asked_for(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    refusal = Forbidden("list", kind="Node", namespace=None, name="", said="no right")
    stage.cluster.faults += [Fault("list", NODE, refusal) for _ in range(30)]

    assert served(await stage.update(asking("v2", surge="recreate")))[0] == "r2"


async def test_an_update_that_waits_in_vain_is_carried_on_by_making_room(stage: Stage) -> None:
    cluster_of(stage, 6)
    await stage.create(asking("v1"))
    await killed_when(stage, asking("v2"), lambda: len(stage.pods(2)) == 2)

    fleet = await stage.update(asking("v2", surge="recreate", keepOldVersionMinutes=60))

    assert served(fleet) == ("r2", {"default": 2})
    assert [each.name for each in fleet.protons] == ["r2"]


async def test_the_last_pod_of_the_old_version_is_waited_for(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    stage.cluster.pods_linger = True

    async def grace() -> None:
        await asyncio.sleep(75)
        assert stage.names(DEPLOYMENT) == ["llama-r1"], "nothing is made before there is room"
        stage.controllers.end_pods()

    helper = asyncio.create_task(grace())
    fleet = await stage.update(asking("v2", surge="recreate"))
    await helper

    assert served(fleet)[0] == "r2"


async def ends_well(at: int, *, after: bool, then: str, load: dict[str, Fate]) -> bool:
    """An outage that is interrupted at a write, and the run after it; False when it had ended by itself before."""
    stage = Stage()
    scheduler = cluster_of(stage, 4)
    await stage.create(asking("v1"))
    scheduler.load = load
    stage.cluster.writes, stage.cluster.breaks_at, stage.cluster.breaks_after = 0, at, after
    with contextlib.suppress(InferenceError):
        await stage.update(asking("v2", surge="recreate"))
    broke = stage.cluster.writes >= at
    stage.cluster.breaks_at = None

    fleet = await stage.update(asking(then, surge="recreate"))

    assert fleet.active is not None
    assert fleet.active.template == asking(then).blueprint.template
    assert (served(fleet)[1], leftovers(fleet), len(stage.names(POD))) == ({"default": 2}, (), 2)
    return broke


@pytest.mark.parametrize("then", ["v1", "v2", "v3"])
@pytest.mark.parametrize("when", ["before it is done", "after it was done"])
async def test_an_outage_that_is_interrupted_at_any_write_ends_well(when: str, then: str) -> None:
    for at in range(1, 40):
        if not await ends_well(at, after=when.startswith("after"), then=then, load={}):
            return
    raise AssertionError("there are more writes than that")


@pytest.mark.parametrize("then", ["v1", "v3"])
async def test_bringing_the_old_version_back_may_be_interrupted_at_any_write(then: str) -> None:
    for at in range(1, 50):
        if not await ends_well(at, after=False, then=then, load={"v2": image_that_cannot_be_pulled("v2")}):
            return
    raise AssertionError("there are more writes than that")


async def test_a_program_that_does_not_want_the_outage_any_more_gets_the_old_version_back(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    await killed_when(stage, asking("v2", surge="recreate"), lambda: not stage.pods(1))

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await stage.update(asking("v2", surgeWaitMinutes=1))

    assert served(await stage.fleet()) == ("r1", {"default": 2})


@pytest.mark.parametrize(("surge", "promotion"), [("require", "automatic"), ("recreate", "manual")])
async def test_an_outage_ends_before_the_next_question_of_room(stage: Stage, surge: str, promotion: str) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    await killed_when(stage, asking("v2", surge="recreate"), lambda: not stage.pods(1))

    with pytest.raises(InferenceError, match=r"needs 4 × .* 4 missing\. Nothing was changed; r1 serves"):
        await stage.update(asking("v2", surge=surge, promotion=promotion))

    assert served(await stage.fleet()) == ("r1", {"default": 2})
    assert leftovers(await stage.fleet()) == ()


async def test_a_workload_that_is_stopped_amid_an_outage_starts_with_what_it_had(stage: Stage) -> None:
    cluster_of(stage, 6)
    await stage.create(asking("v1", replicas=3))
    await killed_when(stage, asking("v2", replicas=3, surge="recreate"), lambda: not stage.pods(1))
    order = Order(stage.cluster, "models", "llama", "ann", "", 3600, stage.heard)

    await orders.halt(order)
    assert stage.names(POD) == []
    fleet = await orders.restart(order)

    assert served(fleet) == ("r1", {"default": 3})
    assert leftovers(fleet) == ()


async def test_a_cancelled_outage_brings_the_old_version_back(stage: Stage) -> None:
    scheduler = cluster_of(stage, 4)
    await stage.create(asking("v1"))
    scheduler.load = {"v2": Fate(ready_after=None)}
    run = asyncio.create_task(stage.update(asking("v2", surge="recreate")))
    await stage.sees(lambda: stage.pods(2))

    await orders.cancel(Order(stage.cluster, "models", "llama", "ann", "", 3600, stage.heard))
    with pytest.raises(InferenceError, match="r1 had made room for it, and serves again"):
        await run

    assert served(await stage.fleet()) == ("r1", {"default": 2})


async def test_an_outage_is_cancelled_while_its_last_pods_end(stage: Stage) -> None:
    scheduler = cluster_of(stage, 4)
    await stage.create(asking("v1"))
    scheduler.load = {"v2": Fate(ready_after=60)}
    stage.cluster.pods_linger = True
    run = asyncio.create_task(stage.update(asking("v2", surge="recreate")))
    await stage.sees(lambda: stage.replicas("llama-r1") == 0)
    by = Order(stage.cluster, "models", "llama", "ann", "", 3600, stage.heard)
    cancelling = asyncio.create_task(orders.cancel(by))
    await asyncio.sleep(45)
    stage.cluster.pods_linger = False
    stage.controllers.end_pods()

    with pytest.raises(InferenceError, match="r1 had made room for it, and serves again"):
        await run
    await cancelling

    assert served(await stage.fleet()) == ("r1", {"default": 2})


async def test_pods_that_wait_already_are_counted_before_an_outage_hands_them_the_room(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    stage.cluster.put(POD, batch_pod("train-0", gpus=4, node=None))

    with pytest.raises(InferenceError, match="not even when r1 has ended"):
        await stage.update(asking("v2", surge="recreate"))

    assert annotation(stage.service("llama-r1"), labels.VACATED) is None


async def test_a_refusal_says_that_what_serves_was_started_for_it(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1", promotion="manual"))
    who = Order(stage.cluster, "models", "llama", "ann", "", 3600, stage.heard)
    await orders.halt(who)
    await orders.resume(who)

    with pytest.raises(InferenceError, match=r"It was started, and nothing else was changed; r1 serves") as caught:
        await stage.update(asking("v2", surge="require", promotion="manual"))

    assert caught.value.touched, "the stack has to learn of it"
    assert served(await stage.fleet()) == ("r1", {"default": 2})
