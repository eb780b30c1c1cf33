"""What the stack says of a Replacement: what was observed of its Workload, and what its record says."""

import json
from collections.abc import Collection

from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import revision_record_name
from inference_provider.health.status_words import proton_status
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources.workload_outputs import proton_id, rollout, situation, version_of
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.phases import Phase


def own_revision(fleet: Fleet, templates: Collection[str]) -> str | None:
    """The revision that has one of these templates, or what serves where a hold has kept it from being made."""
    found = [each.name for each in fleet.protons if each.template in templates and each.role is not Role.FAILED]
    return found[-1] if found else fleet.active.name if fleet.active else None


async def observed(cluster: Cluster, fleet: Fleet, revision: str | None) -> Properties:
    """All computed outputs of the Replacement that made, or makes, this revision."""
    meta, active = fleet.anchor["metadata"], fleet.active
    record = await _record(cluster, meta["namespace"], meta["name"], revision)
    times: dict[str, str] = json.loads(annotation(record, labels.PHASES) or "{}") if record else {}
    kept = fleet.of_role(Role.RETAINED)
    serves = active is not None and active.name == revision
    return {
        "status": _status(fleet, revision, record),
        "message": annotation(record, labels.MESSAGE) if record else rollout(fleet)["message"],
        "revision": revision,
        "activeArtifactId": version_of(active) if active else None,
        "candidateProtonIds": [proton_id(fleet, each) for each in fleet.of_role(Role.CANDIDATE)],
        "previousProtonIds": [proton_id(fleet, each) for each in kept],
        "protonStatuses": {
            proton_id(fleet, each): proton_status(situation(each, fleet, deleting=each.condemned)).value
            for each in fleet.protons
        },
        "createdAt": times.get(Phase.SUBMITTED),
        "switchedAt": times.get(Phase.SWITCHING),
        "updatedAt": max(times.values(), default=None),
        "actor": _actor(record),
        "keepOldUntil": annotation(kept[-1].service, labels.KEEP_UNTIL) if kept and serves else None,
        "incarnation": annotation(fleet.anchor, labels.INCARNATION),
    }


def _actor(record: Body | None) -> str | None:
    """Who asked for it: the person whom CI names, else the Kubernetes user."""
    data: dict[str, str] = (record.get("data") or {}) if record else {}
    return data.get("person") or data.get("actor")


async def _record(cluster: Cluster, namespace: str, name: str, revision: str | None) -> Body | None:
    number = (revision or "").removeprefix("r")
    if not number.isdigit():
        return None
    return await cluster.find(CONFIG_MAP, namespace, revision_record_name(name, int(number)))


def _status(fleet: Fleet, revision: str | None, record: Body | None) -> str:
    """What is seen counts before what was written: a record follows."""
    for each in fleet.of_role(Role.CANDIDATE):
        if each.name == revision:
            return (Phase.AWAITING_PROMOTION if each.staged else Phase.INITIALIZING).value
    if fleet.active is not None and fleet.active.name == revision:
        return Phase.COMPLETED.value
    return (annotation(record, labels.PHASE) if record else None) or Phase.ERRORED.value
