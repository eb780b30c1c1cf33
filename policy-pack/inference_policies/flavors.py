"""Is the hardware that a pod asks for one of those that people have a name for? The names are a Policy's."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from inference_policies.pods import SLICED, Hardware
from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.policy import PolicyFlavor, PolicyInputs
from inference_provider.placement.flavors import (
    CPU,
    EKS,
    GKE,
    KARPENTER,
    KARPENTER_MEMORY,
    MODELS,
    PRODUCT,
    Sign,
    signs,
)


def _known(name: str) -> str:
    if name != CPU and not signs(name):
        raise ValueError(f"{name!r} is no hardware that is known of; there are {', '.join([CPU, *MODELS])}")
    return name


#: A name that nobody knows would never match, and so refuse what nobody meant.
Flavor = Annotated[str, AfterValidator(_known)]


def flavor_of(hardware: Hardware, names: Collection[str]) -> str | None:
    """Which of the flavors it is, in this order; None when it is none of them, or the program does not say."""
    if not hardware.asked:
        return CPU if CPU in names else None
    every = [_flavors(each, hardware.node_labels, names) for each in hardware.asked]
    return next((name for name in names if all(name in each for each in every)), None)


def within(policies: Collection[PolicyInputs], names: Collection[str]) -> bool:
    """Whether Policies about hardware leave no GPU together that is none of these flavors."""
    every = [frozenset[Sign]().union(*(signs(each.name) for each in _gpus(policy))) for policy in policies]
    left = frozenset.intersection(*every) if every else frozenset[Sign]()
    return bool(left) and left <= frozenset[Sign]().union(*(signs(name) for name in names))


def _gpus(policy: PolicyInputs) -> Iterator[PolicyFlavor]:
    return (each for each in policy.flavors if each.type == "gpu")


def described(hardware: Hardware) -> str:
    """What the program says of it."""
    if not hardware.asked:
        return "no GPU"
    models = [each.gpu_model for each in hardware.asked]
    labels = [f"{key}={value}" for key, value in hardware.node_labels.items() if key in (PRODUCT, GKE, EKS, KARPENTER)]
    sliced = [f"{key}={value}" for key, value in hardware.node_labels.items() if key in SLICED]
    said = [model for model in dict.fromkeys(models) if model] + labels + sliced
    count = f"{hardware.gpus} GPU" + ("s" if hardware.gpus > 1 else "")
    return f"{count} ({', '.join(said)})" if said else f"{count} of any model"


def _flavors(asked: ResourceAllocation, labels: Mapping[str, str], names: Collection[str]) -> set[str]:
    said = set(_signs(asked, labels))
    return {name for name in names if said & signs(name)}


def _signs(asked: ResourceAllocation, labels: Mapping[str, str]) -> Iterator[Sign]:
    """Every way in which the program says which GPU. A part of one does not pass for the whole."""
    if any(key in labels for key in SLICED):
        return
    if asked.gpu_model is not None:
        yield PRODUCT, asked.gpu_model, None
    for key in (PRODUCT, GKE, EKS):
        if key in labels:
            yield key, labels[key], None
    if KARPENTER in labels:
        yield KARPENTER, labels[KARPENTER], None
        yield KARPENTER, labels[KARPENTER], labels.get(KARPENTER_MEMORY)
