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
    """All pods that get traffic or may get some, ready or not yet."""
    return frozenset(uid for uid, conditions in _endpoints(slices) if not _is_over(conditions))


def _takes_traffic(conditions: Body) -> bool:
    return conditions.get("ready") is not False and conditions.get("terminating") is not True


def _is_over(conditions: Body) -> bool:
    # Ending and not serving: never again. On a dead node such a pod stays listed for as long as that lasts.
    return conditions.get("terminating") is True and conditions.get("serving") is False


def _endpoints(slices: Sequence[Body]) -> Iterator[tuple[str, Body]]:
    for part in slices:
        for endpoint in part.get("endpoints") or []:
            uid = (endpoint.get("targetRef") or {}).get("uid")
            if uid:
                yield str(uid), endpoint.get("conditions") or {}
