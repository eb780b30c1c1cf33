"""A quota refuses the pods of a new version: which kept version gives its own for them, if any."""

import asyncio
from dataclasses import replace

import pytest

from inference_provider.converge.capacity import FRESH_SECONDS, Room
from inference_provider.errors import Forbidden
from inference_provider.manifests.kinds import RESOURCE_QUOTA
from inference_provider.rollout.fleet import Proton
from tests.converge.full_cluster import asking, cluster_of
from tests.converge.stage import Stage
from tests.support.fake_cluster import Fault

GPUS = "requests.nvidia.com/gpu"


async def refused(stage: Stage) -> Proton:
    """A version of which no pod was let in, beside one that serves with four GPUs and one that is kept with four."""
    cluster_of(stage, 16)
    await stage.create(asking("v1"))
    await stage.update(asking("v2", keepOldVersionMinutes=60))
    active = (await stage.fleet()).active
    assert active is not None
    return replace(active, pods=())


async def limited(stage: Stage, hard: int) -> None:
    """The namespace has a quota, which has counted eight GPUs."""
    meta, spec = {"name": "gpu-budget", "namespace": "models"}, {"hard": {GPUS: str(hard)}}
    await stage.cluster.create(RESOURCE_QUOTA, {"metadata": meta, "spec": spec, "status": {"used": {GPUS: "8"}}})


@pytest.mark.parametrize(
    ("hard", "gives"),
    [(8, "r1"), (11, "r1"), (7, None), (12, None)],
    ids=["just its GPUs", "some of them", "not even then", "the quota has room"],
)
async def test_what_is_kept_goes_when_that_is_what_a_quota_counts_too_many(
    stage: Stage, hard: int, gives: str | None
) -> None:
    candidate = await refused(stage)
    await limited(stage, hard)
    found = await Room().over_quota(stage.operation(), candidate)
    assert (found.name if found else None) == gives


async def test_who_may_not_see_quotas_ends_nothing(stage: Stage) -> None:
    candidate = await refused(stage)
    await limited(stage, 8)
    stage.cluster.faults.append(Fault("list", RESOURCE_QUOTA, Forbidden("list", kind="", namespace="", name="*")))
    assert await Room().over_quota(stage.operation(), candidate) is None


async def test_quotas_are_not_asked_for_at_every_look(stage: Stage) -> None:
    candidate, room = await refused(stage), Room()
    for _ in range(10):
        await room.over_quota(stage.operation(), candidate)
    await asyncio.sleep(FRESH_SECONDS)
    await room.over_quota(stage.operation(), candidate)
    assert stage.cluster.calls.count("list ResourceQuota") == 2
