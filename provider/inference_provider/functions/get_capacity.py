"""How many GPUs are free, on which nodes, and would so many pods fit?"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.converge.capacity import gpus_for, look_at_quotas
from inference_provider.domain.fields import LabelValue, Namespace, Whole
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.quantity import canonical_memory
from inference_provider.functions.function import Answer, Function
from inference_provider.manifests.hardware import least_mib
from inference_provider.manifests.priority import priority_class_name
from inference_provider.placement.capacity import NodeFree, free_gpus
from inference_provider.placement.fit import Demand
from inference_provider.placement.quota import GPUS, Ask, Count, counts
from inference_provider.placement.surge import Gpus, fits_together
from inference_provider.placement.waiting import waiting_demands
from inference_provider.resources.world import Properties, World


class GetCapacityInputs(Input):
    """Which GPUs, and, if that is asked, for how many pods."""

    gpu_model: Annotated[
        LabelValue | None,
        Field(description="Only nodes with this value of their label nvidia.com/gpu.product. Default: every model."),
    ] = None
    gpu_memory: Annotated[
        Annotated[str, AfterValidator(canonical_memory)] | None,
        Field(description="The least memory of each GPU, such as 80Gi. Default: any."),
    ] = None
    pods: Annotated[
        Whole | None, Field(ge=1, description="Would so many more pods fit? Default: that is not asked.")
    ] = None
    gpus_per_pod: Annotated[
        Whole, Field(ge=1, description="GPUs of each of these pods, all on one node. Default 1.")
    ] = 1
    namespace: Annotated[
        Namespace | None, Field(description="Whose quotas count, too. Default: the provider's namespace.")
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """GPUs of no pods are no question."""
        if given.has("gpusPerPod") and not given.has("pods"):
            yield ("gpusPerPod",), "says how large pods are, but not how many; add `pods`, or leave this out"

    @property
    def memory_mib(self) -> int | None:
        """The least memory of each GPU in MiB."""
        return least_mib(self.gpu_memory) if self.gpu_memory is not None else None


class NodeCapacity(Answer):
    """One node that takes pods and has such GPUs."""

    name: Annotated[str, Field(description="Its name.")]
    gpu_model: Annotated[str | None, Field(description="Model of its GPUs; null where no label tells.")]
    gpu_memory_mib: Annotated[int | None, Field(description="MiB of one of its GPUs; null where no label tells.")]
    gpus: Annotated[int, Field(description="GPUs that it offers.")]
    used: Annotated[int, Field(description="GPUs that pods on it hold, those included that are leaving.")]
    free: Annotated[int, Field(description="GPUs that nobody holds.")]
    tainted: Annotated[bool, Field(description="Whether only pods with a toleration may run there; then not in sums.")]


class QuotaCapacity(Answer):
    """What a ResourceQuota of the namespace leaves of GPUs or pods."""

    quota: Annotated[str, Field(description="Its name.")]
    resource: Annotated[str, Field(description="As the quota calls it, such as requests.nvidia.com/gpu.")]
    left: Annotated[str, Field(description="What is left of it, as Kubernetes writes amounts.")]
    hard: Annotated[str, Field(description="What it allows in all.")]


class CapacityAnswer(Answer):
    """GPUs of the whole cluster."""

    gpus: Annotated[int, Field(description="GPUs on nodes that our pods may run on.")]
    used: Annotated[int, Field(description="Those of them that pods hold.")]
    free: Annotated[int, Field(description="Those of them that nobody holds.")]
    waiting: Annotated[int, Field(description="GPUs that pods without a node wait for, of any model.")]
    nodes: Annotated[list[NodeCapacity], Field(description="Nodes that are ready and have such GPUs, by name.")]
    quotas: Annotated[
        list[QuotaCapacity],
        Field(description="What the namespace's quotas leave pods of default importance; empty: none, or no right."),
    ]
    fits: Annotated[
        bool | None,
        Field(description="Whether `pods` find room beside those that wait already, and in quotas; null: not asked."),
    ]
    missing: Annotated[int | None, Field(description="GPUs of pods that find none; null: not asked.")]
    said: Annotated[str | None, Field(description="The same in a sentence; null: not asked.")]


async def ask(world: World, asked: GetCapacityInputs) -> CapacityAnswer:
    """As it is now. Raises Forbidden without the right to list nodes, and pods of all namespaces."""
    demand = Demand(asked.pods or 1, asked.gpus_per_pod, asked.gpu_model, asked.memory_mib)
    cluster = await world.connect()
    found = await gpus_for(cluster, [demand])
    one = Ask(demand.pods, {GPUS: Fraction(demand.gpus_per_pod)}, priority_class_name("low"), bare=True)
    left = counts([one], await look_at_quotas(cluster, asked.namespace or world.namespace))
    every = free_gpus(found.nodes, found.bound, model=asked.gpu_model, memory_mib=asked.memory_mib, tainted=True)
    ours = [each for each in every if not each.taints]
    sums = {
        "gpus": sum(each.allocatable for each in ours),
        "used": sum(each.used for each in ours),
        "free": sum(each.free for each in ours),
        "waiting": sum(each.gpus for each in waiting_demands(found.unbound)),
    }
    fit = _fit(demand, found, left) if asked.pods is not None else {"fits": None, "missing": None, "said": None}
    return CapacityAnswer.model_validate({**sums, "nodes": _nodes(every), "quotas": _quotas(left), **fit})


def _nodes(found: Sequence[NodeFree]) -> list[Properties]:
    return [
        {
            "name": each.name,
            "gpuModel": each.model,
            "gpuMemoryMib": each.memory_mib,
            "gpus": each.allocatable,
            "used": each.used,
            "free": each.free,
            "tainted": bool(each.taints),
        }
        for each in found
    ]


def _quotas(found: Sequence[Count]) -> list[Properties]:
    said: list[Properties] = []
    for each in found:
        _, left, hard = each.written
        said.append({"quota": each.quota, "resource": each.resource, "left": left, "hard": hard})
    return said


def _fit(demand: Demand, found: Gpus, left: Sequence[Count]) -> Properties:
    fit = fits_together([demand], found)[0]
    short = [each.sentence for each in left if each.short]
    return {"fits": fit.fits and not short, "missing": fit.missing, "said": "; ".join([fit.sentence, *short])}


GET_CAPACITY = Function(
    name="getCapacity",
    description="How many GPUs are free, on which nodes, and would so many pods fit? A pod's GPUs are on one node, so "
    "five free ones on five nodes are no place for a pod that needs two; and the namespace's quotas count, too. Needs "
    "the right to list nodes, and pods of all namespaces.",
    arguments=GetCapacityInputs,
    answer=CapacityAnswer,
    ask=ask,
)
