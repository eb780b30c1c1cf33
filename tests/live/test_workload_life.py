"""Creating, changing in place and removing Workloads on a real API server."""

import pytest

from inference_provider.errors import InferenceError, InputError, LockHeld, NameTaken, NotFound, RolloutFailed
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, POD, RESOURCE_QUOTA, SERVICE, Body
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand


def foreign_service(namespace: str, name: str) -> Body:
    """A Service that somebody else made."""
    meta = {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/managed-by": "Helm"}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [{"port": 80}]}}


async def test_a_name_that_is_taken_is_refused_and_the_object_left_alone(stand: Stand) -> None:
    taken = await stand.client.create(SERVICE, foreign_service(stand.namespace, "chat"))
    with pytest.raises(NameTaken, match=r"Service .*/chat exists already, and it is managed by Helm"):
        await stand.create(workload(await stand.version(artifact())))
    found = await stand.client.get(SERVICE, stand.namespace, "chat")
    assert found["metadata"]["uid"] == taken["metadata"]["uid"]
    assert await stand.names(DEPLOYMENT) == []


async def test_a_namespace_that_is_not_there_is_named(stand: Stand) -> None:
    stand.namespace = "nowhere-to-be-found"
    with pytest.raises(NotFound, match="Create namespace nowhere-to-be-found first"):
        await stand.artifact(artifact())


async def test_a_version_that_is_not_there_is_named_before_anything_is_made(stand: Stand) -> None:
    with pytest.raises(InputError, match="there is no version"):
        await stand.create(workload(f"{stand.namespace}/llama@0123456789ab"))
    assert await stand.names(SERVICE) == []


async def test_a_first_create_that_fails_leaves_nothing(stand: Stand) -> None:
    version = await stand.version(artifact(server(env={"SIM_OOM": "true"})))
    with pytest.raises(InferenceError, match=r"ran out of memory.*Nothing of this first try is left"):
        await stand.create(workload(version))
    async with stand.client.mirror(stand.namespace, "chat") as mirror:
        for _ in range(100):
            version_seen = mirror.version
            if not any(mirror.objects(kind) for kind in (SERVICE, DEPLOYMENT, POD)):
                break
            await mirror.changed(version_seen, within=0.2)
    assert await stand.names(SERVICE) == []
    assert await stand.names(DEPLOYMENT) == []
    assert [name for name in await stand.names(CONFIG_MAP) if name.startswith("revision-")] == []


async def test_scaling_and_words_change_in_place(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, runtime(1)))
    pods = await stand.pod_uids("r1")
    outputs = await stand.update(workload(version, runtime(3), description="more", tags={"team": "nlp"}))
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r1", 3)
    assert pods < await stand.pod_uids("r1")
    service = await stand.client.get(SERVICE, stand.namespace, "chat")
    assert service["metadata"]["annotations"]["pulumi-inference.dev/description"] == "more"
    await stand.update(workload(version, runtime(1)))
    assert await stand.replicas("chat-r1") == 1


async def test_the_service_port_and_its_annotations_change_in_place_and_go_again(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, service={"port": 80, "annotations": {"example.com/lb": "internal"}}))
    outputs = await stand.update(workload(version, service={"port": 8080}))
    assert outputs["revision"] == "r1"
    assert str(outputs["endpoint"]).endswith(":8080")
    service = await stand.client.get(SERVICE, stand.namespace, "chat")
    assert "example.com/lb" not in service["metadata"]["annotations"]
    assert [port["port"] for port in service["spec"]["ports"]] == [8080]


async def test_the_candidate_starts_with_as_many_pods_as_the_active_has_now(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, runtime(1)))
    await stand.client.scale(DEPLOYMENT, stand.namespace, "chat-r1", 3)
    outputs = await stand.update(workload(await stand.version(artifact(server("v2"))), runtime(1)))
    assert outputs["revision"] == "r2"
    assert "scaling r2 from 3 to 1 pods" in " ".join(stand.lines.statuses), "it came up with three"
    assert await stand.replicas("chat-r2") == 1


