"""How many pods of each version were ready, and wanted, at which time of a replacement?

Kept as points where something changed, so that a line through them is a staircase; never more than fit into a record.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.health.deployment import ready_pods
from inference_provider.rollout.fleet import Fleet, Role

#: So many points are kept of one replacement; about 40 bytes each.
POINTS = 200


@dataclass(frozen=True)
class Counted:
    """Pods of one version over all its groups."""

    ready: int
    wanted: int


@dataclass(frozen=True)
class Point:
    """From ``at`` on (seconds since the beginning) there were so many pods, by revision."""

    at: float
    pods: Mapping[str, Counted]


@dataclass(frozen=True)
class PodsOverTime:
    """All points of one replacement, in order; ``since`` is its beginning (RFC 3339)."""

    since: str
    points: tuple[Point, ...]


def counted(fleet: Fleet) -> dict[str, Counted]:
    """What there is now of every version, but for one that has failed and only waits to be looked at."""
    return {
        each.name: Counted(sum(ready_pods(one, each.pods) for one in each.deployments), sum(each.replicas().values()))
        for each in fleet.protons
        if each.role is not Role.FAILED
    }


def added(points: Sequence[Point], point: Point) -> tuple[Point, ...]:
    """With one more, if anything has changed; two of the same time are one."""
    if points and points[-1].pods == point.pods:
        return tuple(points)
    earlier = points[:-1] if points and points[-1].at >= point.at else points
    return thinned([*earlier, point])


def thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """As many as may be kept: what lasted shortest goes first, the beginning and the end stay."""
    left = list(points)
    while len(left) > POINTS:
        lasted = {index: left[index + 1].at - left[index].at for index in range(1, len(left) - 1)}
        del left[min(lasted, key=lambda index: (lasted[index], index))]
    return tuple(left)


def written(seen: PodsOverTime) -> str:
    """As short as it can be, for an annotation."""
    points = [[each.at, {name: [one.ready, one.wanted] for name, one in each.pods.items()}] for each in seen.points]
    return json.dumps({"since": seen.since, "points": points}, separators=(",", ":"))


def read(text: str | None) -> PodsOverTime | None:
    """What ``written`` has written; None for nothing, or for what another release wrote differently."""
    try:
        found = json.loads(text or "null")
        points = [
            Point(float(at), {str(name): Counted(int(ready), int(wanted)) for name, (ready, wanted) in pods.items()})
            for at, pods in found["points"]
        ]
        return PodsOverTime(str(found["since"]), tuple(points))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
