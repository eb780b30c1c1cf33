"""By which labels is a node known to have the GPUs that people call t4, a100-80gb or h100?

Each way in which nodes say it is one alternative: NVIDIA's GPU Feature Discovery, GKE, Karpenter on EKS, and the label
that EKS' autoscaler wants. Slices (MIG) and GPUs that several pods share do not pass for the whole one.
Sources: the label documents of GPU Feature Discovery 0.17, GKE, Karpenter 1.x and cluster-autoscaler, read 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

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
    memory: tuple[int, ...] = ()
    eks: str | None = None


_A100_40 = Model(("NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-PCIE-40GB"), "nvidia-tesla-a100", "a100", (40960,))
_A100_80 = Model(("NVIDIA-A100-SXM4-80GB", "NVIDIA-A100-80GB-PCIe"), "nvidia-a100-80gb", "a100", (81920,))
_H100_80 = Model(("NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-PCIe"), "nvidia-h100-80gb", "h100", (81920,))
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


def known(name: str) -> bool:
    """Whether this is a flavor, or a GPU exactly as GPU Feature Discovery labels it."""
    return name.lower() in MODELS or _is_product(name)


def alternatives(name: str) -> tuple[Alternative, ...]:
    """The ways in which a node may say that it has this GPU, whole and for one pod at a time; none for another name."""
    if _is_product(name):
        return (_discovered((name,)),)
    models = MODELS.get(name.lower(), ())
    products = tuple(dict.fromkeys(each for model in models for each in model.products))
    return (
        *((_discovered(products),) if products else ()),
        *(_on_gke(model.gke) for model in models if model.gke),
        *(each for model in models for each in _on_eks(model)),
    )


def _is_product(name: str) -> bool:
    return name.startswith(("NVIDIA-", "Tesla-"))


def _discovered(products: tuple[str, ...]) -> Alternative:
    """A slice has a product of its own. So has a shared GPU, unless that was turned off: then the strategy says it."""
    return _is(PRODUCT, *products), {"key": SHARING, "operator": "NotIn", "values": ["mps", "time-slicing"]}


def _on_gke(accelerator: str) -> Alternative:
    return _is(GKE, accelerator), *({"key": each, "operator": "DoesNotExist"} for each in (GKE_SLICE, GKE_SHARING))


def _on_eks(model: Model) -> tuple[Alternative, ...]:
    """What a node is sold as; where GPU Feature Discovery runs too, it must not speak of slices or sharing."""
    whole: Body = {"key": SHARING, "operator": "NotIn", "values": ["mps", "time-slicing"]}
    found: list[Alternative] = []
    if model.karpenter:
        memory = [_is(KARPENTER_MEMORY, *map(str, model.memory))] if model.memory else []
        found.append((_is(KARPENTER, model.karpenter), *memory, whole, _unsliced()))
    if model.eks:
        found.append((_is(EKS, model.eks), whole, _unsliced()))
    return tuple(found)


def _unsliced() -> Body:
    return {"key": "nvidia.com/mig.strategy", "operator": "NotIn", "values": ["single", "mixed"]}


def _is(key: str, *values: str) -> Body:
    return {"key": key, "operator": "In", "values": list(values)}
