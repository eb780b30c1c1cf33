"""Which objects would a person apply by hand to get what the core made? The same, less what the API server fills in."""

import asyncio
import json

from inference_provider.cluster.client import Client
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    LEASE,
    POD_DISRUPTION_BUDGET,
    SERVICE,
    Body,
)

#: What the core makes for a Workload; pods, ReplicaSets and EndpointSlices are made by controllers on both sides.
_KINDS = (SERVICE, DEPLOYMENT, POD_DISRUPTION_BUDGET, CONFIG_MAP, LEASE)
_CHOSEN = ("name", "labels", "annotations")
_ALLOCATED = ("clusterIP", "clusterIPs")
_CONTROLLERS = "deployment.kubernetes.io/"


async def applicable(client: Client, namespace: str) -> tuple[str, int]:
    """All objects of all Workloads of a namespace as one file for ``kubectl apply``, and how many there are."""
    lists = await asyncio.gather(*(client.list(kind, namespace) for kind in _KINDS))
    bodies = [plain(body) for found in lists for body in found if _is_of_a_workload(body)]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}), len(bodies)


def _is_of_a_workload(body: Body) -> bool:
    metadata = body["metadata"]
    owned = any(owner["kind"] == "Service" for owner in metadata.get("ownerReferences") or [])
    return owned or labels.WORKLOAD in (metadata.get("labels") or {})


def plain(body: Body) -> Body:
    """Without namespace, status, owners, and everything that was given by the API server or a controller."""
    metadata = {key: value for key, value in body["metadata"].items() if key in _CHOSEN}
    notes = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in notes.items() if not key.startswith(_CONTROLLERS)}
    plain = {key: value for key, value in body.items() if key not in ("metadata", "status")} | {"metadata": metadata}
    if body["kind"] == SERVICE.name:
        plain["spec"] = {key: value for key, value in body["spec"].items() if key not in _ALLOCATED}
    return plain
