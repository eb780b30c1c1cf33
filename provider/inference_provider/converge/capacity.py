"""How many GPUs are free for a Workload's pods: asked of the cluster, counted by placement."""

import asyncio
from collections.abc import Iterator, Sequence

from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError, NoRoom
from inference_provider.health.deployment import pods_of
from inference_provider.manifests.kinds import LIMIT_RANGE, NODE, POD, RESOURCE_QUOTA, Body
from inference_provider.manifests.pod import GPU_PRODUCT
from inference_provider.placement.fit import Demand, Fit
from inference_provider.placement.preemption import places_promised
from inference_provider.placement.quota import Ask, asks_of_pods, shortages
from inference_provider.placement.surge import Gpus, fits_together
from inference_provider.placement.waiting import outstanding
from inference_provider.rollout.fleet import Proton, Role

#: Between two countings while somebody waits (seconds).
FRESH_SECONDS = 5.0


async def look_at_gpus(cluster: Cluster, demands: Sequence[Demand], *, lately: bool = False) -> Gpus | None:
    """Every node that could do for the demands, and who uses its GPUs; None when we may not look."""
    try:
        return await gpus_for(cluster, demands, lately=lately)
    except ClusterError:
        return None


async def gpus_for(cluster: Cluster, demands: Sequence[Demand], *, lately: bool = False) -> Gpus:
    """The same. Only nodes with such GPUs are asked for their pods. Raises ClusterErrors when we may not look.

    ``lately``: as it was a few seconds ago will do, where hundreds of Workloads ask at once, and ask again.
    """
    models = {demand.model for demand in demands}
    chosen = f"{GPU_PRODUCT}={models.copy().pop()}" if len(models) == 1 and all(models) else GPU_PRODUCT
    listing = cluster.known_all if lately else cluster.list
    nodes = await listing(NODE, None, labels=chosen)
    fields = [f"spec.nodeName={node['metadata']['name']}" for node in nodes]
    lists = await asyncio.gather(*(listing(POD, None, fields=each) for each in [*fields, "spec.nodeName="]))
    return Gpus(nodes, [pod for each in lists[:-1] for pod in each], lists[-1])


async def look_at_quotas(cluster: Cluster, namespace: str, *, lately: bool = False) -> list[Body]:
    """The ResourceQuotas of a namespace; none when we may not look: then they are met when pods are refused."""
    listing = cluster.known_all if lately else cluster.list
    try:
        return await listing(RESOURCE_QUOTA, namespace)
    except ClusterError:
        return []


async def look_at_limits(cluster: Cluster, namespace: str) -> list[Body] | None:
    """The LimitRanges of a namespace; None when we may not look."""
    try:
        return await cluster.known_all(LIMIT_RANGE, namespace)
    except ClusterError:
        return None


class Room:
    """Counts free GPUs for a proton that waits for nodes, not more often than is useful, and not for ever.

    ``seconds`` is the longest wait without a break; None leaves that to the operation's own deadline.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._at = float("-inf")
        self._fit: Fit | None = None
        self._saving: Proton | None = None
        self._asked = float("-inf")

    async def said(self, op: Operation, proton: Proton) -> str | None:
        """A sentence such as "waits for GPUs: needs 4 × … : 2 free on gpu-h100-1; 2 missing"; None when unknown."""
        promised = places_promised(proton.pods)
        if promised:
            return f"waits for GPUs: pods of lower importance make room on {', '.join(promised)}"
        await self._count(op, proton)
        return f"waits for GPUs: {self._fit.sentence}" if self._fit is not None else None

    async def in_the_way(self, op: Operation, proton: Proton) -> Proton | None:
        """The kept proton of this Workload whose GPUs are just what is missing, if there is such a one.

        None while others make room already: our own way back is not to be given on top.
        """
        if places_promised(proton.pods):
            return None
        await self._count(op, proton)
        return self._saving

    async def over_quota(self, op: Operation, proton: Proton) -> Proton | None:
        """The kept proton of this Workload whose pods are just what a quota counts too many, if there is such a one."""
        now = asyncio.get_running_loop().time()
        kept = op.fleet().of_role(Role.RETAINED)
        if not kept or now - self._asked < FRESH_SECONDS:
            return None
        self._asked = now
        asks = list(_unmade(proton))
        quotas = await look_at_quotas(op.cluster, op.namespace)
        if not shortages(asks, quotas):
            return None
        return next((each for each in kept if not shortages(asks, quotas, ending=each.pods)), None)

    def check(self, *, waits: bool, text: str) -> None:
        """Note that the proton waits for room, or does not any more. Raises NoRoom when it has for too long."""
        now = asyncio.get_running_loop().time()
        if not waits:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if self._seconds is not None and now - self._since >= self._seconds:
            raise NoRoom(
                f"{text}. There was no room for {self._seconds / 60:g} min, which is all that "
                "`replacement.surgeWaitMinutes` allows",
                touched=True,
            )

    async def _count(self, op: Operation, proton: Proton) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._at < FRESH_SECONDS:
            return
        self._at, self._fit, self._saving = now, None, None
        demand = outstanding(proton.pods, proton.replicas())
        if demand is None:
            return
        gpus = await look_at_gpus(op.cluster, [demand], lately=True)
        if gpus is None:
            return
        ours = uids([pod for pod in proton.pods if not pod["spec"].get("nodeName")])
        (self._fit,) = fits_together([demand], gpus, ours=ours)
        for kept in op.fleet().of_role(Role.RETAINED) if not self._fit.fits else ():
            (without,) = fits_together([demand], gpus, ours=ours, ending=uids(kept.pods))
            if without.fits:
                self._saving = kept


def _unmade(proton: Proton) -> Iterator[Ask]:
    """The pods of each group that the API server has not let be made."""
    for each in proton.deployments:
        there = len(pods_of(each, proton.pods))
        if (missing := int(each["spec"].get("replicas", 1)) - there) > 0:
            yield asks_of_pods(each["spec"]["template"]["spec"], missing)


def uids(pods: Sequence[Body]) -> list[str]:
    """The uids of pods."""
    return [pod["metadata"]["uid"] for pod in pods]
