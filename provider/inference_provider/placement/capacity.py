"""Which GPUs are free now, node by node, read from nodes and the pods bound to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference_provider.manifests.kinds import Body
from inference_provider.placement.gpu_requests import GPU, gpus_of, holds_gpus
from inference_provider.placement.taints import repelling

#: Labels that NVIDIA's GPU feature discovery puts on nodes; memory is MiB of one GPU.
MODEL_LABEL, MEMORY_LABEL = "nvidia.com/gpu.product", "nvidia.com/gpu.memory"


@dataclass(frozen=True, slots=True)
class NodeFree:
    """One node's GPUs. ``model`` and ``memory_mib`` (of one GPU) are None where no label tells.

    ``taints`` are those that keep pods away which do not tolerate them.
    """

    name: str
    model: str | None
    allocatable: int
    used: int
    memory_mib: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    taints: tuple[Body, ...] = ()

    @property
    def free(self) -> int:
        """Never below zero, though a device that broke can leave a node with more used than allocatable."""
        return max(0, self.allocatable - self.used)


def free_gpus(
    nodes: Sequence[Body],
    pods: Sequence[Body],
    *,
    resource: str = GPU,
    model: str | None = None,
    memory_mib: int | None = None,
    tainted: bool = False,
) -> tuple[NodeFree, ...]:
    """The nodes that could take a pod of ours, ordered by name, with what is free on each.

    Left out: nodes that are not Ready, cordoned, tainted with something that our pods do not tolerate by themselves
    (unless ``tainted``), without such GPUs, of another ``model``, or with less than ``memory_mib`` a GPU (or without
    the label that would tell).
    Pods count until they are gone, terminating ones too; pods without a node are nobody's here, see ``waiting``.
    """
    used: Counter[str] = Counter()
    for pod in pods:
        if holds_gpus(pod):
            used[str((pod.get("spec") or {}).get("nodeName") or "")] += gpus_of(pod, resource=resource)
    found = [_node_free(node, resource=resource, used=used) for node in nodes if _takes_pods(node)]
    taken = [one for one in found if one.allocatable > 0 and (tainted or not one.taints)]
    fitting = [one for one in taken if matches(one, model=model, memory_mib=memory_mib)]
    return tuple(sorted(fitting, key=lambda one: one.name))


def matches(node: NodeFree, *, model: str | None, memory_mib: int | None) -> bool:
    """Whether the node's GPUs are what is asked for; None asks for nothing."""
    if model is not None and node.model != model:
        return False
    return memory_mib is None or (node.memory_mib is not None and node.memory_mib >= memory_mib)


def _takes_pods(node: Body) -> bool:
    spec, conditions = node.get("spec") or {}, (node.get("status") or {}).get("conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    leaving = bool((node.get("metadata") or {}).get("deletionTimestamp"))
    return ready and not leaving and not spec.get("unschedulable")


def _node_free(node: Body, *, resource: str, used: Counter[str]) -> NodeFree:
    metadata = node.get("metadata") or {}
    name, labels = str(metadata.get("name", "")), metadata.get("labels") or {}
    allocatable = int(((node.get("status") or {}).get("allocatable") or {}).get(resource) or 0)
    memory = str(labels.get(MEMORY_LABEL, ""))
    known = int(memory) if memory.isascii() and memory.isdigit() else None
    taints = repelling((node.get("spec") or {}).get("taints") or [])
    return NodeFree(name, labels.get(MODEL_LABEL), allocatable, used[name], known, labels, taints)
