"""One look at a Workload without watching it: for refresh, for questions, for previews."""

import asyncio
from dataclasses import dataclass, replace

from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import label
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.kinds import (
    DEPLOYMENT,
    HORIZONTAL_POD_AUTOSCALER,
    JOB,
    POD,
    ROLE,
    ROLE_BINDING,
    SERVICE,
    Body,
    Kind,
)
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.roles import PART
from inference_provider.rollout.fleet import Fleet, observe
from inference_provider.rollout.sharing import is_shared


@dataclass(frozen=True)
class Snapshot:
    """All objects of one Workload at one time."""

    found: dict[Kind, list[Body]]

    def objects(self, kind: Kind) -> list[Body]:
        """The objects of a kind."""
        return self.found.get(kind, [])


async def look_around(cluster: Cluster, namespace: str) -> dict[str, Fleet]:
    """Every Workload of a namespace by name, without its pods: three requests, however many there are, and one more
    where load scales any, two where one is shared.
    """
    chosen, kinds = f"app.kubernetes.io/managed-by={labels.MANAGED_BY}", (SERVICE, DEPLOYMENT, JOB)
    lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in kinds))
    by_name: dict[str, dict[Kind, list[Body]]] = {}
    for kind, bodies in zip(kinds, lists, strict=True):
        for body in bodies:
            by_name.setdefault(label(body, labels.WORKLOAD) or "", {}).setdefault(kind, []).append(body)
    anchors = {name: _anchor(name, found.get(SERVICE, [])) for name, found in by_name.items()}
    fleets = {name: observe(each, Snapshot(by_name[name]).objects) for name, each in anchors.items() if each}
    return await _with_sharing(cluster, namespace, await _with_autoscalers(cluster, namespace, fleets))


async def _with_autoscalers(cluster: Cluster, namespace: str, fleets: dict[str, Fleet]) -> dict[str, Fleet]:
    """The same, with the autoscalers of those that want any. Who may not look leaves them unknown."""
    scaled = [name for name, fleet in fleets.items() if scalings_of(fleet.anchor)]
    chosen = f"app.kubernetes.io/managed-by={labels.MANAGED_BY}"
    try:
        found = await cluster.list(HORIZONTAL_POD_AUTOSCALER, namespace, labels=chosen) if scaled else []
    except ClusterError:
        return fleets
    own = {name: tuple(each for each in found if label(each, labels.WORKLOAD) == name) for name in scaled}
    return fleets | {name: replace(fleets[name], autoscalers=own[name]) for name in scaled}


async def _with_sharing(cluster: Cluster, namespace: str, fleets: dict[str, Fleet]) -> dict[str, Fleet]:
    """The same, with the Roles and RoleBindings of those that are shared, or once were."""
    shared = [name for name, fleet in fleets.items() if is_shared(fleet.anchor)]
    try:
        found = await own_sharing(cluster, namespace) if shared else ()
    except ClusterError:
        return fleets
    own = {name: tuple(each for each in found if label(each, labels.WORKLOAD) == name) for name in shared}
    return fleets | {name: replace(fleets[name], sharing=own[name]) for name in shared}


async def own_sharing(cluster: Cluster, namespace: str, workload: str | None = None) -> tuple[Body, ...]:
    """The Roles and RoleBindings that we have made of a Workload, or of all of them. Raises Forbidden."""
    chosen = f"{labels.PART}={PART},app.kubernetes.io/managed-by={labels.MANAGED_BY}"
    chosen += f",{labels.WORKLOAD}={workload}" if workload is not None else ""
    found = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in (ROLE, ROLE_BINDING)))
    return tuple(body for each in found for body in each)


def _anchor(name: str, services: list[Body]) -> Body | None:
    return next((each for each in services if is_anchor(each, name) and not is_condemned(each)), None)


async def look(cluster: Cluster, namespace: str, name: str) -> Fleet | None:
    """The Workload as it is; None only when its Service is definitely gone, or going, or is not ours."""
    service = await cluster.find(SERVICE, namespace, name)
    if service is None or not is_anchor(service, name) or is_condemned(service):
        return None
    chosen = f"{labels.WORKLOAD}={name}"
    kinds = (SERVICE, DEPLOYMENT, JOB, POD)
    lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in kinds))
    return observe(service, Snapshot(dict(zip(kinds, lists, strict=True))).objects)
