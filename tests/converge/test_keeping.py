"""Keeping an old proton, ending one, and bringing one back."""

import asyncio
from datetime import datetime, timedelta

import pytest

from inference_provider.converge import keep
from inference_provider.converge.candidate import retire
from inference_provider.errors import DeadlineExceeded
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, SERVICE
from inference_provider.manifests.ownership import owner_of
from inference_provider.rollout.fleet import Proton
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate


async def proton(stage: Stage, revision: int) -> Proton:
    """One proton as observed."""
    found = (await stage.fleet()).proton(revision)
    assert found is not None
    return found


async def test_the_life_of_a_kept_proton_is_counted_on_the_servers_clock(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.fate_of({"v2": Fate(ready_after=200)})

    await stage.update(wanted("v2", keepOldVersionMinutes=10))

    job = stage.cluster.named(JOB, "llama-r1-keep")
    until = annotation(stage.service("llama-r1"), labels.KEEP_UNTIL)
    completed = datetime.fromisoformat(job["status"]["completionTime"])
    expires = completed + timedelta(seconds=job["spec"]["ttlSecondsAfterFinished"])
    assert until is not None
    assert abs((expires - datetime.fromisoformat(until)).total_seconds()) <= 1
    assert abs((expires - stage.cluster.server_time()).total_seconds() - 600) <= 2
    assert job["spec"]["ttlSecondsAfterFinished"] >= 799


async def test_the_old_pods_live_at_least_as_long_as_they_drain(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    await stage.update(wanted("v2", drainSeconds=45))

    # It is ten seconds old when it begins to count: the new version has stayed ready for two probes of five seconds.
    assert stage.cluster.named(JOB, "llama-r1-keep")["spec"]["ttlSecondsAfterFinished"] in (55, 56)


async def test_a_tombstone_made_early_outlives_the_whole_operation(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    await keep.entomb(stage.operation(seconds=1800), await proton(stage, 1))

    assert stage.cluster.named(JOB, "llama-r1-keep")["spec"]["ttlSecondsAfterFinished"] == 1800 + 3600


async def test_a_proton_without_a_tombstone_cannot_be_kept(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    before = stage.cluster.version

    await keep.retain(stage.operation(), await proton(stage, 1), keep_seconds=60)
    await keep.exhume(stage.operation(), await proton(stage, 1))

    assert stage.cluster.version == before


async def test_what_was_condemned_when_it_was_kept_is_left_alone(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await keep.entomb(stage.operation(), await proton(stage, 1))
    body = stage.service("llama-r1")
    body["metadata"]["deletionTimestamp"] = "2031-05-04T03:00:00Z"
    stage.cluster.put(SERVICE, body)

    await keep.retain(stage.operation(), await proton(stage, 1), keep_seconds=60)

    assert annotation(stage.service("llama-r1"), labels.KEEP_UNTIL) is None


async def test_a_kept_proton_that_expires_at_this_moment_is_not_brought_back(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    body = stage.service("llama-r1")
    body["metadata"]["deletionTimestamp"] = "2031-05-04T03:00:00Z"
    stage.cluster.put(SERVICE, body)

    assert not await keep.recall(stage.operation(), await proton(stage, 1), counts={})


async def test_a_proton_brought_back_has_as_many_pods_as_the_one_it_relieves(stage: Stage) -> None:
    await stage.create(wanted("v1", replicas=1))
    await stage.update(wanted("v2", replicas=1, keepOldVersionMinutes=60))
    await stage.update(wanted("v2", replicas=3, keepOldVersionMinutes=60))

    fleet = await stage.update(wanted("v1", replicas=3, keepOldVersionMinutes=60))

    assert fleet.active is not None
    assert (fleet.active.name, fleet.active.replicas()) == ("r1", {"default": 3})
    assert annotation(fleet.active.service, labels.KEEP_UNTIL) is None
    owner = owner_of(fleet.active.service)
    assert owner is not None
    assert owner["name"] == "llama"


async def test_a_group_that_somebody_scaled_to_nothing_is_woken_when_it_is_brought_back(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    await stage.cluster.scale(DEPLOYMENT, "models", "llama-r1", 0)

    assert await keep.recall(stage.operation(), await proton(stage, 1), counts={})

    assert stage.replicas("llama-r1") == 1


async def test_retired_means_that_the_last_pod_is_gone(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.pods_linger = True

    async def grace() -> None:
        await asyncio.sleep(75)
        stage.controllers.end_pods()

    begun, helper = asyncio.get_running_loop().time(), asyncio.create_task(grace())
    await retire(stage.operation(), await proton(stage, 1), why="nobody wants it any more")
    await helper

    assert asyncio.get_running_loop().time() - begun >= 75
    assert stage.names(POD) == []
    assert stage.heard.statuses[-1] == "removing r1: nobody wants it any more"


async def test_pods_that_never_end_are_named_when_the_time_is_over(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.pods_linger = True

    with pytest.raises(DeadlineExceeded, match="within 2 min; it was waiting for the last pods of r1 to end"):
        await retire(stage.operation(seconds=120), await proton(stage, 1), why="it is old")


async def test_another_object_under_the_name_of_a_retired_one_is_not_touched(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    old = await proton(stage, 1)
    stage.cluster.remove(SERVICE, "models", "llama-r1")
    stage.cluster.put(
        SERVICE, {"metadata": {"name": "llama-r1", "namespace": "models", "labels": {labels.WORKLOAD: "x"}}}
    )

    await retire(stage.operation(), old, why="it is old")

    assert stage.names(SERVICE) == ["llama", "llama-r1"]
