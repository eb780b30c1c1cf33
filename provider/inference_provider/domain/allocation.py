"""What one container is given of a node: CPU, memory, GPUs."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import Cpu, GpuCount, LabelValue, Memory
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

    def said(self) -> dict[str, object]:
        """What is asked for, in canonical amounts; no GPUs and no mention of GPUs are the same."""
        given: dict[str, object] = self.model_dump(by_alias=True, exclude_none=True)
        return {key: value for key, value in given.items() if value != 0}
