"""What a program may say in the allocation part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/allocation.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import TypedDict

from pulumi import Input


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
