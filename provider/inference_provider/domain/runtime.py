"""How an artifact runs: how many pods, and what each container is given."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.artifact import name_taken_twice
from inference_provider.domain.autoscaling import RESOURCES, Autoscaling, Scaling, unmeasured
from inference_provider.domain.bundle import ResourceBundle, bundle_faults, choice_faults
from inference_provider.domain.fields import ContainerName, GroupName, Whole
from inference_provider.domain.model import Broken, Given, Input

#: The fixed count of a group, as either spelling has it.
_FIXED = ("replicaCount", "replica_count")


class ContainerOverride(Input):
    """What one container of a group is given."""

    name: Annotated[ContainerName, Field(description="A container of the artifact's group.")]
    resource_allocation: Annotated[
        ResourceAllocation | None, Field(description="CPU, memory and GPUs. Default: no request.")
    ] = None


def _model(container: Given) -> str | None:
    return container.child("resourceAllocation").text("gpuModel")


def _unmeasured(given: Given) -> Iterator[Broken]:
    """A utilization is a share of what is asked for: by each container, or by each bundle for the main one."""
    bundles = given.children("resourceBundles")
    for metric, resource in unmeasured(given):
        said = f"is required: `{metric}` is the share of it that is used"
        for index, bundle in bundles:
            if not bundle.has(resource):
                yield ("resourceBundles", index, resource), said
        for index, container in () if bundles else given.children("containers"):
            allocation = container.child("resourceAllocation")
            if not container.is_amiss("resourceAllocation") and not allocation.has(resource):
                yield ("containers", index, "resourceAllocation", resource), said


class GroupRuntime(Input):
    """How one container group runs."""

    name: Annotated[GroupName, Field(description='A group of the artifact. Default "default".')] = "default"
    replica_count: Annotated[Whole, Field(ge=1, description="How many pods. Default 1.")] = 1
    autoscaling: Annotated[
        Autoscaling | None,
        Field(description="Let load decide how many pods there are, instead of `replicaCount`. Default: it does not."),
    ] = None
    resource_bundles: Annotated[
        tuple[ResourceBundle, ...],
        Field(
            description="Kinds of hardware in order of preference, at most 8. Each version gets one of them, for its "
            "group's main container: the first at an update, a later one at creation or with `surge: fallback`, when "
            "those before it have no room. Default: none."
        ),
    ] = ()
    bundle_selection_policy: Annotated[
        Literal["availability"],
        Field(description="How a bundle is chosen: availability (default), the first in order that has room."),
    ] = "availability"
    containers: Annotated[
        tuple[ContainerOverride, ...], Field(description="What each container is given. Default: no request.")
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
        yield from bundle_faults(given)
        models = [(index, _model(container)) for index, container in given.children("containers")]
        known = [(index, model) for index, model in models if model is not None]
        for index, model in known:
            if model != known[0][1]:
                where = ("containers", index, "resourceAllocation", "gpuModel")
                yield where, f"the containers of a pod share one node, and {known[0][1]!r} is asked for as well"

    @model_serializer(mode="wrap")
    def _readable_again(self, dump: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Where load decides, the default of a fixed count is not said: nobody may give both, and records are read."""
        said: dict[str, object] = dump(self)
        return {key: value for key, value in said.items() if self.scaling is None or key not in _FIXED}

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
        tuple[GroupRuntime, ...],
        Field(description="One entry for each group of the artifact that needs one. Default: none."),
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """No group twice, and not too many ways to choose their bundles."""
        yield from name_taken_twice(given, "containerGroups", default="default")
        yield from choice_faults(given)

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
