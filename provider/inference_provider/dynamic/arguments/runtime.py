"""What a program may say in the runtime part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/runtime.py; not edited by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input

from inference_provider.dynamic.arguments.allocation import ResourceAllocationArgs, ResourceAllocationArgsDict
from inference_provider.dynamic.arguments.autoscaling import AutoscalingArgs, AutoscalingArgsDict
from inference_provider.dynamic.arguments.bundle import ResourceBundleArgs, ResourceBundleArgsDict


@dataclass(kw_only=True)
class ContainerOverrideArgs:
    """What one container of a group is given."""

    name: Input[str]
    """A container of the artifact's group."""

    resource_allocation: Input[ResourceAllocationArgs | ResourceAllocationArgsDict] | None = None
    """CPU, memory and GPUs. Default: no request."""


class ContainerOverrideArgsDict(TypedDict, total=False):
    """What one container of a group is given."""

    name: Required[Input[str]]
    """A container of the artifact's group."""

    resource_allocation: Input[ResourceAllocationArgs | ResourceAllocationArgsDict] | None
    """CPU, memory and GPUs. Default: no request."""


@dataclass(kw_only=True)
class GroupRuntimeArgs:
    """How one container group runs."""

    name: Input[str] | None = None
    """A group of the artifact. Default 'default'."""

    replica_count: Input[int] | None = None
    """How many pods. Default 1."""

    autoscaling: Input[AutoscalingArgs | AutoscalingArgsDict] | None = None
    """Let load decide how many pods there are, instead of `replicaCount`. Default: it does not."""

    resource_bundles: Input[Sequence[Input[ResourceBundleArgs | ResourceBundleArgsDict]]] | None = None
    """Kinds of hardware in order of preference, at most 8. Each version gets one of them, for its group's main
    container: the first at an update, a later one at creation or with `surge: fallback`, when those before it
    have no room. Default: none.
    """

    bundle_selection_policy: Input[Literal["availability"] | str] | None = None
    """How a bundle is chosen: availability (default), the first in order that has room."""

    containers: Input[Sequence[Input[ContainerOverrideArgs | ContainerOverrideArgsDict]]] | None = None
    """What each container is given. Default: no request."""


class GroupRuntimeArgsDict(TypedDict, total=False):
    """How one container group runs."""

    name: Input[str] | None
    """A group of the artifact. Default 'default'."""

    replica_count: Input[int] | None
    """How many pods. Default 1."""

    autoscaling: Input[AutoscalingArgs | AutoscalingArgsDict] | None
    """Let load decide how many pods there are, instead of `replicaCount`. Default: it does not."""

    resource_bundles: Input[Sequence[Input[ResourceBundleArgs | ResourceBundleArgsDict]]] | None
    """Kinds of hardware in order of preference, at most 8. Each version gets one of them, for its group's main
    container: the first at an update, a later one at creation or with `surge: fallback`, when those before it
    have no room. Default: none.
    """

    bundle_selection_policy: Input[Literal["availability"] | str] | None
    """How a bundle is chosen: availability (default), the first in order that has room."""

    containers: Input[Sequence[Input[ContainerOverrideArgs | ContainerOverrideArgsDict]]] | None
    """What each container is given. Default: no request."""


@dataclass(kw_only=True)
class RuntimeArgs:
    """How the groups of an artifact run. Groups that are not listed run once, without requests."""

    container_groups: Input[Sequence[Input[GroupRuntimeArgs | GroupRuntimeArgsDict]]] | None = None
    """One entry for each group of the artifact that needs one. Default: none."""


class RuntimeArgsDict(TypedDict, total=False):
    """How the groups of an artifact run. Groups that are not listed run once, without requests."""

    container_groups: Input[Sequence[Input[GroupRuntimeArgs | GroupRuntimeArgsDict]]] | None
    """One entry for each group of the artifact that needs one. Default: none."""
