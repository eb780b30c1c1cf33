"""What serves, since when, what comes, what was before, and who is at it? Everything is read, nothing changed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from inference_provider.converge.look import Snapshot
from inference_provider.converge.ports import Cluster
from inference_provider.errors import Forbidden, InferenceError, NotFound
from inference_provider.health.status_words import proton_status
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.bundle import bundles_of
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, LEASE, POD, SERVICE, Body, Kind
from inference_provider.resources.driverless import as_driven, is_silent
from inference_provider.resources.history import Past, past_of, records_of, serving_since
from inference_provider.resources.left_behind import removal
from inference_provider.resources.pods import PodSeen, models_of, pod_seen
from inference_provider.resources.policy_standing import PolicyVerdict, verdicts_of
from inference_provider.resources.workload_outputs import observed, ready, situation, verdict_of, version_of
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet, Proton, Role, observe
from inference_provider.rollout.hold import Hold, hold_of
from inference_provider.rollout.leftovers import leftovers, unowned

#: What a Workload's state is read from.
_KINDS = (SERVICE, DEPLOYMENT, JOB, POD)


@dataclass(frozen=True)
class Version:
    """One proton. ``number`` is ``v3`` for a locked version.

    ``until`` is when a kept one ends, ``staged`` since when one waits for promotion (RFC 3339).

    ``ending``: it is being deleted already. ``bundles``: the resource bundle of each group that has one.
    ``status`` is how it is, in one word; ``created_at`` is RFC 3339.
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
    bundles: Mapping[str, str] = field(default_factory=dict)
    status: str = "unknown"
    created_at: str | None = None

    def on(self, models: Mapping[str, str]) -> "Version":
        """The same, with the GPU models of these nodes."""
        return replace(self, pods=tuple(replace(pod, model=models.get(pod.node, "")) for pod in self.pods))


@dataclass(frozen=True)
class Scaled:
    """A container group of what serves that load scales: between which counts, by which metrics."""

    group: str
    least: int
    most: int
    metrics: tuple[str, ...]


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
    (while somebody works on it, that is no news), ``unowned`` what a Replacement that died has left, and how it ends,
    ``unseen`` what we had no right to read, ``policy_verdicts`` what policies say of what serves.
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
    unowned: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    scaled: tuple[Scaled, ...] = ()
    policy_verdicts: tuple[PolicyVerdict, ...] = ()

    def of_role(self, role: Role) -> tuple[Version, ...]:
        """All versions in a role, oldest first."""
        return tuple(each for each in self.versions if each.role == role)

    @property
    def revision_path(self) -> str:
        """Which revision serves and which comes: ``r2>r3``; ``-`` when there is none."""
        coming = [each.revision for each in self.of_role(Role.CANDIDATE)]
        return ">".join([*([self.revision] if self.revision else []), *coming]) or "-"


async def status(world: World, namespace: str, name: str) -> Status:
    """One Workload with its pods and its whole history. Raises NotFound with the names that there are instead."""
    return (await examined(world, namespace, name))[1]


async def examined(world: World, namespace: str, name: str) -> tuple[Fleet, Status]:
    """The same, with the objects that it was read from."""
    cluster = await world.connect()
    anchor = await cluster.find(SERVICE, namespace, name)
    if anchor is None or not is_anchor(anchor, name):
        raise await missing(cluster, namespace, name)
    chosen = f"{labels.WORKLOAD}={name}"
    found, records, (leases, unseen) = await asyncio.gather(
        _objects(cluster, namespace, chosen), records_of(cluster, namespace, name), _leases(cluster, namespace, chosen)
    )
    fleet = observe(anchor, found.objects)
    seen = await _under_policies(world, fleet, _status(fleet, records, leases, unseen))
    models = await models_of(cluster, {pod.node for version in seen.versions for pod in version.pods if pod.gpus})
    return fleet, replace(seen, versions=tuple(each.on(models) for each in seen.versions))


async def listing(world: World, namespace: str | None) -> tuple[Status, ...]:
    """Every Workload of a namespace, or (None) of all, by name; of the records only those that tell since when it
    serves.
    """
    cluster = await world.connect()
    there, (leases, unseen) = await asyncio.gather(
        fleets(cluster, namespace), _leases(cluster, namespace, labels.WORKLOAD)
    )
    records = await asyncio.gather(*(_records_of_active(cluster, fleet) for fleet in there))
    seen = [_status(fleet, kept, leases, unseen) for fleet, kept in zip(there, records, strict=True)]
    seen = [await _under_policies(world, fleet, each) for fleet, each in zip(there, seen, strict=True)]
    return tuple(sorted(seen, key=lambda each: (each.namespace, each.name)))


