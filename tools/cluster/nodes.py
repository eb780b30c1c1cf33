"""Which nodes does a simulated cluster have, and what does each say about itself?

Labels are those that NVIDIA's GPU Feature Discovery, the Node Feature Discovery it builds on, and the well-known
labels of Kubernetes give on a real node; memory is what the driver reports, in MiB.
"""

from dataclasses import dataclass

Body = dict[str, object]
"""A Kubernetes object as it goes over the wire."""

KWOK_NODE = "kwok.x-k8s.io/node"
"""Nodes with this annotation are simulated."""


@dataclass(frozen=True)
class Gpu:
    """One kind of GPU, as GPU Feature Discovery describes it."""

    product: str
    family: str
    memory: int
    """MiB of one GPU."""
    compute: tuple[int, int]
    """Compute capability."""


H100 = Gpu("NVIDIA-H100-80GB-HBM3", "hopper", 81559, (9, 0))
A100 = Gpu("NVIDIA-A100-SXM4-80GB", "ampere", 81920, (8, 0))
L4 = Gpu("NVIDIA-L4", "ada-lovelace", 23034, (8, 9))
T4 = Gpu("Tesla-T4", "turing", 15360, (7, 5))


@dataclass(frozen=True)
class NodeSpec:
    """One simulated node."""

    name: str
    region: str
    zone: str
    instance: str
    """The cloud's name of the machine type."""
    cpu: str
    memory: str
    gpu: Gpu | None = None
    gpus: int = 0


_FRANKFURT, _VIRGINIA = "eu-central-1", "us-east-1"

DEFAULT_NODES: tuple[NodeSpec, ...] = (
    NodeSpec("gpu-h100-1", _FRANKFURT, "eu-central-1a", "p5.48xlarge", "192", "2048Gi", H100, 8),
    NodeSpec("gpu-h100-2", _FRANKFURT, "eu-central-1b", "p5.48xlarge", "192", "2048Gi", H100, 8),
    NodeSpec("gpu-h100-3", _VIRGINIA, "us-east-1a", "p5.48xlarge", "192", "2048Gi", H100, 8),
    NodeSpec("gpu-a100-1", _FRANKFURT, "eu-central-1a", "p4de.24xlarge", "96", "1152Gi", A100, 8),
    NodeSpec("gpu-a100-2", _VIRGINIA, "us-east-1b", "p4de.24xlarge", "96", "1152Gi", A100, 8),
    NodeSpec("gpu-l4-1", _FRANKFURT, "eu-central-1c", "g6.12xlarge", "48", "192Gi", L4, 4),
    NodeSpec("gpu-l4-2", _VIRGINIA, "us-east-1a", "g6.12xlarge", "48", "192Gi", L4, 4),
    NodeSpec("gpu-t4-1", _VIRGINIA, "us-east-1b", "g4dn.12xlarge", "48", "192Gi", T4, 4),
    NodeSpec("cpu-1", _FRANKFURT, "eu-central-1a", "m7i.8xlarge", "32", "128Gi"),
    NodeSpec("cpu-2", _VIRGINIA, "us-east-1a", "m7i.8xlarge", "32", "128Gi"),
)


def node_body(spec: NodeSpec) -> Body:
    """The Node object as it is posted; the simulation adds conditions and system information."""
    capacity = {"cpu": spec.cpu, "memory": spec.memory, "ephemeral-storage": "2Ti", "pods": "250"}
    if spec.gpu:
        capacity["nvidia.com/gpu"] = str(spec.gpus)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": spec.name,
            "annotations": {KWOK_NODE: "fake", "node.alpha.kubernetes.io/ttl": "0"},
            "labels": _machine_labels(spec) | (_gpu_labels(spec.gpu, spec) if spec.gpu else {}),
        },
        "spec": {"providerID": f"sim:///{spec.zone}/{spec.name}"},
        "status": {"capacity": capacity, "allocatable": capacity},
    }


def _machine_labels(spec: NodeSpec) -> dict[str, str]:
    return {
        "kubernetes.io/hostname": spec.name,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": spec.instance,
        "topology.kubernetes.io/region": spec.region,
        "topology.kubernetes.io/zone": spec.zone,
    }


def _gpu_labels(gpu: Gpu, spec: NodeSpec) -> dict[str, str]:
    major, minor = gpu.compute
    return {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": gpu.product,
        "nvidia.com/gpu.family": gpu.family,
        "nvidia.com/gpu.memory": str(gpu.memory),
        "nvidia.com/gpu.count": str(spec.gpus),
        "nvidia.com/gpu.replicas": "1",
        "nvidia.com/gpu.machine": spec.instance,
        "nvidia.com/gpu.mode": "compute",
        "nvidia.com/gpu.sharing-strategy": "none",
        "nvidia.com/gpu.compute.major": str(major),
        "nvidia.com/gpu.compute.minor": str(minor),
        "nvidia.com/mig.capable": str(gpu in (H100, A100)).lower(),
        "nvidia.com/mig.strategy": "single",
        "nvidia.com/mps.capable": "false",
        "nvidia.com/vgpu.present": "false",
        "nvidia.com/cuda.driver.major": "570",
        "nvidia.com/cuda.driver.minor": "124",
        "nvidia.com/cuda.driver.rev": "06",
        "nvidia.com/cuda.driver-version.full": "570.124.06",
        "nvidia.com/cuda.driver-version.major": "570",
        "nvidia.com/cuda.driver-version.minor": "124",
        "nvidia.com/cuda.driver-version.revision": "06",
        "nvidia.com/cuda.runtime.major": "12",
        "nvidia.com/cuda.runtime.minor": "8",
        "nvidia.com/cuda.runtime-version.full": "12.8",
        "nvidia.com/cuda.runtime-version.major": "12",
        "nvidia.com/cuda.runtime-version.minor": "8",
        "nvidia.com/gfd.timestamp": "1780000000",
        "feature.node.kubernetes.io/pci-10de.present": "true",
    }
