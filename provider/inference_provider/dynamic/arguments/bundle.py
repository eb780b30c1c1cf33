"""What a program may say in the bundle part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/bundle.py; not edited by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class TolerationArgs:
    """A taint of nodes that the pods do not mind."""

    key: Input[str] | None = None
    """The taint's key. Default: every key."""

    operator: Input[Literal["Equal", "Exists"] | str] | None = None
    """Equal (default): the value must be the same. Exists: any value will do."""

    value: Input[str] | None = None
    """The taint's value, with operator Equal. Default: empty."""

    effect: Input[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | str] | None = None
    """The taint's effect. Default: every effect."""


class TolerationArgsDict(TypedDict, total=False):
    """A taint of nodes that the pods do not mind."""

    key: Input[str] | None
    """The taint's key. Default: every key."""

    operator: Input[Literal["Equal", "Exists"] | str] | None
    """Equal (default): the value must be the same. Exists: any value will do."""

    value: Input[str] | None
    """The taint's value, with operator Equal. Default: empty."""

    effect: Input[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | str] | None
    """The taint's effect. Default: every effect."""


@dataclass(kw_only=True)
class ResourceBundleArgs:
    """A kind of hardware with a name, and what a pod on it costs."""

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

    name: Input[str]
    """What people call it, such as h100-80gb."""

    node_selector: Input[Mapping[str, Input[str]]] | None = None
    """Labels that the nodes must have, keys as written: a node pool, for instance. Default: none."""

    tolerations: Input[Sequence[Input[TolerationArgs | TolerationArgsDict]]] | None = None
    """Taints of the nodes that the pods do not mind. Default: none."""

    env: Input[Mapping[str, Input[str]]] | None = None
    """Environment variables of the main container on this hardware, over those of the artifact, names as written;
    its `args` may use one as $(NAME). Default: none.
    """

    price_per_hour: Input[float] | None = None
    """What one pod costs per hour, in any currency. Default: not known."""


class ResourceBundleArgsDict(TypedDict, total=False):
    """A kind of hardware with a name, and what a pod on it costs."""

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

    name: Required[Input[str]]
    """What people call it, such as h100-80gb."""

    node_selector: Input[Mapping[str, Input[str]]] | None
    """Labels that the nodes must have, keys as written: a node pool, for instance. Default: none."""

    tolerations: Input[Sequence[Input[TolerationArgs | TolerationArgsDict]]] | None
    """Taints of the nodes that the pods do not mind. Default: none."""

    env: Input[Mapping[str, Input[str]]] | None
    """Environment variables of the main container on this hardware, over those of the artifact, names as written;
    its `args` may use one as $(NAME). Default: none.
    """

    price_per_hour: Input[float] | None
    """What one pod costs per hour, in any currency. Default: not known."""
