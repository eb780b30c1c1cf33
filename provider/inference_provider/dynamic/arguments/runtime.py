"""What a program may say in the runtime part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/runtime.py; not edited by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input

from inference_provider.dynamic.arguments.autoscaling import AutoscalingArgs, AutoscalingArgsDict


@dataclass(kw_only=True)
class ResourceAllocationArgs:
    """What one container is given; requests and limits are the same."""

    cpu: Input[float | str] | None = None
    """CPU cores, at least 0.1: a number, or text such as 500m. Default: no request."""

    memory: Input[float | str] | None = None
    """Memory: 16Gi (1024-based), 15GB (1000-based) or bytes. Default: no request."""

    gpu: Input[int] | None = None
    """Whole GPUs. Default: none."""

    gpu_memory: Input[float | str] | None = None
    """The least memory that each of the GPUs must have, such as 80Gi; only nodes whose GPUs have it are used (node
    label nvidia.com/gpu.memory). Default: any.
    """

    gpu_model: Input[str] | None = None
    """The GPU model that the nodes must have: the exact value of their label nvidia.com/gpu.product, such as
    NVIDIA-H100-80GB-HBM3. Default: any.
    """


class ResourceAllocationArgsDict(TypedDict, total=False):
    """What one container is given; requests and limits are the same."""

    cpu: Input[float | str] | None
    """CPU cores, at least 0.1: a number, or text such as 500m. Default: no request."""

    memory: Input[float | str] | None
    """Memory: 16Gi (1024-based), 15GB (1000-based) or bytes. Default: no request."""

    gpu: Input[int] | None
    """Whole GPUs. Default: none."""

    gpu_memory: Input[float | str] | None
    """The least memory that each of the GPUs must have, such as 80Gi; only nodes whose GPUs have it are used (node
    label nvidia.com/gpu.memory). Default: any.
    """

    gpu_model: Input[str] | None
    """The GPU model that the nodes must have: the exact value of their label nvidia.com/gpu.product, such as
    NVIDIA-H100-80GB-HBM3. Default: any.
    """


@dataclass(kw_only=True)
class ContainerOverrideArgs:
    """What one container of a group is given."""

    name: Input[str]
    """A container of the artifact's group."""

    resource_allocation: Input[ResourceAllocationArgs | ResourceAllocationArgsDict] | None = None
    """CPU, memory and GPUs."""


class ContainerOverrideArgsDict(TypedDict, total=False):
    """What one container of a group is given."""

    name: Required[Input[str]]
    """A container of the artifact's group."""

    resource_allocation: Input[ResourceAllocationArgs | ResourceAllocationArgsDict] | None
    """CPU, memory and GPUs."""


@dataclass(kw_only=True)
class GroupRuntimeArgs:
    """How one container group runs."""

    name: Input[str] | None = None
    """A group of the artifact. Default 'default'."""

    replica_count: Input[int] | None = None
    """How many pods. Default 1."""

    autoscaling: Input[AutoscalingArgs | AutoscalingArgsDict] | None = None
    """Let load decide how many pods there are, instead of `replicaCount`."""

    resource_bundles: Input[Sequence[Input[object]]] | None = None
    """Resource bundles in order of preference. Not yet supported."""

    bundle_selection_policy: Input[Literal["availability"] | str] | None = None
    """How a bundle is chosen: availability (default)."""

    containers: Input[Sequence[Input[ContainerOverrideArgs | ContainerOverrideArgsDict]]] | None = None
    """What each container is given; others get no request."""


class GroupRuntimeArgsDict(TypedDict, total=False):
    """How one container group runs."""

    name: Input[str] | None
    """A group of the artifact. Default 'default'."""

    replica_count: Input[int] | None
    """How many pods. Default 1."""

    autoscaling: Input[AutoscalingArgs | AutoscalingArgsDict] | None
    """Let load decide how many pods there are, instead of `replicaCount`."""

    resource_bundles: Input[Sequence[Input[object]]] | None
    """Resource bundles in order of preference. Not yet supported."""

    bundle_selection_policy: Input[Literal["availability"] | str] | None
    """How a bundle is chosen: availability (default)."""

    containers: Input[Sequence[Input[ContainerOverrideArgs | ContainerOverrideArgsDict]]] | None
    """What each container is given; others get no request."""


@dataclass(kw_only=True)
class RuntimeArgs:
    """How the groups of an artifact run. Groups that are not listed run once, without requests."""

    container_groups: Input[Sequence[Input[GroupRuntimeArgs | GroupRuntimeArgsDict]]] | None = None
    """One entry for each group of the artifact that needs one."""


class RuntimeArgsDict(TypedDict, total=False):
    """How the groups of an artifact run. Groups that are not listed run once, without requests."""

    container_groups: Input[Sequence[Input[GroupRuntimeArgs | GroupRuntimeArgsDict]]] | None
    """One entry for each group of the artifact that needs one."""
