"""Several container groups, and load that scales them, on a real API server with its real autoscaling controller."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.errors import Forbidden, RolloutFailed
from inference_provider.manifests.kinds import DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, Body
from inference_provider.resources.doctor import Level, examine
from inference_provider.resources.preview import plan_line
from inference_provider.resources.rights import NEEDED
from inference_provider.resources.workload import diff, found
from tests.live.groups import (
    Moment,
    artifact_of,
    by_load,
    fixed,
    one_more_ready,
    program,
    router,
    watched,
    workers,
)
from tests.live.stand import Stand
from tests.live.test_command_line import config, token_of_somebody_with
from tools.cluster import Cluster


async def autoscaler(stand: Stand, name: str) -> Body:
    return await stand.client.get(HORIZONTAL_POD_AUTOSCALER, stand.namespace, name)


async def bounds(stand: Stand, name: str) -> tuple[int, int]:
    """What an autoscaler allows."""
    spec = (await autoscaler(stand, name))["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


async def reached(stand: Stand, deployment: str, count: int) -> None:
    """Wait until a Deployment wants so many pods."""
    async with stand.client.mirror(stand.namespace, "chat") as mirror, asyncio.timeout(60):
        while True:
            version = mirror.version
            made = {each["metadata"]["name"]: each for each in mirror.objects(DEPLOYMENT)}
            if made[deployment]["spec"]["replicas"] == count:
                return
            await mirror.changed(version, within=1.0)


def _workers_ready(now: Moment, *, count: int) -> bool:
    return now.ready["r2/workers"] == count


async def test_no_traffic_moves_before_every_group_is_ready_and_one_switch_moves_all(
    stand: Stand, simulated_cluster: Cluster
) -> None:
    counts = (fixed("router", 1), fixed("workers", 2))
    await stand.create(program(await stand.version(artifact_of(router("v1"), workers("w1"))), *counts))
    slow = await stand.version(artifact_of(router("v2"), workers("w2", SIM_NEVER_READY="true")))
    async with watched(stand) as seen:
        update = asyncio.create_task(stand.update(program(slow, *counts)))
        await seen.until(lambda now: now.ready.get("r2/router") == 1 and "r2/workers" in now.ready)
        for still_missing in (1, 0):
            assert not seen.ever("r2")
            await one_more_ready(simulated_cluster, stand, "r2", "workers")
            await seen.until(partial(_workers_ready, count=2 - still_missing))
        outputs = await update
    assert outputs["revision"] == "r2"
    assert all((each.ready["r2/router"], each.ready["r2/workers"]) == (1, 2) for each in seen.ever("r2"))
    assert all(each.ready["r1/workers"] == 2 for each in seen.ever("r1"))
    assert all(each.traffic for each in seen.moments)
    assert {each.active for each in seen.moments} == {"r1", "r2"}


async def test_one_group_that_never_gets_ready_keeps_both_groups_of_the_old_version_serving(stand: Stand) -> None:
    counts = (fixed("router", 1), fixed("workers", 2))
    await stand.create(program(await stand.version(artifact_of(router("v1"), workers("w1"))), *counts))
    broken = await stand.version(artifact_of(router("v2"), workers("w2", SIM_CRASH_LOOP="true")))
    async with watched(stand) as seen:
        with pytest.raises(RolloutFailed, match=r"engine.*r1 still serves"):
            await stand.update(program(broken, *counts))
    assert not seen.ever("r2")
    assert all((each.ready["r1/router"], each.ready["r1/workers"]) == (1, 2) for each in seen.moments)
    assert await stand.names(DEPLOYMENT) == ["chat-r1-router", "chat-r1-workers"]


async def test_a_group_that_is_new_and_one_that_is_gone(stand: Stand) -> None:
    first = await stand.version(artifact_of(router("v1"), workers("w1", "prefill")))
    await stand.create(program(first, fixed("router", 1), by_load("prefill", 1, 3)))
    second = await stand.version(artifact_of(router("v2"), workers("w2", "decode"), workers("w2", "cache")))
    groups = (fixed("router", 1), by_load("decode", 2, 4), fixed("cache", 1))
    await stand.update(program(second, *groups))
    now = [name for name in await stand.names(DEPLOYMENT) if name.startswith("chat-r2")]
    assert {name: await stand.replicas(name) for name in now} == {
        "chat-r2-cache": 1,
        "chat-r2-decode": 2,
        "chat-r2-router": 1,
    }
    assert await stand.names(HORIZONTAL_POD_AUTOSCALER) == ["chat-r2-decode"]
    kept = await stand.pod_uids("r1")
    await stand.update(program(first, fixed("router", 1), by_load("prefill", 1, 3)))
    assert await stand.pod_uids("r1") == kept
    assert await stand.names(HORIZONTAL_POD_AUTOSCALER) == ["chat-r1-prefill"]


async def test_each_group_is_scaled_on_its_own_and_in_place(stand: Stand) -> None:
    version = await stand.version(artifact_of(router("v1"), workers("w1")))
    before = await stand.create(program(version, fixed("router", 1), fixed("workers", 2)))
    pods = await stand.pod_uids("r1")
    outputs = await stand.update(program(version, fixed("router", 1), fixed("workers", 3)))
    assert (outputs["revision"], await stand.replicas("chat-r1-router")) == (before["revision"], 1)
    assert await stand.replicas("chat-r1-workers") == 3
    assert pods < await stand.pod_uids("r1")
    await stand.update(program(version, fixed("router", 2), by_load("workers", 1, 5)))
    assert (await stand.replicas("chat-r1-router"), await stand.replicas("chat-r1-workers")) == (2, 3)
    assert await bounds(stand, "chat-r1-workers") == (1, 5)
    await stand.update(program(version, fixed("router", 2), fixed("workers", 1)))
    assert await stand.names(HORIZONTAL_POD_AUTOSCALER) == []
    assert await stand.replicas("chat-r1-workers") == 1


async def test_after_a_switch_every_group_keeps_what_it_has_until_the_controller_has_counted(stand: Stand) -> None:
    groups = (by_load("router", 1, 4), by_load("workers", 1, 6))
    await stand.create(program(await stand.version(artifact_of(router("v1"), workers("w1"))), *groups))
    await stand.client.scale(DEPLOYMENT, stand.namespace, "chat-r1-workers", 3)
    await reached(stand, "chat-r1-workers", 3)
    await stand.update(program(await stand.version(artifact_of(router("v2"), workers("w2"))), *groups))
    assert await stand.names(HORIZONTAL_POD_AUTOSCALER) == ["chat-r2-router", "chat-r2-workers"]
    made = await autoscaler(stand, "chat-r2-workers")
    assert (await bounds(stand, "chat-r2-workers"), await stand.replicas("chat-r2-workers")) == ((1, 6), 3)
    assert [each["type"] for each in made["status"]["conditions"]][:1] == ["AbleToScale"]
    assert made["status"]["currentReplicas"] == 3


async def test_the_real_controller_keeps_the_bounds_of_what_serves_and_leaves_a_kept_version_alone(
    stand: Stand,
) -> None:
    counts, first = (fixed("router", 1), by_load("workers", 2, 5)), artifact_of(router("v1"), workers("w1"))
    await stand.create(program(await stand.version(first), *counts))
    second = artifact_of(router("v2"), workers("w2"))
    outputs = await stand.update(program(await stand.version(second), *counts))
    for count in (1, 7):
        await stand.client.scale(DEPLOYMENT, stand.namespace, "chat-r1-workers", count)
        await stand.client.scale(DEPLOYMENT, stand.namespace, "chat-r2-workers", count)
        await reached(stand, "chat-r2-workers", 2 if count == 1 else 5)
        assert await stand.replicas("chat-r1-workers") == count
    assert await found(stand.world(), f"{stand.namespace}/chat", outputs) == ()


async def test_a_deleted_autoscaler_and_one_of_somebody_else_are_told_of(stand: Stand) -> None:
    wanted = program(await stand.version(artifact_of(router("v1"), workers("w1"))), by_load("router", 1, 3))
    outputs = await stand.create(wanted)
    assert await found(stand.world(), f"{stand.namespace}/chat", outputs) == ()
    await stand.client.delete(HORIZONTAL_POD_AUTOSCALER, stand.namespace, "chat-r1-router")
    theirs: Body = {
        "metadata": {"name": "theirs", "namespace": stand.namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "chat-r1-workers"},
            "maxReplicas": 2,
        },
    }
    await stand.client.create(HORIZONTAL_POD_AUTOSCALER, theirs)
    assert await found(stand.world(), f"{stand.namespace}/chat", outputs) == ("the autoscaler of router of r1 is gone",)
    said = f"HorizontalPodAutoscaler {stand.namespace}/theirs is not ours and scales Deployment chat-r1-workers"
    findings = await examine(stand.client, stand.namespace, version="v1.36")
    (told,) = [each for each in findings if each.subject == "autoscalers"]
    assert (told.level, told.said.startswith(said)) == (Level.WARNING, True)
    news = {**wanted, "namespace": stand.namespace}
    await plan_line(stand.world(), outputs, news, diff(outputs, news))
    assert stand.lines.lasting[-1].startswith(said)
    await stand.update(wanted)
    assert await stand.names(HORIZONTAL_POD_AUTOSCALER) == ["chat-r1-router", "theirs"]


@pytest.mark.parametrize("may_scale", [True, False], ids=["the README's Role", "a Role without autoscalers"])
async def test_who_may_scale_by_load_and_who_is_refused_beforehand(
    simulated_cluster: Cluster, namespace: str, tmp_path: Path, *, may_scale: bool
) -> None:
    rights = [each for each in NEEDED if may_scale or each.resource != "horizontalpodautoscalers"]
    token = await asyncio.to_thread(token_of_somebody_with, simulated_cluster.client(), namespace, rights)
    login = config(simulated_cluster, tmp_path / "config", token=token)
    client = Client(await connect(kubeconfig=str(login), context=None))
    try:
        theirs = Stand(client, namespace)
        version = await theirs.version(artifact_of(router("v1"), workers("w1")))
        counts = (by_load("router", 1, 3), fixed("workers", 1))
        if may_scale:
            await theirs.create(program(version, *counts))
            await theirs.update(program(version, *counts) | {"running": False})
            assert await theirs.names(HORIZONTAL_POD_AUTOSCALER) == []
            await theirs.update(program(version, *counts))
            assert await theirs.names(HORIZONTAL_POD_AUTOSCALER) == ["chat-r1-router"]
            return
        await theirs.create(program(version, fixed("router", 1), fixed("workers", 1)))
        second = await theirs.version(artifact_of(router("v2"), workers("w2")))
        with pytest.raises(Forbidden, match="horizontalpodautoscalers"):
            await theirs.update(program(second, *counts))
        assert await theirs.names(DEPLOYMENT) == ["chat-r1-router", "chat-r1-workers"]
    finally:
        await client.close()
