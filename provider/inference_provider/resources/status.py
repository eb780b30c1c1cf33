"""What serves, since when, what comes, what was before, and who is at it? Everything is read, nothing changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from inference_provider.converge.look import Snapshot
from inference_provider.converge.ports import Cluster
from inference_provider.errors import Forbidden, NotFound
from inference_provider.health.pod import assess_pod
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, LEASE, POD, SERVICE, Body
from inference_provider.resources.history import Past, past_of, serving_since
from inference_provider.resources.workload_outputs import observed, ready, verdict_of, version_of
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet, Proton, Role, observe
from inference_provider.rollout.hold import Hold, hold_of
from inference_provider.rollout.leftovers import leftovers


@dataclass(frozen=True)
class PodSeen:
    """One pod and how it is; ``said`` does not repeat its name, ``node`` is empty while it has none."""

    name: str
    ready: bool
    said: str
    node: str


@dataclass(frozen=True)
class Version:
    """One proton. ``number`` is ``v3`` for a locked version.

    ``until`` is when a kept one ends, ``staged`` since when one waits for promotion (RFC 3339).

    ``ending``: it is being deleted already.
    """

    revision: str
    role: str
    artifact_id: str
    number: str
    ready: int
    wanted: int
    said: str
    until: str | None
    failed: str | None
    staged: str | None
    ending: bool
    pods: tuple[PodSeen, ...]


@dataclass(frozen=True)
class LockSeen:
    """Who works on it: times (RFC 3339) are by the holder's own clock, ``lasts`` is in seconds."""

    holder: str
    since: str | None
    renewed: str | None
    lasts: float


@dataclass(frozen=True)
class Status:
    """One Workload. ``traffic`` names the revisions behind the endpoint, ``disorder`` says what is not as it should be
    (while somebody works on it, that is no news), ``unseen`` what we had no right to read.
    """

    namespace: str
    name: str
    status: str
    message: str
    endpoint: str
    revision: str | None
    artifact_id: str | None
    since: str | None
    ready: int
    wanted: int
    traffic: tuple[str, ...]
    held: Hold | None
    lock: LockSeen | None
    versions: tuple[Version, ...]
    records: tuple[Past, ...]
    disorder: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def of_role(self, role: Role) -> tuple[Version, ...]:
        """All versions in a role, oldest first."""
        return tuple(each for each in self.versions if each.role == role)


async def status(world: World, namespace: str, name: str) -> Status:
    """One Workload with its pods and its whole history. Raises NotFound with the names that there are instead."""
    cluster = await world.connect()
    anchor = await cluster.find(SERVICE, namespace, name)
    if anchor is None or not is_anchor(anchor, name):
        raise await _missing(cluster, namespace, name)
    chosen = f"{labels.WORKLOAD}={name}"
    found, records, (leases, unseen) = await asyncio.gather(
        _objects(cluster, namespace, chosen),
        cluster.list(CONFIG_MAP, namespace, labels=f"{chosen},{labels.PART}=record"),
        _leases(cluster, namespace, chosen),
    )
    return _status(observe(anchor, found.objects), records, leases, unseen)


async def listing(world: World, namespace: str) -> tuple[Status, ...]:
    """Every Workload of a namespace by name; of the records only those that tell since when it serves."""
    cluster = await world.connect()
    found, (leases, unseen) = await asyncio.gather(
        _objects(cluster, namespace, labels.WORKLOAD), _leases(cluster, namespace, labels.WORKLOAD)
    )
    fleets = [_fleet(anchor, found) for anchor in found.objects(SERVICE) if is_anchor(anchor, _name(anchor))]
    records = await asyncio.gather(*(_records_of_active(cluster, namespace, fleet) for fleet in fleets))
    seen = [_status(fleet, kept, leases, unseen) for fleet, kept in zip(fleets, records, strict=True)]
    return tuple(sorted(seen, key=lambda each: each.name))


async def _missing(cluster: Cluster, namespace: str, name: str) -> NotFound:
    services = await cluster.list(SERVICE, namespace, labels=f"{labels.PART}=endpoint")
    there = ", ".join(sorted(_name(each) for each in services))
    hint = f"There are: {there}" if there else f"There is none in namespace {namespace}; name another one with -n"
    return NotFound("find", kind="Workload", namespace=namespace, name=name, said="it is not there", advice=hint)