async def test_other_resources_roll(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, runtime(1, gpu=1)))
    outputs = await stand.update(workload(version, runtime(1, gpu=2)))
    assert outputs["revision"] == "r2"


async def test_two_groups_switch_as_one(stand: Stand) -> None:
    worker = {"name": "worker", "image": server("w1")["image"]}
    groups = [{"name": "router", "containers": [server()]}, {"name": "worker", "containers": [worker]}]
    program = artifact() | {"spec": {"containerGroups": groups}}
    counts = (runtime(1, gpu=0, group="router"), runtime(2, group="worker", container="worker"))
    await stand.create(workload(await stand.version(program), *counts))
    assert await stand.names(DEPLOYMENT) == ["chat-r1-router", "chat-r1-worker"]
    newer = {"spec": {"containerGroups": [{"name": "router", "containers": [server("v2")]}, groups[1]]}}
    outputs = await stand.update(workload(await stand.version(artifact() | newer), *counts))
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r2", 3)


async def test_an_inline_artifact_lives_and_dies_with_its_workload(stand: Stand) -> None:
    inline = {"spec": artifact()["spec"]}
    program = {key: value for key, value in workload(None).items() if key != "artifactId"} | {"artifact": inline}
    outputs = await stand.create(program)
    assert str(outputs["activeArtifactId"]).startswith(f"{stand.namespace}/chat@")
    await stand.delete(outputs)
    assert [name for name in await stand.names(CONFIG_MAP) if name.startswith("artifact-")] == []


async def test_delete_takes_everything_of_ours_and_nothing_else(stand: Stand) -> None:
    await stand.client.create(SERVICE, foreign_service(stand.namespace, "chatter"))
    outputs = await stand.create(workload(await stand.version(artifact())))
    await stand.update(workload(await stand.version(artifact(server("v2")))))
    await stand.delete(outputs)
    assert await stand.names(SERVICE) == ["chatter"]
    assert await stand.names(POD) == []
    await stand.delete(outputs)  # what is gone may be deleted again


async def test_a_workload_that_was_created_anew_is_not_deleted_by_the_old_state(stand: Stand) -> None:
    version = await stand.version(artifact())
    old = await stand.create(workload(version))
    await stand.delete(old)
    await stand.create(workload(version))
    await stand.delete(old)
    assert "chat" in await stand.names(SERVICE)
    assert any("left alone" in line for line in stand.lines.lasting)


async def test_an_update_is_refused_while_somebody_else_works_on_it(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact())))
    owner = await stand.client.get(SERVICE, stand.namespace, "chat")
    second = await stand.version(artifact(server("v2")))
    async with stand.client.lock(stand.namespace, "chat", owner=owner, wait=0.1):
        with pytest.raises(LockHeld):
            await stand.update(workload(second))


async def test_waiting_for_gpus_says_what_is_missing_and_ends_with_the_time(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(1)))
    huge = workload(await stand.version(artifact(server("v2"))), runtime(1, gpu=16), timeouts={"update": "4s"})
    with pytest.raises(RolloutFailed, match=r"did not finish within 4 s.*waits for GPUs: needs 16 × .*r1 still serves"):
        await stand.update(huge)
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_a_quota_that_refuses_the_candidate_is_named(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), runtime(1)))
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "gpus", "namespace": stand.namespace},
        "spec": {"hard": {"requests.nvidia.com/gpu": "1"}},
    }
    await stand.client.create(RESOURCE_QUOTA, quota)
    second = workload(await stand.version(artifact(server("v2"))), runtime(1), timeouts={"update": "4s"})
    with pytest.raises(RolloutFailed, match="exceeded quota"):
        await stand.update(second)
    assert await stand.names(DEPLOYMENT) == ["chat-r1"]
