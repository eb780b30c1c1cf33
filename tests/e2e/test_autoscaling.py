"""Scaled by load, with the real CLI: what a preview says, what is put right, what a refresh leaves alone."""

import asyncio
from pathlib import Path

from inference_provider.cluster.client import Client
from inference_provider.cluster.session import connect
from inference_provider.manifests.kinds import DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER
from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Stack


def program(stack: Stack, most: int) -> None:
    """A Workload of up to so many pods, by its CPU and by its queue."""
    cpu: Arguments = {"scaling_metric": "cpuAverageUtilization", "target": 70}
    queue: Arguments = {"scaling_metric": "gpuRequestQueueDepth", "target": 2.5}
    counts = {"min_count": 1, "max_count": most}
    containers = [{"name": "vllm", "resource_allocation": {"cpu": 1, "memory": "1Gi"}}]
    group = {"autoscaling": {"policies": [cpu | counts, queue | counts]}, "containers": containers}
    declared = workload(gpu=0) | {"runtime": {"container_groups": [group]}}
    stack.declare(artifact=artifact(server()), workload=declared)


def test_scaled_by_load_there_is_no_difference_until_somebody_makes_one(
    stack: Stack, kubeconfig: Path, namespace: str
) -> None:
    program(stack, most=4)
    stack.must_up("--skip-preview")

    async def meanwhile() -> None:
        """Load makes more pods, and somebody deletes the autoscaler."""
        client = Client(await connect(kubeconfig=str(kubeconfig), context=None))
        try:
            await client.scale(DEPLOYMENT, namespace, "chat-r1", 2)
            assert await client.delete(HORIZONTAL_POD_AUTOSCALER, namespace, "chat-r1")
        finally:
            await client.close()

    asyncio.run(meanwhile())
    program(stack, most=6)
    up = stack.must_up()
    assert up.has("is put right: the autoscaler of r1 is gone")
    assert up.has("autoscaling.policies[0].maxCount", "in place; no pod restarts")
    assert (stack.outputs()["revision"], stack.outputs()["ready_replicas"]) == ("r1", 2)
    stack.refresh()
    assert stack.preview("--expect-no-changes").code == 0
