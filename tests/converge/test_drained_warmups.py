"""The result of a warm-up is gone with its pod before anybody has read it: asked for once more, and not for ever."""

import asyncio

import pytest

from inference_provider.errors import Conflict, RolloutFailed
from inference_provider.manifests.kinds import JOB, POD
from inference_provider.manifests.ownership import is_owned_by
from tests.converge.stage import Stage
from tests.converge.test_warming import FIFTY, cut_off, recorded
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault


async def test_a_result_that_was_drained_away_before_anybody_read_it_is_asked_for_once_more(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await cut_off(stage, after=0.5)
    await asyncio.sleep(10)
    drained(stage)

    await stage.update(wanted("v2", warmup=FIFTY))

    assert stage.controllers.jobs.made == 2
    assert (recorded(stage, 2) or {})["count"] == 50


async def test_a_job_that_changes_just_when_it_is_to_be_asked_again_is_no_fault_of_the_version(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await cut_off(stage, after=0.5)
    await asyncio.sleep(10)
    drained(stage)
    refused = Conflict("delete", kind="Job", namespace="models", name="llama-r2-warm", said="it changed")
    stage.cluster.faults.append(Fault("delete", JOB, refused))

    fleet = await stage.update(wanted("v2", warmup=FIFTY))

    assert fleet.active is not None
    assert fleet.active.name == "r2"


async def test_a_result_that_vanishes_each_time_fails_the_version(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.controllers.jobs.vanish = True

    with pytest.raises(RolloutFailed, match="its pod was deleted before its result was read"):
        await stage.update(wanted("v2", warmup=FIFTY))

    assert stage.controllers.jobs.made == 2


def drained(stage: Stage) -> None:
    """The Job is done, and its node was emptied."""
    job = stage.cluster.named(JOB, "llama-r2-warm")
    stage.cluster.put(JOB, job | {"status": {"conditions": [{"type": "Complete", "status": "True"}]}})
    for pod in [each for each in stage.cluster.all_of(POD) if is_owned_by(each, job)]:
        stage.cluster.remove(POD, "models", pod["metadata"]["name"])
