"""What do the records of a Workload say: all of them in short, or one in full?

In full it has every field of Run:ai's revision too, under Run:ai's names; what Kubernetes cannot have is None.
"""

import asyncio
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inference_provider.converge.look import look
from inference_provider.converge.places import places
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import NAMESPACE, Body
from inference_provider.manifests.ownership import owner_of
from inference_provider.manifests.revision import is_former, number_of
from inference_provider.resources.history import Past, past_of, records_of
from inference_provider.resources.status import missing
from inference_provider.resources.workload_outputs import ready
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Proton
from inference_provider.rollout.pods_over_time import PodsOverTime, read
from inference_provider.rollout.warmup import WarmupResult


@dataclass(frozen=True)
class ContainerSeen:
    """One container as recorded; ``command`` and ``args`` are None where the image's own were used."""

    group: str
    name: str
    image: str
    command: tuple[str, ...] | None
    args: tuple[str, ...] | None
    primary: bool


@dataclass(frozen=True)
class Revision:
    """One record in full. Times are RFC 3339. The first part has Run:ai's names.

    ``requested_node_pools`` are the pools, or GPU models, that were asked for; ``asked`` is all that its pods asked of
    a node, by group. ``current_node_pools`` and ``nodes`` are where its pods run, or, once they are gone, where they
    ran when it took over or failed: ``places`` says that of each node. ``role`` is what it is now, if it is there.
    ``spec`` is the artifact's content, ``runtime`` and ``settings`` are as the program had them;
    ``warm_up`` is what the requests of its warm-up came to.
    """

    type: str
    name: str
    id: str | None
    workload_id: str | None
    tenant_id: str | None
    cluster_id: str | None
    project_id: str | None
    department_id: str | None
    created_at: str | None
    deleted_at: str | None
    requested_node_pools: tuple[str, ...]
    current_node_pools: tuple[str, ...] | None
    running_pods: int
    images: tuple[str, ...]
    command: str | None
    arguments: str | None
    phase: str
    phase_message: str | None
    phase_updated_at: str | None
    namespace: str
    workload: str
    past: Past
    role: str | None
    nodes: tuple[str, ...]
    actor: str | None
    stack: str | None
    project: str | None
    urn: str | None
    written_images: Mapping[str, str]
    containers: tuple[ContainerSeen, ...]
    spec: Mapping[str, object] | None
    runtime: Mapping[str, object] | None
    settings: Mapping[str, object] | None
    warm_up: WarmupResult | None
    asked: Mapping[str, object] | None
    places: Mapping[str, object] | None
    pods_over_time: PodsOverTime | None
    more: Mapping[str, object]


#: What of a record has a field of its own; whatever else one holds is passed on as ``more``.
_KNOWN = frozenset(
    (
        *("kind", "artifactId", "content", "images", "runtime", "replacement"),
        *("actor", "person", "urn", "stack", "project", "commit", "reason", "backTo", "previous"),
        *("promotes", "version", "asked"),
    )
)


async def history(world: World, namespace: str, name: str, *, deleted: bool = False) -> tuple[Past, ...]:
    """Every record in short, oldest first; with ``deleted``, of the Workloads of that name that are gone.

    Raises NotFound with the names that there are instead.
    """
    return tuple(map(past_of, await known_records(await world.connect(), namespace, name, deleted=deleted)))


async def revision(world: World, namespace: str, name: str, number: int) -> Revision:
    """One record in full, also of a Workload that is gone. Raises NotFound with the numbers that there are instead."""
    cluster = await world.connect()
    left = await records_of(cluster, namespace, name, deleted=True)
    records = [*left, *await records_of(cluster, namespace, name)]
    if not records:
        raise await missing(cluster, namespace, name)
    found = next((each for each in records if number_of(each) == number), None)
    if found is None:
        there = ", ".join(past_of(each).revision for each in records)
        raise NotFound(
            "find",
            kind="the record of Workload",
            namespace=namespace,
            name=f"{name} r{number}",
            said="it is not there",
            advice=f"There are: {there}",
        )
    fleet = await look(cluster, namespace, name) if found not in left else None
    proton = fleet.proton(number) if fleet else None
    return _full(found, proton, there=await places(cluster, proton), cluster_id=await _cluster_id(cluster))


async def revisions(world: World, namespace: str, name: str, *, deleted: bool = False) -> tuple[Revision, ...]:
    """Every record in full, oldest first; with ``deleted``, of the Workloads of that name that are gone.

    Raises NotFound with the names that there are instead.
    """
    cluster = await world.connect()
    records = await known_records(cluster, namespace, name, deleted=deleted)
    fleet = await look(cluster, namespace, name) if not deleted else None
    protons = [fleet.proton(number_of(each)) if fleet else None for each in records]
    there, own = await asyncio.gather(
        asyncio.gather(*(places(cluster, each) for each in protons)), _cluster_id(cluster)
    )
    return tuple(
        _full(record, proton, there=place, cluster_id=own)
        for record, proton, place in zip(records, protons, there, strict=True)
    )


def as_recorded(record: Body) -> Revision:
    """One record in full, without what only the cluster knows now."""
    return _full(record, None, there=None, cluster_id=None)


