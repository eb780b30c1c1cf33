"""By which labels is a node known to have the GPUs that people call t4, a100-80gb or h100?

Each way in which nodes say it is one alternative: NVIDIA's GPU Feature Discovery, GKE, Karpenter on EKS, and the label
that EKS' autoscaler wants. Slices (MIG) and GPUs that several pods share do not pass for the whole one; who means those
names them as their nodes are labelled (NVIDIA-L4-SHARED).
Sources: the label documents of GPU Feature Discovery 0.17, GKE, Karpenter 1.x and cluster-autoscaler, read 2026-11-22.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from inference_provider.domain.kubernetes_words import is_label_value
from inference_provider.manifests.kinds import Body

#: Expressions that all have to hold; the alternatives of a flavor are several of these.
Alternative: TypeAlias = tuple[Body, ...]

PRODUCT = "nvidia.com/gpu.product"
SHARING = "nvidia.com/gpu.sharing-strategy"
GKE = "cloud.google.com/gke-accelerator"
GKE_SLICE, GKE_SHARING = "cloud.google.com/gke-gpu-partition-size", "cloud.google.com/gke-gpu-sharing-strategy"
KARPENTER, KARPENTER_MEMORY = "karpenter.k8s.aws/instance-gpu-name", "karpenter.k8s.aws/instance-gpu-memory"
EKS = "k8s.amazonaws.com/accelerator"
#: What pods without GPUs run on.
CPU = "cpu"


@dataclass(frozen=True)
class Model:
    """One GPU, as each source calls it; ``memory`` is that of one GPU (MiB), where Karpenter's name is not enough."""

    products: tuple[str, ...]
    gke: str | None = None
    karpenter: str | None = None
    memory: int | None = None
    eks: str | None = None


_A100_40 = Model(("NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-PCIE-40GB"), "nvidia-tesla-a100", "a100", 40960)
_A100_80 = Model(("NVIDIA-A100-SXM4-80GB", "NVIDIA-A100-80GB-PCIe"), "nvidia-a100-80gb", "a100", 81920)
_H100_80 = Model(("NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-PCIe"), "nvidia-h100-80gb", "h100", 81920)
_H100_MEGA = Model(("NVIDIA-H100-80GB-HBM3",), "nvidia-h100-mega-80gb")
_H100_NVL = Model(("NVIDIA-H100-NVL",))

#: What people say, and the models that it means.
MODELS: Mapping[str, tuple[Model, ...]] = {
    "t4": (Model(("Tesla-T4", "NVIDIA-T4"), "nvidia-tesla-t4", "t4", eks="nvidia-tesla-t4"),),
    "l4": (Model(("NVIDIA-L4",), "nvidia-l4", "l4", eks="nvidia-l4"),),
    "l40s": (Model(("NVIDIA-L40S",), karpenter="l40s", eks="nvidia-l40s"),),
    "a10": (Model(("NVIDIA-A10",)),),
    "a10g": (Model(("NVIDIA-A10G",), karpenter="a10g", eks="nvidia-a10g"),),
    "v100": (
        Model(
            ("Tesla-V100-SXM2-16GB", "Tesla-V100-SXM2-32GB", "Tesla-V100-PCIE-16GB", "Tesla-V100-PCIE-32GB"),
            "nvidia-tesla-v100",
            "v100",
            eks="nvidia-tesla-v100",
        ),
    ),
    "a100-40gb": (_A100_40,),
    "a100-80gb": (_A100_80,),
    "a100": (_A100_40, _A100_80),
    "h100-80gb": (_H100_80, _H100_MEGA),
    "h100-nvl": (_H100_NVL,),
    "h100": (_H100_80, _H100_MEGA, _H100_NVL),
    "h200": (Model(("NVIDIA-H200", "NVIDIA-H200-NVL"), "nvidia-h200-141gb", "h200"),),
    "b200": (Model(("NVIDIA-B200",), "nvidia-b200", "b200"),),
}


#: One way in which a node may say what it has: which label does, what it says, and what Karpenter says of the memory.
Sign: TypeAlias = tuple[str, str, str | None]


@lru_cache(maxsize=512)
def signs(name: str) -> frozenset[Sign]:
    """Every way in which a node may say that it has this GPU; none for a name that nobody knows.

    A name of GPU Feature Discovery itself will do, exactly as it labels nodes.
    """
    if name.startswith(("NVIDIA-", "Tesla-")) and is_label_value(name):
        return frozenset({(PRODUCT, name, None)})
    return frozenset(sign for model in MODELS.get(name.lower(), ()) for sign in _said(model))


def _said(model: Model) -> Iterator[Sign]:
    yield from ((PRODUCT, each, None) for each in model.products)
    if model.gke:
        yield GKE, model.gke, None
    if model.eks:
        yield EKS, model.eks, None
    if model.karpenter:
        yield KARPENTER, model.karpenter, str(model.memory) if model.memory else None


def alternatives(said: Collection[Sign]) -> tuple[Alternative, ...]:
    """The expressions that take the nodes which say one of these, and have the GPU whole and for one pod at a time,
    unless it is called shared.
    """
    found: list[Alternative] = []
    for key, memory, shared in sorted({_kind(each) for each in said}):
        values = sorted(each[1] for each in said if _kind(each) == (key, memory, shared))
        size = [_is(KARPENTER_MEMORY, memory)] if memory else []
        found.append((_is(key, *values), *size, *(() if shared else _WHOLE[key])))
    return tuple(found)


def _kind(sign: Sign) -> tuple[str, str, bool]:
    """Signs that one alternative can ask for together. GPU Feature Discovery gives GPUs that pods share a name of their
    own: who names that wants it so.
    """
    key, value, memory = sign
    return key, memory or "", key == PRODUCT and value.endswith("-SHARED")


def _is(key: str, *values: str) -> Body:
    return {"key": key, "operator": "In", "values": list(values)}


def _not(key: str, *values: str) -> Body:
    return {"key": key, "operator": "NotIn", "values": list(values)}


_UNSHARED = _not(SHARING, "mps", "time-slicing")
_SOLD: Alternative = (_UNSHARED, _not("nvidia.com/mig.strategy", "mixed", "single"))
#: What else a node must not say. GPU Feature Discovery has names of their own for slices and for GPUs that pods share,
#: unless the latter was turned off. What clouds say is what the machine was sold with, whatever it was made into.
_WHOLE: Mapping[str, Alternative] = {
    PRODUCT: (_UNSHARED,),
    GKE: ({"key": GKE_SHARING, "operator": "DoesNotExist"}, {"key": GKE_SLICE, "operator": "DoesNotExist"}),
    KARPENTER: _SOLD,
    EKS: _SOLD,
}
