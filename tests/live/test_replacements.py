"""Replacements on a real API server: what serves, what is kept, what is left."""

import json

import pytest

from inference_provider.errors import RolloutFailed
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, ENDPOINT_SLICE, JOB, SERVICE
from inference_provider.resources.world import Properties
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand


async def test_a_first_version_serves_and_leaves_a_record(stand: Stand) -> None:
    version = await stand.version(artifact())
    outputs = await stand.create(workload(version))
    assert outputs["activeArtifactId"] == version
    assert (outputs["revision"], outputs["status"], outputs["readyReplicas"]) == ("r1", "running", 1)
    assert outputs["endpoint"] == f"http://chat.{stand.namespace}.svc.cluster.local"
    record = await stand.client.get(CONFIG_MAP, stand.namespace, "revision-chat-r1")
    assert record["immutable"] is True
    assert record["metadata"]["annotations"]["pulumi-inference.dev/outcome"] == "completed"
    assert json.loads(record["data"]["content"])["containerGroups"]


async def test_three_replacements_in_a_row_keep_only_the_last_predecessor(stand: Stand) -> None:
    first = await stand.create(workload(await stand.version(artifact())))
    outputs: Properties = {}
    for name in ("v2", "v3", "v4"):
        outputs = await stand.update(workload(await stand.version(artifact(server(name)))))
    assert outputs["revision"] == "r4"
    assert outputs["endpoint"] == first["endpoint"]
    assert isinstance(outputs["rollout"], dict)
    assert outputs["rollout"]["retained"] == "r3"
    assert await stand.names(DEPLOYMENT) == ["chat-r3", "chat-r4"]
    assert await stand.names(JOB) == ["chat-r3-keep"]
    assert [name for name in await stand.names(CONFIG_MAP) if name.startswith("revision-")] == [
        f"revision-chat-r{number}" for number in (1, 2, 3, 4)
    ]


async def test_going_back_inside_the_window_brings_the_same_pods_back(stand: Stand) -> None:
    old = await stand.version(artifact())
    await stand.create(workload(old, runtime(2)))
    before = await stand.pod_uids("r1")
    new = await stand.version(artifact(server("v2", env={"SIM_LOAD_TIME": "1s"})))
    await stand.update(workload(new, runtime(2)))
    outputs = await stand.update(workload(old, runtime(2)))
    assert (outputs["revision"], outputs["activeArtifactId"]) == ("r1", old)
    assert await stand.pod_uids("r1") == before
    assert isinstance(outputs["rollout"], dict)
    assert outputs["rollout"]["retained"] == "r2"
    undo = await stand.client.get(CONFIG_MAP, stand.namespace, "revision-chat-r3")
    assert (undo["data"]["kind"], undo["data"]["backTo"]) == ("undo", "r1")


async def test_going_forward_again_recalls_the_one_that_was_gone_back_from(stand: Stand) -> None:
    old = await stand.version(artifact())
    await stand.create(workload(old))
    new = await stand.version(artifact(server("v2")))
    await stand.update(workload(new))
    pods = await stand.pod_uids("r2")
    await stand.update(workload(old))
    outputs = await stand.update(workload(new))
    assert outputs["revision"] == "r2"
    assert await stand.pod_uids("r2") == pods


async def test_the_kept_version_ends_without_any_process_of_ours(stand: Stand) -> None:
    short = {"keepOldVersionMinutes": 0, "drainSeconds": 1}
    await stand.create(workload(await stand.version(artifact()), replacement=short))
    await stand.update(workload(await stand.version(artifact(server("v2"))), replacement=short))
    async with stand.client.mirror(stand.namespace, "chat") as mirror:
        for _ in range(200):
            version = mirror.version
            if not [each for each in mirror.objects(DEPLOYMENT) if each["metadata"]["name"] == "chat-r1"]:
                break
            await mirror.changed(version, within=0.2)
    assert await stand.names(DEPLOYMENT) == ["chat-r2"]
    assert await stand.names(SERVICE) == ["chat", "chat-r2"]


async def test_only_the_new_pods_are_behind_the_service_afterwards(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(2)))
    await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(2)))
    slices = await stand.objects(ENDPOINT_SLICE, "kubernetes.io/service-name=chat")
    behind = {each["targetRef"]["uid"] for part in slices for each in part.get("endpoints") or []}
    assert behind == await stand.pod_uids("r2")