async def _objects(cluster: Cluster, namespace: str, chosen: str) -> Snapshot:
    kinds = (SERVICE, DEPLOYMENT, JOB, POD)
    lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in kinds))
    return Snapshot(dict(zip(kinds, lists, strict=True)))


async def _leases(cluster: Cluster, namespace: str, chosen: str) -> tuple[list[Body], tuple[str, ...]]:
    """The locks, or why they cannot be told: somebody who may only look should still see what serves."""
    try:
        return await cluster.list(LEASE, namespace, labels=chosen), ()
    except Forbidden:
        return [], (f"no right to list leases in namespace {namespace}: whether a `pulumi up` runs is unknown",)


async def _records_of_active(cluster: Cluster, namespace: str, fleet: Fleet) -> list[Body]:
    if fleet.active is None:
        return []
    chosen = {labels.WORKLOAD: _name(fleet.anchor), labels.PART: "record", labels.TEMPLATE: fleet.active.template}
    return await cluster.list(CONFIG_MAP, namespace, labels=",".join(f"{key}={value}" for key, value in chosen.items()))


def _fleet(anchor: Body, found: Snapshot) -> Fleet:
    name = _name(anchor)
    return observe(anchor, lambda kind: [each for each in found.objects(kind) if label(each, labels.WORKLOAD) == name])


def _name(body: Body) -> str:
    return str(body["metadata"]["name"])


def _status(fleet: Fleet, records: Sequence[Body], leases: Sequence[Body], unseen: tuple[str, ...]) -> Status:
    name, outputs = _name(fleet.anchor), observed(fleet)
    serving = fleet.active or next(iter(fleet.of_role(Role.CANDIDATE)), None)
    history = tuple(sorted((past_of(each) for each in records), key=lambda past: past.revision_number))
    return Status(
        namespace=str(fleet.anchor["metadata"]["namespace"]),
        name=name,
        status=str(outputs["status"]),
        message=str(outputs["statusMessage"]),
        endpoint=str(outputs["endpoint"]),
        revision=fleet.active.name if fleet.active else None,
        artifact_id=version_of(fleet.active) if fleet.active else None,
        since=serving_since(history, fleet.active.name) if fleet.active else None,
        ready=ready(serving) if serving else 0,
        wanted=sum(serving.strength().values()) if serving else 0,
        traffic=tuple(each.name for each in fleet.protons if each.slot in fleet.traffic),
        held=hold_of(fleet.anchor),
        lock=next((seen for each in leases if _name(each) == name and (seen := _lock(each))), None),
        versions=tuple(_version(each) for each in fleet.protons),
        records=history,
        disorder=leftovers(fleet),
        unseen=unseen,
    )


def _version(proton: Proton) -> Version:
    number = label(proton.service, "app.kubernetes.io/version") or ""
    return Version(
        revision=proton.name,
        role=proton.role.value,
        artifact_id=version_of(proton) or "unknown",
        number=number if number.startswith("v") and number[1:].isdigit() else "",
        ready=ready(proton),
        wanted=sum(proton.strength().values()),
        said=verdict_of(proton).message,
        until=annotation(proton.service, labels.KEEP_UNTIL),
        failed=annotation(proton.service, labels.FAILED),
        staged=annotation(proton.service, labels.STAGED) if proton.staged else None,
        ending=proton.condemned,
        pods=tuple(sorted((_pod(each) for each in proton.pods), key=lambda pod: pod.name)),
    )


def _pod(pod: Body) -> PodSeen:
    verdict = assess_pod(pod)
    node = str((pod.get("spec") or {}).get("nodeName") or "")
    return PodSeen(_name(pod), verdict.ready, verdict.message, node)


def _lock(lease: Body) -> LockSeen | None:
    """The holder of a Workload's Lease; None when it was given back."""
    spec = lease.get("spec") or {}
    if not spec.get("holderIdentity"):
        return None
    lasts = float(spec.get("leaseDurationSeconds") or 0)
    return LockSeen(str(spec["holderIdentity"]), spec.get("acquireTime"), spec.get("renewTime"), lasts)
