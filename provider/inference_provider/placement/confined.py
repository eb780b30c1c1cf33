"""How are a pod's own wishes for a node joined with what policies allow? Every way to satisfy the one must satisfy the
other, so policies go into every one of the pod's alternatives.
"""

from collections.abc import Sequence
from itertools import product

from inference_provider.manifests.kinds import Body
from inference_provider.placement.flavors import Alternative

REGION = "topology.kubernetes.io/region"


#: Takes no node at all. No term would be no wish, which takes every one.
NOWHERE: Body = {"matchExpressions": [{"key": REGION, "operator": each} for each in ("Exists", "DoesNotExist")]}


def confined(
    own: Sequence[Body], regions: frozenset[str] | None, hardware: Sequence[Alternative] | None
) -> tuple[Body, ...]:
    """Node selector terms: those of the pod (``own``; none wishes for nothing), each with the regions and each of the
    alternatives that say the hardware. None is: no policy about it. An empty set allows no node.
    """
    if regions is None and hardware is None:
        return tuple(own)
    if (regions is not None and not regions) or (hardware is not None and not hardware):
        return (NOWHERE,)
    places = [_within(regions)] if regions else []
    wishes = [tuple(term.get("matchExpressions") or ()) for term in own] or [()]
    ways = hardware if hardware is not None else [()]
    return tuple({"matchExpressions": [*wish, *places, *way]} for wish, way in product(wishes, ways))


def _within(regions: frozenset[str]) -> Body:
    return {"key": REGION, "operator": "In", "values": sorted(regions)}
