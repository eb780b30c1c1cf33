"""Which Workloads that are gone have left their records, and how are those removed?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.revision import number_of
from inference_provider.resources.history import past_of
from inference_provider.resources.world import Properties, World


@dataclass(frozen=True)
class Deleted:
    """One Workload that is gone. ``life`` was its Service's uid, ``removal`` removes all that this name has left.

    ``artifact_id`` is the version of the last record; times are RFC 3339.
    """

    namespace: str
    name: str
    life: str
    deleted_at: str | None
    deleted_by: str | None
    records: int
    first: str
    last: str
    artifact_id: str | None
    removal: str


async def keeper(world: World, properties: Properties) -> str | None:
    """Who deletes a Workload whose records are to outlive it; None where they are not."""
    if properties.get("retainHistory") is not True:
        return None
    return world.facts.get("person") or await (await world.connect()).whoami()


async def deleted(world: World, namespace: str | None) -> tuple[Deleted, ...]:
    """Every Workload of a namespace, or (None) of all, that is gone and has left records; by name, oldest first."""
    cluster = await world.connect()
    found, services = await asyncio.gather(
        cluster.list(CONFIG_MAP, namespace, labels=f"{labels.FORMER},{labels.PART}=record"),
        cluster.list(SERVICE, namespace, labels=f"{labels.PART}=endpoint"),
    )
    living = {str(each["metadata"]["uid"]) for each in services}  # of some, a deletion was killed
    lives: dict[tuple[str, str, str], list[Body]] = {}
    for each in sorted(found, key=number_of):
        name, life = label(each, labels.FORMER) or "", annotation(each, labels.LIFE) or ""
        lives.setdefault((str(each["metadata"].get("namespace")), name, life), []).append(each)
    seen = [_deleted(*life, records) for life, records in lives.items() if life[2] not in living]
    return tuple(sorted(seen, key=lambda each: (each.namespace, each.name, each.deleted_at or "")))


def _deleted(namespace: str, name: str, life: str, records: Sequence[Body]) -> Deleted:
    pasts = [past_of(each) for each in records]
    return Deleted(
        namespace=namespace,
        name=name,
        life=life,
        deleted_at=pasts[-1].deleted_at,
        deleted_by=pasts[-1].deleted_by,
        records=len(pasts),
        first=pasts[0].revision,
        last=pasts[-1].revision,
        artifact_id=next((each.artifact_id for each in reversed(pasts) if each.artifact_id), None),
        removal=f"kubectl delete configmap -n {namespace} -l {labels.FORMER}={name}",
    )
