"""How many GPUs are free for a Workload's pods: asked of the cluster, counted by placement."""

import asyncio
from collections.abc import Sequence

from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.manifests.kinds import NODE, POD, Body
from inference_provider.manifests.pod import GPU_PRODUCT
from inference_provider.placement.capacity import free_gpus
from inference_provider.placement.fit import Demand, Fit, fits
from inference_provider.placement.waiting import outstanding, waiting_demands
from inference_provider.rollout.fleet import Proton, Role

#: Between two countings while somebody waits (seconds).
FRESH_SECONDS = 5.0


async def count(
    cluster: Cluster, demand: Demand, *, ours: Sequence[str] = (), ending: Sequence[str] = ()
) -> Fit | None:
    """Whether the demand fits now; None when we may not look at nodes or pods of all namespaces.

    ``ours`` are uids of waiting pods that are the demand itself, ``ending`` of pods that are counted as gone.
    Only nodes with such GPUs are asked for their pods.
    """
    chosen = f"{GPU_PRODUCT}={demand.model}" if demand.model else GPU_PRODUCT
    try:
        nodes = await cluster.list(NODE, None, labels=chosen)
        fields = [f"spec.nodeName={node['metadata']['name']}" for node in nodes]
        lists = await asyncio.gather(*(cluster.list(POD, None, fields=each) for each in [*fields, "spec.nodeName="]))
    except ClusterError:
        return None
    bound = [pod for each in lists[:-1] for pod in each if pod["metadata"]["uid"] not in ending]
    unbound = lists[-1]
    others = [pod for pod in unbound if pod["metadata"]["uid"] not in ours]
    free = free_gpus(nodes, bound, model=demand.model, memory_mib=demand.gpu_memory_mib)
    return fits(demand, free, waiting_demands(others))


class Room:
    """Counts free GPUs for a proton that waits for nodes, not more often than is useful."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._fit: Fit | None = None
        self._saving: Proton | None = None

    async def said(self, op: Operation, proton: Proton) -> str | None:
        """A sentence such as "waits for GPUs: needs 4 × … : 2 free on gpu-h100-1; 2 missing"; None when unknown."""
        await self._count(op, proton)
        return f"waits for GPUs: {self._fit.sentence}" if self._fit is not None else None

    async def in_the_way(self, op: Operation, proton: Proton) -> Proton | None:
        """The kept proton of this Workload whose GPUs are just what is missing, if there is such a one."""
        await self._count(op, proton)
        return self._saving

    async def _count(self, op: Operation, proton: Proton) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._at < FRESH_SECONDS:
            return
        self._at, self._fit, self._saving = now, None, None
        demand = outstanding(proton.pods, proton.replicas())
        if demand is None:
            return
        ours = _uids([pod for pod in proton.pods if not pod["spec"].get("nodeName")])
        self._fit = await count(op.cluster, demand, ours=ours)
        for kept in op.fleet().of_role(Role.RETAINED) if self._fit and not self._fit.fits else ():
            without = await count(op.cluster, demand, ours=ours, ending=_uids(kept.pods))
            if without is not None and without.fits:
                self._saving = kept


def _uids(pods: Sequence[Body]) -> list[str]:
    return [pod["metadata"]["uid"] for pod in pods]
