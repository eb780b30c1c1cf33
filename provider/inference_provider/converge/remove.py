"""Removing a Workload: one delete on its anchor, then waiting until the last pod is gone."""

from itertools import islice

from inference_provider.converge.begin import LOCK_WAIT
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.former import release
from inference_provider.converge.gateway import close
from inference_provider.converge.gone import all_gone
from inference_provider.converge.ports import Cluster, Mirror, Reporter
from inference_provider.errors import Conflict, Forbidden
from inference_provider.health.conditions import is_terminating
from inference_provider.health.lingering import lingering
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    JOB,
    POD,
    POD_DISRUPTION_BUDGET,
    SERVICE,
    Body,
)
from inference_provider.rollout.sharing import is_shared

#: What a Workload owns beside the kinds that are watched, and beside its Lease.
UNWATCHED = (CONFIG_MAP, POD_DISRUPTION_BUDGET)


async def delete(
    cluster: Cluster,
    namespace: str,
    name: str,
    *,
    incarnation: str | None,
    seconds: float,
    report: Reporter,
    history_kept_by: str | None = None,
) -> bool:
    """Delete a Workload and everything it made, and nothing else. Deleting what is gone succeeds.

    False when nobody could see it end, since our rights were those under which it was shared, and went with it.

    ``history_kept_by`` is who deletes it, where its records are to outlive it; without it they go too.
    If the Service carries another ``incarnation`` than the one that this state made, somebody re-created it:
    then nothing is deleted. Raises DeadlineExceeded naming what is still there.
    """
    service = await _ours(cluster, namespace, name, incarnation=incarnation, report=report)
    deadline = Deadline.after(f"deleting Workload {namespace}/{name}", seconds, option="delete")
    if service is None:
        await _rest_gone(cluster, namespace, name, deadline, report)
        return True
    async with (
        cluster.lock(namespace, name, owner=service, wait=LOCK_WAIT) as lock,
        cluster.mirror(namespace, name) as mirror,
    ):
        # Looked at again behind the lock: whoever held it until now may have made the Workload anew.
        while (service := await _ours(cluster, namespace, name, incarnation=incarnation, report=report)) is not None:
            await lock.sure()
            if history_kept_by is not None:
                await release(cluster, service, by=history_kept_by)
            await lock.sure()  # whoever took over while this process was paused wants it to live
            if await _condemned(cluster, service):
                await close(cluster, service, report)
                break
            deadline.check(f"deleting Service {name}, which somebody keeps changing")
        else:
            return True
        try:
            await _gone(mirror, deadline, report)
            await all_gone(cluster, UNWATCHED, namespace, f"{labels.WORKLOAD}={name}", deadline, lease=name)
        except Forbidden:
            if not is_shared(service):
                raise
            report.warn(
                f"Workload {namespace}/{name} is deleted, and with it the Role that let us look. What is left of it "
                "goes by itself; an artifact that was written inside it stays"
            )
            return False
        return True


async def _rest_gone(cluster: Cluster, namespace: str, name: str, deadline: Deadline, report: Reporter) -> None:
    """An earlier deletion may have waited in vain for pods that outlive the Service: they hold their GPUs."""
    pods = await cluster.list(POD, namespace, labels=f"{labels.WORKLOAD}={name}")
    if await cluster.find(SERVICE, namespace, name) is None and any(is_terminating(pod) for pod in pods):
        async with cluster.mirror(namespace, name) as mirror:
            await _gone(mirror, deadline, report)


async def _ours(
    cluster: Cluster, namespace: str, name: str, *, incarnation: str | None, report: Reporter
) -> Body | None:
    """The anchor that this state made, if it is still there."""
    service = await cluster.find(SERVICE, namespace, name)
    if service is None or not is_anchor(service, name):
        return None
    if incarnation and annotation(service, labels.INCARNATION) != incarnation:
        report.info(f"Workload {namespace}/{name} was created anew since; what runs now is left alone")
        return None
    return service


async def _condemned(cluster: Cluster, service: Body) -> bool:
    """Delete the very object that was read; False when it has changed since."""
    meta = service["metadata"]
    version = meta["resourceVersion"]
    try:
        await cluster.delete(
            SERVICE, meta["namespace"], meta["name"], uid=meta["uid"], resource_version=version, foreground=True
        )
    except Conflict:
        return False
    return True


async def _gone(mirror: Mirror, deadline: Deadline, report: Reporter) -> None:
    """Wait for the end of everything. The lock is not asked any more: it goes with its owner."""
    while True:
        version = mirror.version
        left = [body for kind in (SERVICE, DEPLOYMENT, JOB, POD) for body in mirror.objects(kind)]
        if not left:
            return
        # Everything that owns such a pod waits for it, too: deletion is in the foreground.
        why = "; ".join(["", *islice(lingering(left), 2)])
        text = f"waiting for {len(left)} object{'s' if len(left) > 1 else ''} to be gone: {_named(left)}{why}"
        report.status(text)
        deadline.check(text)
        await mirror.changed(version, within=min(1.0, deadline.left()))


def _named(bodies: list[Body]) -> str:
    shown = ", ".join(f"{body.get('kind', 'object')} {body['metadata']['name']}" for body in bodies[:3])
    return f"{shown} and {len(bodies) - 3} more" if len(bodies) > 3 else shown
