"""The nodes with the wanted GPUs are full: what a Workload with several bundles does, with the real scheduler."""

import asyncio

import pytest

from inference_provider.errors import RolloutFailed
from inference_provider.manifests.kinds import DEPLOYMENT, POD, Body
from tests.live.programs import H100, Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand

pytestmark = pytest.mark.usefixtures("empty_nodes")

BETTER: Inputs = {"name": "h100", "cpu": 1, "gpu": 8, "gpuModel": H100, "pricePerHour": 30}
#: Its nodes are told by the label of a pool.
LESSER: Inputs = {
    "name": "a100",
    "cpu": 1,
    "gpu": 8,
    "nodeSelector": {"node.kubernetes.io/instance-type": "p4de.24xlarge"},
    "env": {"TENSOR_PARALLEL": "8"},
    "pricePerHour": 12,
}


def program(version: object, *bundles: Inputs, replicas: int = 2, **more: object) -> Inputs:
    """A Workload that falls back; nothing is kept longer than it drains."""
    group = {"replicaCount": replicas, "resourceBundles": list(bundles or (BETTER, LESSER))}
    return workload(version, group, replacement={"surge": "fallback", "drainSeconds": 1, **more})


async def nodes_of(stand: Stand, revision: str) -> set[str]:
    """Where a revision's pods are."""
    pods: list[Body] = await stand.objects(POD, f"pulumi-inference.dev/revision={revision}")
    return {str(pod["spec"].get("nodeName")) for pod in pods if "chat" in pod["metadata"]["name"]}


async def test_a_full_cluster_is_fallen_back_from_and_the_better_hardware_is_come_back_to(stand: Stand) -> None:
    outputs = await stand.create(program(await stand.version(artifact())))
    assert (outputs["resolvedBundles"], outputs["hourlyCost"]) == ({"default": "h100"}, 60.0)

    outputs = await stand.update(program(await stand.version(artifact(server("v2")))))
    assert (outputs["resolvedBundles"], outputs["hourlyCost"]) == ({"default": "a100"}, 24.0)
    assert await nodes_of(stand, "r2") == {"gpu-a100-1", "gpu-a100-2"}
    assert any(
        "takes bundle a100: h100 needs 16 × NVIDIA-H100-80GB-HBM3 (2 pods × 8): 8 free on gpu-h100-" in line
        for line in stand.lines.lasting
    )
    made = await stand.client.get(DEPLOYMENT, stand.namespace, "chat-r2")
    assert {"name": "TENSOR_PARALLEL", "value": "8"} in made["spec"]["template"]["spec"]["containers"][0]["env"]

    outputs = await stand.update(program(await stand.version(artifact(server("v3")))))
    assert (outputs["revision"], outputs["resolvedBundles"]) == ("r3", {"default": "h100"})


async def test_where_no_bundle_has_room_the_first_one_is_waited_for(stand: Stand) -> None:
    version = await stand.version(artifact())
    on_a100 = {"replicaCount": 2, "resourceBundles": [LESSER]}
    await stand.create(workload(version, on_a100, name="embed"))
    await stand.create(program(version))

    with pytest.raises(RolloutFailed, match=r"needs .* × NVIDIA-H100.* There was no room for 0.02 min, .* was removed"):
        await stand.update(program(await stand.version(artifact(server("v2"))), surgeWaitMinutes=0.02))

    said = next(line for line in stand.lines.lasting if "waits for bundle h100, as none has room" in line)
    assert "a100 needs 16 × GPU on node.kubernetes.io/instance-type=p4de.24xlarge (2 pods × 8): none free" in said
    now = await stand.read()
    assert now is not None
    assert (now["revision"], now["readyReplicas"], now["resolvedBundles"]) == ("r1", 2, {"default": "h100"})


async def test_a_run_that_was_killed_is_carried_on_with_the_bundle_that_it_took(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, runtime(2, gpu=8), name="embed"))
    await stand.create(program(version, replicas=1))
    newer = program(await stand.version(artifact(server("v2", env={"SIM_LOAD_TIME": "700ms"}))), replicas=1)
    run = asyncio.create_task(stand.update(newer))
    begun = await _begun(stand)
    run.cancel()
    await asyncio.wait({run})
    await stand.client.delete(DEPLOYMENT, stand.namespace, "embed-r1")  # now there would be room

    outputs = await stand.update(newer)

    assert (outputs["revision"], outputs["resolvedBundles"]) == ("r2", {"default": "a100"})
    assert await stand.pod_uids("r2") == begun


async def _begun(stand: Stand) -> set[str]:
    """The pods of the second version, as soon as there are any."""
    for _ in range(1000):
        if uids := await stand.pod_uids("r2"):
            return uids
        await asyncio.sleep(0.02)
    raise AssertionError("the second version is not begun")
