"""Which nodes does a version ask for, and to which pool does a node belong?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU_PRODUCT
from inference_provider.placement.gpu_requests import gpus_of

#: Where cloud providers and node provisioners write a node's pool, the first that is there counts.
POOL_LABELS = (
    "cloud.google.com/gke-nodepool",
    "eks.amazonaws.com/nodegroup",
    "kubernetes.azure.com/agentpool",
    "karpenter.sh/nodepool",
    "kops.k8s.io/instancegroup",
    "doks.digitalocean.com/node-pool",
    "run.ai/node-pool",
)


@dataclass(frozen=True)
class NodePlace:
    """What a node is: its pool and its GPUs' model, None where no label tells, or nobody may look."""

    pool: str | None = None
    gpu_model: str | None = None


def place_of_node(node: Body) -> NodePlace:
    """By its labels."""
    found = node["metadata"].get("labels") or {}
    return NodePlace(next((found[key] for key in POOL_LABELS if found.get(key)), None), found.get(GPU_PRODUCT))


def asked(specs: Mapping[str, Body]) -> dict[str, Body]:
    """What the pods of each group ask of a node: GPUs, and labels as Kubernetes' own expressions."""
    return {
        group: {"gpus": gpus_of({"spec": spec}), "nodes": list(_expressions(spec))} for group, spec in specs.items()
    }


def _expressions(spec: Body) -> Iterator[Body]:
    for key, value in sorted((spec.get("nodeSelector") or {}).items()):
        yield {"key": key, "operator": "In", "values": [value]}
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    seen: list[Body] = []
    for term in required.get("nodeSelectorTerms") or []:
        for each in term.get("matchExpressions") or []:
            if each not in seen:
                seen.append(each)
                yield dict(each)