async def test_an_atomic_switch_ends_the_same(stand: Stand) -> None:
    atomic = {"trafficSwitch": "atomic", "keepOldVersionMinutes": 1}
    await stand.create(workload(await stand.version(artifact()), replacement=atomic))
    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), replacement=atomic))
    assert outputs["revision"] == "r2"


async def test_a_version_that_runs_out_of_memory_is_removed_and_the_old_one_serves(stand: Stand) -> None:
    good = await stand.version(artifact())
    await stand.create(workload(good))
    pods = await stand.pod_uids("r1")
    bad = await stand.version(artifact(server("v2", env={"SIM_OOM": "true"})))
    with pytest.raises(
        RolloutFailed, match=r"ran out of memory at its limit of 1Gi.*r1 still serves.*\nLast lines of server"
    ):
        await stand.update(workload(bad))
    outputs = await stand.read()
    assert outputs is not None
    assert (outputs["activeArtifactId"], outputs["candidateProtonIds"]) == (good, [])
    assert await stand.pod_uids("r1") == pods
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]
    assert await stand.names(JOB) == []
    record = await stand.client.get(CONFIG_MAP, stand.namespace, "revision-chat-r2")
    assert record["metadata"]["annotations"]["pulumi-inference.dev/phase"] == "errored"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("SIM_IMAGE_PULL_FAIL", "cannot pull example/v2"),
        ("SIM_CRASH_LOOP", "exit code 1"),
    ],
)
async def test_the_root_cause_is_in_the_error(stand: Stand, fault: str, said: str) -> None:
    await stand.create(workload(await stand.version(artifact())))
    bad = await stand.version(artifact(server("v2", env={fault: "true"})))
    with pytest.raises(RolloutFailed, match=said):
        await stand.update(workload(bad))
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_a_version_that_never_gets_ready_is_given_up_when_its_probes_are(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact())))
    probe = {
        "path": "/health",
        "initialDelaySeconds": 0,
        "periodSeconds": 1,
        "failureThreshold": 1,
        "timeoutSeconds": 1,
    }
    bad = await stand.version(artifact(server("v2", probe=probe, env={"SIM_NEVER_READY": "true"})))
    with pytest.raises(RolloutFailed, match=r"is not ready after .* which is all that its probes allow"):
        await stand.update(workload(bad))
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_a_failed_version_is_kept_when_asked(stand: Stand) -> None:
    keep = {"onFailure": "keep", "keepOldVersionMinutes": 5}
    await stand.create(workload(await stand.version(artifact()), replacement=keep))
    bad = await stand.version(artifact(server("v2", env={"SIM_OOM": "true"})))
    with pytest.raises(RolloutFailed, match="r2 is kept for inspection"):
        await stand.update(workload(bad, replacement=keep))
    assert await stand.names(DEPLOYMENT) == ["chat-r1", "chat-r2"]
    outputs = await stand.update(workload(await stand.version(artifact(server("v3"))), replacement=keep))
    assert outputs["revision"] == "r3"
    assert "chat-r2" not in await stand.names(DEPLOYMENT)


async def test_warming_up_takes_as_long_as_asked(stand: Stand) -> None:
    warm = {"warmupDurationMinutes": 0.03}
    await stand.create(workload(await stand.version(artifact())))
    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), replacement=warm))
    assert outputs["revision"] == "r2"
    assert any("warms up" in status for status in stand.lines.statuses)


async def test_the_kept_version_gives_its_gpus_to_a_candidate_that_finds_no_other(stand: Stand) -> None:
    three = runtime(3, gpu=4)  # of six such places
    await stand.create(workload(await stand.version(artifact()), three))
    await stand.update(workload(await stand.version(artifact(server("v2"))), three))
    outputs = await stand.update(workload(await stand.version(artifact(server("v3"))), three))
    assert outputs["revision"] == "r3"
    assert "removing r1: r3 needs its GPUs" in stand.lines.statuses


async def test_the_kept_version_is_not_given_for_half_of_what_is_missing(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(1, gpu=8)))
    await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(2, gpu=8)))
    third = workload(await stand.version(artifact(server("v3"))), runtime(2, gpu=8), timeouts={"update": "8s"})
    with pytest.raises(RolloutFailed, match="waits for GPUs"):
        await stand.update(third)
    assert await stand.names(DEPLOYMENT) == ["chat-r1", "chat-r2"]
    assert not any("needs its GPUs" in status for status in stand.lines.statuses)