async def known_records(cluster: Cluster, namespace: str, name: str, *, deleted: bool = False) -> list[Body]:
    """The records of a Workload, or (``deleted``) of those of that name that are gone. Raises NotFound."""
    records = await records_of(cluster, namespace, name, deleted=deleted)
    if records:
        return records
    other = await records_of(cluster, namespace, name, deleted=not deleted)
    if not other:
        raise await missing(cluster, namespace, name)
    command = f"`pulumi-inference history {name} -n {namespace}{'' if deleted else ' --deleted'}`"
    said = "it lives, and no earlier one of that name has left records" if deleted else "it was deleted"
    advice = f"{command} tells of the one that {'lives' if deleted else 'is gone'}"
    raise NotFound("find", kind="the history of Workload", namespace=namespace, name=name, said=said, advice=advice)


async def _cluster_id(cluster: Cluster) -> str | None:
    """What is usually taken for a cluster's own id: kube-system's uid, if we may see it."""
    try:
        found = await cluster.find(NAMESPACE, None, "kube-system")
    except ClusterError:
        return None
    return found["metadata"].get("uid") if found else None


def _full(
    record: Body,
    proton: Proton | None,
    *,
    there: str | None,
    cluster_id: str | None,
) -> Revision:
    meta, data, past = record["metadata"], record.get("data") or {}, past_of(record)
    spec, runtime = _mapping(data.get("content")), _mapping(data.get("runtime"))
    asked, noted = _mapping(data.get("asked")), _mapping(annotation(record, labels.NODES))
    where = _mapping(there) or noted
    containers = tuple(_containers(spec or {}))
    main = next((each for each in containers if each.primary), containers[0] if len(containers) == 1 else None)
    return Revision(
        type="pulumi-inference-revision",
        name=str(meta["name"]),
        id=meta.get("uid"),
        workload_id=(owner_of(record) or {}).get("uid") or annotation(record, labels.LIFE),
        tenant_id=None,
        cluster_id=cluster_id,
        project_id=meta.get("namespace"),
        department_id=None,
        created_at=past.began,
        deleted_at=past.deleted_at or meta.get("deletionTimestamp"),
        requested_node_pools=_requested(asked) or _asked(runtime or {}),
        current_node_pools=_pools(where) if where is not None else None,
        running_pods=ready(proton) if proton else 0,
        images=tuple(dict.fromkeys(each.image for each in containers)),
        command=shlex.join(main.command) if main and main.command else None,
        arguments=shlex.join(main.args) if main and main.args else None,
        phase=past.phase,
        phase_message=past.message,
        phase_updated_at=max(past.phases.values(), default=None),
        namespace=str(meta.get("namespace")),
        workload=str((meta.get("labels") or {}).get(labels.FORMER if is_former(record) else labels.WORKLOAD)),
        past=past,
        role=proton.role.value if proton else None,
        nodes=tuple(sorted(where or {})),
        actor=data.get("actor"),
        stack=data.get("stack"),
        project=data.get("project"),
        urn=data.get("urn"),
        written_images={key: str(value) for key, value in (_mapping(data.get("images")) or {}).items()},
        containers=containers,
        spec=spec,
        runtime=runtime,
        settings=_mapping(data.get("replacement")),
        warm_up=WarmupResult.parse(annotation(record, labels.WARM_UP)),
        asked=asked,
        places=where,
        pods_over_time=read(annotation(record, labels.PODS)),
        more={key: _read(value) for key, value in sorted(data.items()) if key not in _KNOWN},
    )


def _mapping(text: object) -> Mapping[str, object] | None:
    """JSON of the record; None for what is not there, or what another release wrote differently."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _read(text: str) -> object:
    """JSON where it is some, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(mapping: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = mapping.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _containers(spec: Mapping[str, object]) -> Iterator[ContainerSeen]:
    for group in _listed(spec, "containerGroups"):
        for each in _listed(group, "containers"):
            yield ContainerSeen(
                group=str(group.get("name") or "default"),
                name=str(each.get("name")),
                image=str(each.get("image")),
                command=_words(each.get("entrypoint")),
                args=_words(each.get("args")),
                primary=bool(each.get("primary")),
            )


def _words(value: object) -> tuple[str, ...] | None:
    return tuple(map(str, value)) if isinstance(value, list) else None


def _requested(asked: Mapping[str, object] | None) -> tuple[str, ...]:
    """What the pods asked for by name: pools, GPU models."""
    groups = [each for each in (asked or {}).values() if isinstance(each, Mapping)]
    named = [each for group in groups for each in _listed(group, "nodes") if each.get("operator") == "In"]
    values = [each.get("values") for each in named]
    return tuple(sorted({str(value) for each in values if isinstance(each, list) for value in each}))


def _pools(where: Mapping[str, object]) -> tuple[str, ...]:
    """The pools of some nodes; the model of its GPUs where a node says no pool."""
    said = [each.get("pool") or each.get("gpuModel") for each in where.values() if isinstance(each, Mapping)]
    return tuple(sorted({str(each) for each in said if each}))


def _asked(runtime: Mapping[str, object]) -> tuple[str, ...]:
    """The GPU models that the runtime names."""
    given = [each for group in _listed(runtime, "containerGroups") for each in _listed(group, "containers")]
    allocations = [each.get("resourceAllocation") for each in given]
    named = [each.get("gpuModel") for each in allocations if isinstance(each, Mapping)]
    return tuple(sorted({str(each) for each in named if each}))
