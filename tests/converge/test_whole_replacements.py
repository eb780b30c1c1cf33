"""Replacements from beginning to end, on a cluster in memory."""

import asyncio
from dataclasses import replace

from inference_provider.manifests.anchor import Face
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, SERVICE
from inference_provider.rollout.fleet import Role
from tests.converge.stage import Stage
from tests.support.blueprints import wanted


async def test_a_workload_is_made_and_replaced_and_gone_back_to(stage: Stage) -> None:
    first = await stage.create(wanted("v1"))
    assert first.active is not None
    assert (first.active.name, first.traffic) == ("r1", (0,))

    second = await stage.update(wanted("v2", keepOldVersionMinutes=5))
    assert second.active is not None
    assert (second.active.name, second.traffic) == ("r2", (1,))
    assert stage.names(JOB) == ["llama-r1-keep"]

    pods = stage.pods(1)
    back = await stage.update(wanted("v1", keepOldVersionMinutes=5))
    assert back.active is not None
    assert (back.active.name, back.traffic, stage.pods(1)) == ("r1", (0,), pods)
    assert stage.names(SERVICE) == ["llama", "llama-r1", "llama-r2"]
    assert stage.names(JOB) == ["llama-r2-keep"]
    assert stage.names(DEPLOYMENT) == ["llama-r1", "llama-r2"]


async def test_a_load_balancer_is_given_time_to_learn_of_the_new_pods(stage: Stage) -> None:
    first, second = wanted("v1"), wanted("v2")
    balanced = Face(service_type="LoadBalancer", notes={})
    await stage.create(replace(first, face=balanced))
    begun = asyncio.get_running_loop().time()

    await stage.update(replace(second, face=balanced))

    assert asyncio.get_running_loop().time() - begun >= 15


async def test_an_atomic_switch_is_one_patch_of_the_selector(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    seen: list[object] = []
    stage.cluster.after_write.append(lambda: seen.append(stage.service()["spec"]["selector"]))

    await stage.update(wanted("v2", trafficSwitch="atomic"))

    distinct = [one for one, before in zip(seen, [None, *seen], strict=False) if one != before]
    assert len(distinct) == 2


async def test_three_in_a_row_leave_the_last_and_its_predecessor(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    for image in ("v2", "v3", "v4"):
        await stage.update(wanted(image, keepOldVersionMinutes=5))

    fleet = await stage.fleet()
    assert [(each.name, each.role) for each in fleet.protons] == [("r3", Role.RETAINED), ("r4", Role.ACTIVE)]
    assert stage.names(JOB) == ["llama-r3-keep"]
