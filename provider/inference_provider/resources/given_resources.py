"""What the pods that serve were given, as a refresh shows it: a run that died after its switch told nobody."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from inference_provider.converge.ports import Cluster
from inference_provider.converge.promotion import waiting
from inference_provider.domain.allocation import ResourceAllocation
from inference_provider.domain.names import revision_record_name
from inference_provider.domain.runtime import Runtime
from inference_provider.errors import ClusterError
from inference_provider.manifests.bundle import bundles_of
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.resources.changes import shown
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet


async def visible_resources(cluster: Cluster, fleet: Fleet, properties: Properties) -> Properties:
    """``runtime`` as the record of the active version has it, where its containers were given something else than the
    stack says; nothing where that is the same, is not recorded, or is a Replacement's business.
    """
    try:
        recorded = await recorded_runtime(cluster, fleet)
    except ClusterError:  # one that we may not read
        return {}
    if recorded is None or fleet.external or waiting(fleet) is not None:
        return {}
    try:
        known = Runtime.model_validate(properties.get("runtime") or {})
    except ValidationError:
        return {}
    same = _given(known) == _given(recorded)
    bundled = fleet.active is None or _offers(known, recorded, fleet.active.service)
    return {} if same and bundled else {"runtime": shown(recorded)}


async def recorded_runtime(cluster: Cluster, fleet: Fleet) -> Runtime | None:
    """What the version that serves was given, from its record; None where that is not there, or is an older one."""
    meta, active = fleet.anchor["metadata"], fleet.active
    if active is None:
        return None
    found = await cluster.find(CONFIG_MAP, meta["namespace"], revision_record_name(meta["name"], active.revision))
    try:
        return Runtime.model_validate(json.loads(found["data"]["runtime"])) if found is not None else None
    except (KeyError, ValueError, ValidationError):
        return None


def _given(runtime: Runtime) -> Mapping[tuple[str, str], object]:
    """What each container is given: the part of a runtime that pods cannot be given while they run."""
    return {
        (group.name, container.name): shown(container.resource_allocation or ResourceAllocation())
        for group in runtime.container_groups
        for container in group.containers
    }


def _offers(known: Runtime, recorded: Runtime, service: Body) -> bool:
    """Whether what the stack says allows the bundles that the active version was given."""
    for group, name in bundles_of(service).items():
        allowed = [each.said() for each in known.group(group).resource_bundles]
        given = [each.said() for each in recorded.group(group).resource_bundles if each.name == name]
        if any(each not in allowed for each in given):
            return False
    return True
