"""How an artifact runs: how many pods, and what each container is given."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from inference_provider.domain.artifact import name_taken_twice
from inference_provider.domain.autoscaling import RESOURCES, Autoscaling, Scaling, unmeasured
from inference_provider.domain.fields import ContainerName, Cpu, GpuCount, GroupName, LabelValue, Memory, Whole, not_yet
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.quantity import cpu_millis, memory_bytes


def _enough_cpu(canonical: str) -> str:
    if cpu_millis(canonical) < 100:
        raise ValueError(f"is {canonical}, but must be at least a tenth of a core (0.1 or 100m)")
    return canonical


def _enough_memory(canonical: str) -> str:
    if memory_bytes(canonical) < 1024**2:
        raise ValueError(f"is only {memory_bytes(canonical)} bytes; give a unit, as in 16Gi")
    return canonical


class ResourceAllocation(Input):
    """What one container is given; requests and limits are the same."""

    cpu: Annotated[
        Annotated[Cpu, AfterValidator(_enough_cpu)] | None,
        Field(description="CPU cores, at least 0.1: a number, or text such as 500m. Default: no request."),
    ] = None
    memory: Annotated[
        Annotated[Memory, AfterValidator(_enough_memory)] | None,
        Field(description="Memory: 16Gi (1024-based), 15GB (1000-based) or bytes. Default: no request."),
    ] = None
    gpu: Annotated[GpuCount | None, Field(description="Whole GPUs. Default: none.")] = None
    gpu_memory: Annotated[
        Annotated[Memory, AfterValidator(_enough_memory)] | None,
        Field(
            description="The least memory that each of the GPUs must have, such as 80Gi; only nodes whose GPUs have it "
            "are used (node label nvidia.com/gpu.memory). Default: any."
        ),
    ] = None
    gpu_model: Annotated[
        LabelValue | None,
        Field(
            description="The GPU model that the nodes must have: the exact value of their label "
            "nvidia.com/gpu.product, such as NVIDIA-H100-80GB-HBM3. Default: any."
        ),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """What is said about the GPU needs a GPU."""
        if given.has("gpu") and given.get("gpu") not in (0, "0"):
            return
        for field in ("gpuMemory", "gpuModel"):
            if given.has(field):
                yield (field,), "says which GPU, but no `gpu` is asked for; add `gpu`, or leave this out"


class ContainerOverride(Input):
    """What one container of a group is given."""

    name: Annotated[ContainerName, Field(description="A container of the artifact's group.")]
    resource_allocation: Annotated[ResourceAllocation | None, Field(description="CPU, memory and GPUs.")] = None


def _model(container: Given) -> str | None:
    return container.child("resourceAllocation").text("gpuModel")


def _unmeasured(given: Given) -> Iterator[Broken]:
    """A utilization is a share of what is asked for; bundles ask for everything."""
    containers = [] if given.has("resourceBundles") else given.children("containers")
    for metric, resource in unmeasured(given):
        for index, container in containers:
            if not container.child("resourceAllocation").has(resource):
                where = ("containers", index, "resourceAllocation", resource)
                yield where, f"is required: `{metric}` is the share of it that is used"


class GroupRuntime(Input):
    """How one container group runs."""

    name: Annotated[GroupName, Field(description='A group of the artifact. Default "default".')] = "default"
    replica_count: Annotated[Whole, Field(ge=1, description="How many pods. Default 1.")] = 1
    autoscaling: Annotated[
        Autoscaling | None, Field(description="Let load decide how many pods there are, instead of `replicaCount`.")
    ] = None
    resource_bundles: Annotated[
        tuple[object, ...],
        not_yet(default=()),
        Field(description="Resource bundles in order of preference. Not yet supported."),
    ] = ()
    bundle_selection_policy: Annotated[
        Literal["availability"], Field(description="How a bundle is chosen: availability (default).")
    ] = "availability"
    containers: Annotated[
        tuple[ContainerOverride, ...], Field(description="What each container is given; others get no request.")
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """A fixed count or a scaled one, which can be measured, and no container twice."""
        scaling = given.has("autoscaling") and given.child("autoscaling").get("enabled") is not False
        if given.has("replicaCount") and scaling:
            yield (
                ("replicaCount",),
                "cannot be given together with `autoscaling`, which sets the count",
            )
        yield from _unmeasured(given)
        yield from name_taken_twice(given, "containers", default=None)
        models = [(index, _model(container)) for index, container in given.children("containers")]
        known = [(index, model) for index, model in models if model is not None]
        for index, model in known:
            if model != known[0][1]:
                where = ("containers", index, "resourceAllocation", "gpuModel")
                yield where, f"the containers of a pod share one node, and {known[0][1]!r} is asked for as well"

    @property
    def scaling(self) -> Scaling | None:
        """Between which counts load decides; None where the count is fixed."""
        return self.autoscaling.scaling if self.autoscaling is not None else None

    @property
    def first_count(self) -> int:
        """How many pods there are where none have been yet."""
        return self.scaling.least if self.scaling is not None else self.replica_count

    def candidate_count(self, running: int | None) -> int:
        """How many pods a new version starts with, where that which serves has ``running``."""
        count = running or self.first_count
        return self.scaling.bounded(count) if self.scaling is not None else count

    def unasked(self, containers: Iterable[str]) -> list[str]:
        """Sentences about containers of the group whose use cannot be measured, though it is to be scaled by that."""
        metrics = self.scaling.targets if self.scaling is not None and not self.resource_bundles else {}
        needed = [(metric, RESOURCES[metric]) for metric in metrics if metric in RESOURCES]
        return [
            f"`{metric}` needs `{resource}` of every container of the group, and `{name}` is given none"
            for metric, resource in needed
            for name in containers
            if getattr(self.allocation(name), resource) is None
        ]

    def allocation(self, container: str) -> ResourceAllocation:
        """What the container of that name is given; nothing when it is not listed."""
        named = (override.resource_allocation for override in self.containers if override.name == container)
        return next(named, None) or ResourceAllocation()


class Runtime(Input):
    """How the groups of an artifact run. Groups that are not listed run once, without requests."""

    container_groups: Annotated[
        tuple[GroupRuntime, ...], Field(description="One entry for each group of the artifact that needs one.")
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """No group twice."""
        yield from name_taken_twice(given, "containerGroups", default="default")

    def group(self, name: str) -> GroupRuntime:
        """The entry of that group, or the defaults."""
        return next((group for group in self.container_groups if group.name == name), GroupRuntime(name=name))

    @property
    def scalings(self) -> dict[str, Scaling]:
        """The groups that load scales."""
        return {each.name: each.scaling for each in self.container_groups if each.scaling is not None}

    def replicas(self, group: str) -> int:
        """How many pods the group should have, or start with where load decides; 1 when it is not listed."""
        return self.group(group).first_count
