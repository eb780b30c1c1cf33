"""What do the records of a Workload say: all of them in short, or one in full?

In full it has every field of Run:ai's revision too, under Run:ai's names; what Kubernetes cannot have is None.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import NAMESPACE, Body
from inference_provider.resources.history import Past, number_of, past_of, records_of
from inference_provider.resources.pods import models_of
from inference_provider.resources.status import missing
from inference_provider.resources.workload_outputs import ready
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet, Proton
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

    ``requested_node_pools`` are the GPU models that were asked for. Where it runs, and how many pods, is known while
    there are pods only: ``current_node_pools``, ``nodes`` and ``running_pods``. ``role`` is what it is now, if it
    is still there. ``spec`` is the artifact's content, ``runtime`` and ``settings`` are as the program had them;
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
    more: Mapping[str, object]


#: What of a record has a field of its own; whatever else one holds is passed on as ``more``.
_KNOWN = frozenset(
    (
        *("kind", "artifactId", "content", "images", "runtime", "replacement"),
        *("actor", "person", "urn", "stack", "project", "commit", "reason", "backTo", "previous"),
    )
)


async def history(world: World, namespace: str, name: str) -> tuple[Past, ...]:
    """Every record in short, oldest first, also of a Workload that is gone and whose records were kept.

    Raises NotFound with the names that there are instead.
    """
    return tuple(map(past_of, await _records(await world.connect(), namespace, name)))


async def revision(world: World, namespace: str, name: str, number: int) -> Revision:
    """One record in full. Raises NotFound with the numbers that there are instead."""
    cluster = await world.connect()
    records = await _records(cluster, namespace, name)
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
    fleet = await look(cluster, namespace, name)
    proton = fleet.proton(number) if fleet else None
    nodes = _nodes(proton)
    models = await models_of(cluster, nodes)
    pools = tuple(sorted({each for each in models.values() if each})) if nodes else None
    return _full(found, fleet, proton, nodes=nodes, pools=pools, cluster_id=await _cluster_id(cluster))


def as_recorded(record: Body) -> Revision:
    """One record in full, without what only the cluster knows now."""
    return _full(record, None, None, nodes=(), pools=None, cluster_id=None)


async def _records(cluster: Cluster, namespace: str, name: str) -> list[Body]:
    records = await records_of(cluster, namespace, name)
    if not records:
        raise await missing(cluster, namespace, name)
    return records


async def _cluster_id(cluster: Cluster) -> str | None:
    """What is usually taken for a cluster's own id: kube-system's uid, if we may see it."""
    try:
        found = await cluster.find(NAMESPACE, None, "kube-system")
    except ClusterError:
        return None
    return found["metadata"].get("uid") if found else None


def _nodes(proton: Proton | None) -> tuple[str, ...]:
    pods = proton.pods if proton else ()
    return tuple(sorted({str(node) for pod in pods if (node := (pod.get("spec") or {}).get("nodeName"))}))


def _full(
    record: Body,
    fleet: Fleet | None,
    proton: Proton | None,
    *,
    nodes: tuple[str, ...],
    pools: tuple[str, ...] | None,
    cluster_id: str | None,
) -> Revision:
    meta, data, past = record["metadata"], record.get("data") or {}, past_of(record)
    spec, runtime = _mapping(data.get("content")), _mapping(data.get("runtime"))
    containers = tuple(_containers(spec or {}))
    main = next((each for each in containers if each.primary), containers[0] if len(containers) == 1 else None)
    return Revision(
        type="pulumi-inference-revision",
        name=str(meta["name"]),
        id=meta.get("uid"),
        workload_id=fleet.anchor["metadata"].get("uid") if fleet else None,
        tenant_id=None,
        cluster_id=cluster_id,
        project_id=meta.get("namespace"),
        department_id=None,
        created_at=past.began,
        deleted_at=meta.get("deletionTimestamp"),
        requested_node_pools=_asked(runtime or {}),
        current_node_pools=pools,
        running_pods=ready(proton) if proton else 0,
        images=tuple(dict.fromkeys(each.image for each in containers)),
        command=shlex.join(main.command) if main and main.command else None,
        arguments=shlex.join(main.args) if main and main.args else None,
        phase=past.phase,
        phase_message=past.message,
        phase_updated_at=max(past.phases.values(), default=None),
        namespace=str(meta.get("namespace")),
        workload=str((meta.get("labels") or {}).get(labels.WORKLOAD)),
        past=past,
        role=proton.role.value if proton else None,
        nodes=nodes,
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


def _asked(runtime: Mapping[str, object]) -> tuple[str, ...]:
    """The GPU models that the runtime names."""
    given = [each for group in _listed(runtime, "containerGroups") for each in _listed(group, "containers")]
    allocations = [each.get("resourceAllocation") for each in given]
    named = [each.get("gpuModel") for each in allocations if isinstance(each, Mapping)]
    return tuple(sorted({str(each) for each in named if each}))
