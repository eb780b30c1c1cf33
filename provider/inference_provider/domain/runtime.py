"""How an artifact runs: how many pods, and what each container is given."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.artifact import name_taken_twice
from inference_provider.domain.bundle import ResourceBundle, bundle_faults, choice_faults
from inference_provider.domain.fields import ContainerName, GroupName, Whole, not_yet
from inference_provider.domain.model import Broken, Given, Input


class ContainerOverride(Input):
    """What one container of a group is given."""

    name: Annotated[ContainerName, Field(description="A container of the artifact's group.")]
    resource_allocation: Annotated[ResourceAllocation | None, Field(description="CPU, memory and GPUs.")] = None


def _model(container: Given) -> str | None:
    return container.child("resourceAllocation").text("gpuModel")


class GroupRuntime(Input):
    """How one container group runs."""

    name: Annotated[GroupName, Field(description='A group of the artifact. Default "default".')] = "default"
    replica_count: Annotated[Whole, Field(ge=1, description="How many pods. Default 1.")] = 1
    autoscaling: Annotated[
        dict[str, object] | None, not_yet(), Field(description="Scale by load. Not yet supported.")
    ] = None
    resource_bundles: Annotated[
        tuple[ResourceBundle, ...],
        Field(
            description="Kinds of hardware in order of preference, at most 8. Each version gets one of them, for its "
            "group's main container: the first at an update, a later one at creation or with `surge: fallback`, when "
            "those before it have no room."
        ),
    ] = ()
    bundle_selection_policy: Annotated[
        Literal["availability"],
        Field(description="How a bundle is chosen: availability (default), the first in order that has room."),
    ] = "availability"
    containers: Annotated[
        tuple[ContainerOverride, ...], Field(description="What each container is given; others get no request.")
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """A fixed count or a scaled one, and no container twice."""
        scaling = given.has("autoscaling") and given.child("autoscaling").get("enabled") is not False
        if given.has("replicaCount") and scaling:
            yield (
                ("replicaCount",),
                "cannot be given together with `autoscaling`, which sets the count",
            )
        yield from name_taken_twice(given, "containers", default=None)
        yield from bundle_faults(given)
        models = [(index, _model(container)) for index, container in given.children("containers")]
        known = [(index, model) for index, model in models if model is not None]
        for index, model in known:
            if model != known[0][1]:
                where = ("containers", index, "resourceAllocation", "gpuModel")
                yield where, f"the containers of a pod share one node, and {known[0][1]!r} is asked for as well"

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
        """No group twice, and not too many ways to choose their bundles."""
        yield from name_taken_twice(given, "containerGroups", default="default")
        yield from choice_faults(given)

    def group(self, name: str) -> GroupRuntime:
        """The entry of that group, or the defaults."""
        return next((group for group in self.container_groups if group.name == name), GroupRuntime(name=name))

    def replicas(self, group: str) -> int:
        """How many pods the group should have; 1 when it is not listed."""
        return self.group(group).replica_count
