"""A node dies before, amid and after a replacement, on a real API server: its pods freeze, and nobody can end them.

The pods of a dead node are deleted by Kubernetes after five minutes; here somebody does it at once, with the same
effect. They then hang until the node is back or removed.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from inference_provider.errors import DeadlineExceeded
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD, SERVICE, Body
from tests.live.scene import PODS, Scene, proving, retaining, starting, widening
from tests.support.pods import ready
from tests.support.weather import Where
from tools.cluster import Cluster, Gpu, NodeSpec, lose_node
from tools.cluster.nodes import node_body

#: How many pods go with a node: each of two has one of two.
LOST = 1


@dataclass
class Grounds:
    """A scene on two nodes of its own; ``doomed`` is one of them."""

    scene: Scene
    cluster: Cluster
    doomed: str

    async def dies(self) -> None:
        """The node falls silent, and nothing brings its pods back."""
        await asyncio.to_thread(lose_node, self.cluster, self.doomed)
        while any(map(ready, await self.on_it())):  # what was on its way when the node died
            await asyncio.to_thread(lose_node, self.cluster, self.doomed)

    async def dies_and_is_given_up(self) -> None:
        """The node falls silent, and its pods are deleted for that."""
        await self.dies()
        await self.is_given_up()

    async def is_given_up(self) -> None:
        """The pods of the silent node are deleted; there they stay."""
        for pod in await self.on_it():
            await self.scene.fair.client.delete(POD, self.scene.fair.namespace, pod["metadata"]["name"])

    async def vanishes(self) -> None:
        """The node's machine is gone, and so are the Node and, as the collector of pods sees to, its pods."""
        await self.scene.fair.client.delete(NODE, None, self.doomed)
        pods = f"/api/v1/namespaces/{self.scene.fair.namespace}/pods"
        client = self.cluster.client()
        await asyncio.to_thread(client.request, "DELETE", pods, body={"gracePeriodSeconds": 0})

    async def on_it(self) -> list[Body]:
        """Our pods on the doomed node."""
        pods = await self.scene.fair.objects(POD, "pulumi-inference.dev/workload=chat")
        return [pod for pod in pods if pod["spec"].get("nodeName") == self.doomed]

    async def hanging(self) -> list[str]:
        """The names of the pods of the doomed node, all of which somebody has deleted."""
        pods = await self.on_it()
        assert all("deletionTimestamp" in pod["metadata"] for pod in pods)
        return sorted(pod["metadata"]["name"] for pod in pods)


@pytest_asyncio.fixture
async def grounds(bare_scene: Scene, simulated_cluster: Cluster) -> AsyncIterator[Grounds]:
    """The first version serves with one pod on either node."""
    scene, namespace = bare_scene, bare_scene.fair.namespace
    nodes = [f"{namespace}-{each}" for each in ("a", "b")]
    scene.gpu_model = f"SIM-{namespace}"
    gpu = Gpu(scene.gpu_model, "sim", 80000, (9, 0))
    for node in nodes:
        spec = NodeSpec(node, "eu-west-1", "eu-west-1a", "sim", "32", "128Gi", gpu, gpus=8)
        await scene.fair.client.create(NODE, node_body(spec))
    try:
        await until_ready(scene, nodes)
        await scene.serve()
        scene.lost = nodes[0]
        yield Grounds(scene, simulated_cluster, nodes[0])
    finally:
        await cleared(scene, simulated_cluster, nodes)


async def cleared(scene: Scene, cluster: Cluster, nodes: list[str]) -> None:
    """Remove the nodes, and what hangs on them."""
    await scene.fair.client.delete(SERVICE, scene.fair.namespace, "chat")
    for node in nodes:
        await scene.fair.client.delete(NODE, None, node)
    pods = f"/api/v1/namespaces/{scene.fair.namespace}/pods"
    await asyncio.to_thread(cluster.client().request, "DELETE", pods, body={"gracePeriodSeconds": 0})


async def until_ready(scene: Scene, nodes: list[str]) -> None:
    """Wait for nodes."""
    async with asyncio.timeout(20):
        while True:
            found = [await scene.fair.client.get(NODE, None, node) for node in nodes]
            if all(_is_ready(each) for each in found):
                return
            await asyncio.sleep(0.05)


def _is_ready(node: Body) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    tainted = (node.get("spec") or {}).get("taints")
    return not tainted and any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


async def test_a_pod_whose_node_died_is_not_counted_until_another_stands_for_it(grounds: Grounds) -> None:
    scene = grounds.scene
    await grounds.dies()
    await scene.witness.until(PODS - LOST)
    same = await scene.program("v1")
    outputs = await scene.fair.update(same)
    assert outputs["readyReplicas"] == PODS - LOST
    assert f"its node {grounds.doomed} does not answer" in str(outputs["statusMessage"])
    await grounds.is_given_up()
    await scene.witness.until(PODS)
    outputs = await scene.settle(same, floor=PODS - LOST)
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r1", PODS)
    assert len(await grounds.hanging()) == LOST


@pytest.mark.parametrize(
    "moment", [starting, proving, widening, retaining], ids=["before", "while it loads", "at", "after"]
)
async def test_a_replacement_goes_on_when_a_node_dies(grounds: Grounds, moment: Where) -> None:
    scene = grounds.scene
    wanted = await scene.program("v2")
    scene.proxy.when(moment, grounds.dies_and_is_given_up)
    assert await scene.attempt(wanted) is None
    outputs = await scene.settle(wanted, floor=PODS - LOST)
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r2", PODS)
    assert await grounds.hanging()


async def test_a_replacement_that_a_dead_node_holds_up_ends_with_its_name_and_leaves_nothing(grounds: Grounds) -> None:
    scene = grounds.scene
    wanted = await scene.program("v2", timeouts={"update": "6s"})
    scene.proxy.when(widening, grounds.dies)
    error = await scene.attempt(wanted)
    assert "1 of 2 pods ready" in str(error)
    assert f"its node {grounds.doomed} does not answer" in str(error)
    assert "r1 still serves; the new version was removed" in str(error)
    assert await scene.fair.names(DEPLOYMENT) == ["chat-r1"]
    assert f"hangs on node {grounds.doomed}, which does not answer" in scene.ours.lines.lasting[-1]
    # On the very slot of the pod that still hangs there, with the active one pod short.
    outputs = await scene.settle(await scene.program("v2"), floor=PODS - LOST)
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r3", PODS)


async def test_a_workload_with_a_pod_on_a_dead_node_is_stopped_and_its_removal_says_what_holds_it_up(
    grounds: Grounds,
) -> None:
    scene = grounds.scene
    await grounds.dies()
    stopped = await scene.program("v1", running=False, timeouts={"delete": "2s"})
    outputs = await asyncio.wait_for(scene.fair.update(stopped), 30)
    assert (outputs["status"], outputs["readyReplicas"]) == ("stopping", 0)  # which it is, for as long as that hangs
    assert f"hangs on node {grounds.doomed}" in scene.fair.lines.lasting[-1]
    with pytest.raises(DeadlineExceeded, match=rf"did not finish within 2 s.* hangs on node {grounds.doomed}"):
        await scene.fair.delete(outputs)
    await grounds.vanishes()
    await scene.fair.delete(outputs | {"timeouts": {"delete": "30s"}})
    assert await scene.fair.names(SERVICE) == []
