"""Which pods may a Workload come to have: how many in each group, on which hardware, and what does one cost?

Of a group with resource bundles any of them may be chosen, so a rule has to hold for each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inference_policies.declared import Declared
from inference_policies.subjects import Artifact, Replacement, Workload
from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.runtime import GroupRuntime, Runtime
from inference_provider.placement.flavors import EKS, GKE, GKE_SHARING, GKE_SLICE, PRODUCT

#: By these labels a node says that its GPUs are given out in parts.
SLICED = (GKE_SLICE, GKE_SHARING)


@dataclass(frozen=True)
class Hardware:
    """What a pod asks for. ``asked`` are the GPUs, as a container or a bundle says them; none for a pod without."""

    said: str
    asked: tuple[ResourceAllocation, ...]
    node_labels: Mapping[str, str] = field(default_factory=dict)
    price: float | None = None

    @property
    def gpus(self) -> int:
        """How many GPUs one pod has."""
        return sum(each.gpu or 0 for each in self.asked)

    @property
    def vague(self) -> bool:
        """Whether it asks for GPUs, whole ones, and not for one model of them."""
        by_label = any(key in self.node_labels for key in (PRODUCT, GKE, EKS))
        return self.gpus > 0 and not self.sliced and not by_label and not any(each.gpu_model for each in self.asked)

    @property
    def sliced(self) -> bool:
        """Whether it asks for a part of a GPU."""
        return any(key in self.node_labels for key in SLICED)


@dataclass(frozen=True)
class Pods:
    """The pods of one group: between ``least`` and ``most``, each on one of these; None where nobody can say."""

    group: str
    least: int | None
    most: int | None
    hardware: tuple[Hardware, ...]


def hardware_of(subject: Workload | Replacement, declared: Declared) -> Iterator[tuple[str, Hardware]]:
    """Each group, and each hardware that it may get. None for a Replacement that leaves it to a Workload of another
    program. Which Workload that is, is only asked where the Replacement does not say: a first preview does not know it.
    """
    runtime = subject.runtime or _counts(subject, declared)
    if runtime is None:
        return
    for name in _names(declared.artifact_of(subject), runtime):
        yield from ((name, each) for each in _hardware(runtime.group(name)))


def pods_of(subject: Workload | Replacement, declared: Declared) -> tuple[Pods, ...]:
    """The same with how many pods each group has, which a Replacement's Workload says."""
    groups: dict[str, list[Hardware]] = {}
    for name, hardware in hardware_of(subject, declared):
        groups.setdefault(name, []).append(hardware)
    counts = _counts(subject, declared) if groups else None
    return tuple(_pods(name, tuple(hardware), counts) for name, hardware in groups.items())


def _counts(subject: Workload | Replacement, declared: Declared) -> Runtime | None:
    workload = declared.workload_of(subject)
    return workload.runtime if workload is not None else None


def _names(artifact: Artifact | None, runtime: Runtime) -> tuple[str, ...]:
    """The groups; of an Artifact that is not declared here at least those that the runtime speaks of."""
    if artifact is not None:
        return artifact.groups
    return tuple(group.name for group in runtime.container_groups) or (GroupRuntime().name,)


def _pods(name: str, hardware: tuple[Hardware, ...], counts: Runtime | None) -> Pods:
    counted = counts.group(name) if counts is not None else None
    scaling = counted.scaling if counted is not None else None
    fixed = counted.replica_count if counted is not None else None
    least, most = (scaling.least, scaling.most) if scaling is not None else (fixed, fixed)
    return Pods(name, least, most, hardware)


def _hardware(group: GroupRuntime) -> Iterator[Hardware]:
    for bundle in group.resource_bundles:
        said = f"bundle `{bundle.name}`"
        yield Hardware(said, (bundle,) if bundle.gpu else (), bundle.node_selector, bundle.price_per_hour)
    if not group.resource_bundles:
        allocations = (each.resource_allocation for each in group.containers)
        asked = tuple(each for each in allocations if each is not None and each.gpu)
        yield Hardware("its containers", asked)
