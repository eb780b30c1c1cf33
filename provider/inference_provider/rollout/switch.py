"""When a traffic switch may go on: read from EndpointSlices, never from a Deployment's status."""

from collections.abc import Sequence

from inference_provider.health.endpoints import listed_uids, ready_uids
from inference_provider.manifests.kinds import Body

#: How long both versions stay in traffic before the old one leaves, by Service type (seconds). A cloud load
#: balancer learns of new endpoints later than EndpointSlices do; a ClusterIP follows them at once.
SETTLE_SECONDS = {"ClusterIP": 0.0, "NodePort": 0.0, "LoadBalancer": 15.0}


def ready_pod_uids(pods: Sequence[Body]) -> frozenset[str]:
    """The uids of pods that are Ready and not on their way out."""
    return frozenset(pod["metadata"]["uid"] for pod in pods if _is_ready(pod))


def _is_ready(pod: Body) -> bool:
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod.get("status", {}).get("conditions") or []
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def widened(slices: Sequence[Body], *, candidate: frozenset[str], active: frozenset[str]) -> bool:
    """Whether the candidate's pods and those of the active that are ready right now all get traffic.

    A broken active has none and must not block its own repair.
    """
    return bool(candidate) and (candidate | active) <= ready_uids(slices)


def narrowed(slices: Sequence[Body], *, wanted: frozenset[str], own: frozenset[str]) -> bool:
    """Whether the wanted pods get traffic and no pods are listed but the version's ``own``.

    A pod of the same version that is loading or ending is listed too, and must not hold up the switch.
    """
    return bool(wanted) and wanted <= ready_uids(slices) and listed_uids(slices) <= own
