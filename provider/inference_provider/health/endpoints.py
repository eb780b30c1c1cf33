"""Who really gets traffic: the pods behind a Service, by uid, over all of its EndpointSlices.

This, not a Deployment's status, is what a switch of traffic waits for. Names would not do: a pod of a
StatefulSet comes back under its old one.
"""

from collections.abc import Iterator, Sequence

from inference_provider.manifests.kinds import Body


def ready_uids(slices: Sequence[Body]) -> frozenset[str]:
    """Pods that take new connections: ready (a missing word means yes, as the API defines it), not terminating."""
    return frozenset(uid for uid, conditions in _endpoints(slices) if _takes_traffic(conditions))


def listed_uids(slices: Sequence[Body]) -> frozenset[str]:
    """All pods that the slices mention, ready or not."""
    return frozenset(uid for uid, _ in _endpoints(slices))


def _takes_traffic(conditions: Body) -> bool:
    return conditions.get("ready") is not False and conditions.get("terminating") is not True


def _endpoints(slices: Sequence[Body]) -> Iterator[tuple[str, Body]]:
    for part in slices:
        for endpoint in part.get("endpoints") or []:
            uid = (endpoint.get("targetRef") or {}).get("uid")
            if uid:
                yield str(uid), endpoint.get("conditions") or {}
