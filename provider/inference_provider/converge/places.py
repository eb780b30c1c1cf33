"""On which nodes do a version's pods run: written down while they do, for nobody can say later."""

import asyncio
import json
from collections import Counter

from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.manifests.kinds import NODE
from inference_provider.manifests.proton import Blueprint, deployment
from inference_provider.placement.asked import NodePlace, asked, place_of_node
from inference_provider.rollout.fleet import Proton

#: So many nodes are looked at and written down; the others are only counted.
NODES = 100


def asked_of(op: Operation, blueprint: Blueprint, revision: int) -> dict[str, object]:
    """What the pods of a version ask of a node, as the API server will be told, by group."""
    bodies = {
        str(group["name"]): deployment(blueprint, group, op.anchor(), revision=revision, slot=0, replicas=1)
        for group in blueprint.groups
    }
    return {**asked({group: body["spec"]["template"]["spec"] for group, body in bodies.items()})}


async def places(cluster: Cluster, proton: Proton | None) -> str | None:
    """Node → its pods, its pool and its GPUs' model, as JSON; None when no pod of it has a node."""
    named = [str((pod.get("spec") or {}).get("nodeName") or "") for pod in proton.pods] if proton is not None else []
    pods = Counter(filter(None, named))
    if not pods:
        return None
    nodes = sorted(pods)[:NODES]
    found = await asyncio.gather(*(_place(cluster, each) for each in nodes))
    said = {
        node: {"pods": pods[node], "pool": place.pool, "gpuModel": place.gpu_model}
        for node, place in zip(nodes, found, strict=True)
    }
    return json.dumps({node: {key: value for key, value in each.items() if value} for node, each in said.items()})


async def _place(cluster: Cluster, node: str) -> NodePlace:
    try:
        body = await cluster.known(NODE, None, node)
    except ClusterError:  # no right to look at nodes: their names are known all the same
        return NodePlace()
    return place_of_node(body) if body is not None else NodePlace()
