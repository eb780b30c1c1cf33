"""Warm-ups on a real API server: a real Job, whose pod is simulated and makes its result up (``SIM_WARMUP_ERRORS``)."""

import json

import pytest

from inference_provider.errors import RolloutFailed
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, Body
from inference_provider.resources.revision import revision
from inference_provider.rollout.warmup import WarmupResult
from tests.live.programs import Inputs, artifact, server, workload
from tests.live.stand import Stand


def warm(path: str, **more: object) -> Inputs:
    """Replacement settings with this warm-up."""
    return {"keepOldVersionMinutes": 5, "warmup": {"path": path, "requests": 20, **more}}


async def recorded(stand: Stand, name: str) -> Body:
    """What a record says of its warm-up."""
    record = await stand.client.get(CONFIG_MAP, stand.namespace, f"revision-chat-{name}")
    return dict(json.loads(record["metadata"]["annotations"]["pulumi-inference.dev/warm-up"]))


async def test_a_version_that_answers_its_warm_up_takes_over_and_the_numbers_are_on_record(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact())))

    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), replacement=warm("/v1/models")))

    assert outputs["revision"] == "r2"
    assert "r2 is ready and warms up: 20 requests, 4 at a time" in stand.lines.statuses
    assert await recorded(stand, "r2") == {"count": 20, "errors": 0, "p50": 0.05, "p95": 0.08, "firstError": None}
    assert (await revision(stand.world(), stand.namespace, "chat", 2)).warm_up == WarmupResult(20, 0, 0.05, 0.08, None)
    assert await stand.names(JOB) == ["chat-r1-keep", "chat-r2-warm"]


async def test_a_version_that_fails_its_warm_up_is_removed_and_the_old_one_serves(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact())))
    pods = await stand.pod_uids("r1")
    failing = warm("/v1/models?SIM_WARMUP_ERRORS=3", maxErrorPercent=10)

    with pytest.raises(
        RolloutFailed,
        match=r"warm-up of r2: 3 of 20 requests failed \(first: 503 Service Unavailable \(simulated\)\), "
        r"at most 10 % may\. r1 still serves; the new version was removed",
    ):
        await stand.update(workload(await stand.version(artifact(server("v2"))), replacement=failing))

    assert await stand.pod_uids("r1") == pods
    assert (await stand.names(DEPLOYMENT), await stand.names(JOB)) == (["chat-r1"], [])
    assert (await recorded(stand, "r2"))["errors"] == 3


async def test_traffic_waits_until_a_version_has_been_ready_for_two_of_its_probes(stand: Stand) -> None:
    probe = {"path": "/health", "initialDelaySeconds": 0, "periodSeconds": 1}
    await stand.create(workload(await stand.version(artifact())))

    outputs = await stand.update(workload(await stand.version(artifact(server("v2") | {"readinessProbe": probe}))))

    assert outputs["revision"] == "r2"
    assert "r2 is ready, and has to stay so for 2 s more" in stand.lines.statuses