async def _under_policies(world: World, fleet: Fleet, seen: Status) -> Status:
    """The same with what policies say of what serves, or that nobody can tell."""
    try:
        return replace(seen, policy_verdicts=await verdicts_of(world, fleet))
    except InferenceError as error:
        return replace(seen, unseen=(*seen.unseen, f"what policies say of it is unknown: {error.message}"))


async def fleets(cluster: Cluster, namespace: str | None) -> list[Fleet]:
    """Every Workload of a namespace, or (None) of all, with its pods: four requests, however many there are."""
    found = await _objects(cluster, namespace, labels.WORKLOAD)
    by_place: dict[tuple[str, str], dict[Kind, list[Body]]] = {}
    for kind in _KINDS:
        for each in found.objects(kind):
            mine = by_place.setdefault((_place(each), label(each, labels.WORKLOAD) or ""), {})
            mine.setdefault(kind, []).append(each)
    anchors = [each for each in found.objects(SERVICE) if is_anchor(each, _name(each))]
    return [observe(each, Snapshot(by_place[_place(each), _name(each)]).objects) for each in anchors]


async def missing(cluster: Cluster, namespace: str, name: str) -> NotFound:
    """The error that names those Workloads that are there."""
    services = await cluster.list(SERVICE, namespace, labels=f"{labels.PART}=endpoint")
    there = ", ".join(sorted(_name(each) for each in services))
    hint = f"There are: {there}" if there else f"There is none in namespace {namespace}; name another one with -n"
    return NotFound("find", kind="Workload", namespace=namespace, name=name, said="it is not there", advice=hint)


async def _objects(cluster: Cluster, namespace: str | None, chosen: str) -> Snapshot:
    lists = await asyncio.gather(*(cluster.list(kind, namespace, labels=chosen) for kind in _KINDS))
    return Snapshot(dict(zip(_KINDS, lists, strict=True)))


async def _leases(cluster: Cluster, namespace: str | None, chosen: str) -> tuple[list[Body], tuple[str, ...]]:
    """The locks, or why they cannot be told: somebody who may only look should still see what serves."""
    try:
        return await cluster.list(LEASE, namespace, labels=chosen), ()
    except Forbidden:
        where = f"in namespace {namespace}" if namespace else "of all namespaces"
        return [], (f"no right to list leases {where}: whether a `pulumi up` runs is unknown",)


async def _records_of_active(cluster: Cluster, fleet: Fleet) -> list[Body]:
    if fleet.active is None:
        return []
    return await records_of(cluster, _place(fleet.anchor), _name(fleet.anchor), template=fleet.active.template)


def _name(body: Body) -> str:
    return str(body["metadata"]["name"])


def _place(body: Body) -> str:
    return str(body["metadata"].get("namespace"))


def _status(fleet: Fleet, records: Sequence[Body], leases: Sequence[Body], unseen: tuple[str, ...]) -> Status:
    name, outputs = _name(fleet.anchor), observed(fleet)
    serving = fleet.active or next(iter(fleet.of_role(Role.CANDIDATE)), None)
    history = tuple(map(past_of, records))
    lock = next((seen for each in leases if _name(each) == name and (seen := _lock(each))), None)
    if not unseen and (lock is None or is_silent(lock.renewed, lock.lasts)):
        history = as_driven(history, fleet)
    numbers = {each.promotes: f"v{each.version}" for each in history if each.promotes}
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
        lock=lock,
        versions=tuple(_version(each, fleet, numbers.get(each.name)) for each in fleet.protons),
        records=history,
        disorder=leftovers(fleet),
        unowned=tuple(f"{each}; {removal(fleet)}" for each in unowned(fleet)),
        unseen=unseen,
        scaled=_scaled(fleet),
    )


def _scaled(fleet: Fleet) -> tuple[Scaled, ...]:
    groups = fleet.active.replicas() if fleet.active else {}
    scalings = sorted((group, each) for group, each in scalings_of(fleet.anchor).items() if group in groups)
    return tuple(Scaled(group, each.least, each.most, tuple(sorted(each.targets))) for group, each in scalings)


def _version(proton: Proton, fleet: Fleet, promoted: str | None) -> Version:
    number = promoted or label(proton.service, "app.kubernetes.io/version") or ""
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
        pods=tuple(sorted((pod_seen(each) for each in proton.pods), key=lambda pod: pod.name)),
        bundles=bundles_of(proton.service),
        status=proton_status(situation(proton, fleet, deleting=proton.condemned)).value,
        created_at=proton.service["metadata"].get("creationTimestamp"),
    )


def _lock(lease: Body) -> LockSeen | None:
    """The holder of a Workload's Lease; None when it was given back."""
    spec = lease.get("spec") or {}
    if not spec.get("holderIdentity"):
        return None
    lasts = float(spec.get("leaseDurationSeconds") or 0)
    return LockSeen(str(spec["holderIdentity"]), spec.get("acquireTime"), spec.get("renewTime"), lasts)
