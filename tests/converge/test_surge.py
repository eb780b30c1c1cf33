"""There are not enough GPUs for two versions: who is refused, who waits and how long, who may push out others."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge.wanted import Wanted
from inference_provider.errors import Forbidden, InferenceError, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD, SERVICE
from tests.converge.full_cluster import asking, cluster_of, served
from tests.converge.stage import Stage
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate
from tests.support.fake_scheduler import MODEL


async def test_required_room_that_is_not_there_refuses_the_update_before_anything_moves(stage: Stage) -> None:
    cluster_of(stage, 6)
    await stage.create(asking("v1"))
    before = {name: stage.service(name)["metadata"]["annotations"] for name in stage.names(SERVICE)}

    with pytest.raises(InferenceError) as caught:
        await stage.update(asking("v2", surge="require"))

    assert caught.value.message == (
        "could not roll Workload models/llama: there is no room for the new version beside r1, and "
        f"`replacement.surge` is `require`. It needs 4 × {MODEL} (2 pods × 2): 2 free on gpu-1; 2 missing. "
        "Nothing was changed; r1 serves. Free GPUs, or let it wait (`surge: wait`), or end the old version first "
        "(`surge: recreate`, an outage)"
    )
    after = {name: stage.service(name)["metadata"]["annotations"] for name in stage.names(SERVICE)}
    assert {name: notes | {labels.EPOCH: ""} for name, notes in after.items()} == {
        name: notes | {labels.EPOCH: ""} for name, notes in before.items()
    }
    assert len(stage.pods(1)) == 2


async def test_gpus_of_the_kept_version_count_as_room(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(asking("v1"))
    await stage.update(asking("v2", keepOldVersionMinutes=60))

    fleet = await stage.update(asking("v3", surge="require", keepOldVersionMinutes=60))

    assert served(fleet) == ("r3", {"default": 2})


async def test_free_gpus_that_nobody_may_count_are_no_reason_to_refuse(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(asking("v1"))
    refusal = Forbidden("list", kind="Node", namespace=None, name="", said="no right")
    stage.cluster.faults += [Fault("list", NODE, refusal) for _ in range(30)]

    assert served(await stage.update(asking("v2", surge="require")))[0] == "r2"


async def test_a_first_version_without_the_required_room_leaves_nothing(stage: Stage) -> None:
    cluster_of(stage, 3)

    with pytest.raises(InferenceError, match=r"there is no room for the new version, and .* 1 missing|2 missing"):
        await stage.create(asking("v1", surge="require"))

    assert (stage.names(SERVICE), stage.names(DEPLOYMENT)) == ([], [])


async def test_what_stays_as_it_is_needs_no_room(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))

    assert served(await stage.update(asking("v1", surge="require"))) == ("r1", {"default": 2})


# ---- wait


async def test_the_wait_for_room_has_its_own_end(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))
    begun = asyncio.get_running_loop().time()

    with pytest.raises(RolloutFailed) as caught:
        await stage.update(asking("v2", surgeWaitMinutes=5, onFailure="keep"))

    assert caught.value.message == (
        f"r2 waits for GPUs: needs 4 × {MODEL} (2 pods × 2): none free on 1 node; 4 missing. There was no room for 5 "
        "min, which is all that `replacement.surgeWaitMinutes` allows. r1 still serves; the new version was removed. "
        "Run `pulumi up` again once there is room"
    )
    assert 300 <= asyncio.get_running_loop().time() - begun < 305
    assert stage.names(DEPLOYMENT) == ["llama-r1"], "what never ran is not kept for a look"


async def test_the_wait_for_room_does_not_count_the_time_of_loading(stage: Stage) -> None:
    scheduler = cluster_of(stage, 8)
    await stage.create(asking("v1"))
    scheduler.load = {"v2": Fate(ready_after=200)}

    assert served(await stage.update(asking("v2", surgeWaitMinutes=1)))[0] == "r2"


async def test_nobody_waits_for_room_for_ever(stage: Stage) -> None:
    cluster_of(stage, 4)
    await stage.create(asking("v1"))

    with pytest.raises(RolloutFailed, match=r"did not finish within 10 min; it was waiting: r2 waits for GPUs"):
        await stage.update(asking("v2"), seconds=600)

    assert stage.names(DEPLOYMENT) == ["llama-r1"]


# ---- preempt


def chosen(stage: Stage, name: str) -> str:
    """The PriorityClass of a Deployment's pods."""
    return str(stage.cluster.named(DEPLOYMENT, name)["spec"]["template"]["spec"]["priorityClassName"])


def of_importance(plain: Wanted, importance: str) -> Wanted:
    """The same, more or less important."""
    return replace(plain, blueprint=replace(plain.blueprint, priority=f"pulumi-inference-{importance}"))


async def test_only_a_version_that_asked_for_it_may_push_out_others(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(of_importance(asking("v1"), "high"))

    await stage.update(of_importance(asking("v2", surge="preempt"), "high"))

    assert chosen(stage, "llama-r1") == "pulumi-inference-high"
    assert chosen(stage, "llama-r2") == "pulumi-inference-high-preempting"


async def test_our_own_kept_version_goes_before_anybody_is_pushed_out(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(of_importance(asking("v1"), "high"))
    await stage.update(of_importance(asking("v2", keepOldVersionMinutes=60), "high"))
    both: list[bool] = []
    stage.cluster.after_write.append(lambda: both.append(bool(stage.pods(1)) and bool(stage.pods(3))))

    await stage.update(of_importance(asking("v3", surge="preempt"), "high"))

    assert "removing r1: the new version needs its GPUs" in stage.heard.statuses
    assert not any(both)
    assert chosen(stage, "llama-r3") == "pulumi-inference-high-preempting"


async def test_nothing_of_ours_is_given_up_while_others_make_room(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(of_importance(asking("v1"), "high"))
    await stage.update(of_importance(asking("v2", keepOldVersionMinutes=60), "high"))
    run = asyncio.create_task(stage.update(of_importance(asking("v3", replicas=2), "high")))

    def promise() -> None:
        for pod in stage.cluster.all_of(POD):
            if not pod["spec"].get("nodeName"):
                pod["status"]["nominatedNodeName"] = "gpu-9"

    stage.cluster.after_write.append(promise)
    await asyncio.sleep(60)
    assert stage.pods(1), "the way back is still there"
    assert "r3 waits for GPUs: pods of lower importance make room on gpu-9" in stage.heard.statuses
    run.cancel()
    await asyncio.wait({run})


async def test_a_version_that_becomes_more_important_does_not_push_out_its_own_predecessor(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(of_importance(asking("v1"), "low"))

    await stage.update(of_importance(asking("v2", surge="preempt"), "critical"))

    assert chosen(stage, "llama-r2") == "pulumi-inference-critical"
    assert "importance critical is above that of r1, whose pods would be pushed out first" in stage.heard.warnings[0]


async def test_who_may_not_make_priority_classes_is_told_that_nobody_is_pushed_out(stage: Stage) -> None:
    cluster_of(stage, 8)
    await stage.create(asking("v1"))

    await stage.update(asking("v2", surge="preempt"))

    assert "no right to use PriorityClasses, so nobody is pushed out" in stage.heard.warnings[0]
