"""Looking on at a replacement: how many pods each version has, from its first step to its last."""

import asyncio
from dataclasses import replace
from datetime import datetime

from inference_provider.converge.operation import Operation
from inference_provider.errors import NotFound
from inference_provider.rollout.pods_over_time import PodsOverTime, Point, added, counted, read, written


class Tape:
    """One replacement's pods over time. What it holds is written into the record when that enters a phase."""

    def __init__(self) -> None:
        self._seen: PodsOverTime | None = None
        self._zero = 0.0
        self._version = -1  # of the mirror, at the last look

    def look(self, op: Operation) -> None:
        """Note what there is now, if it is not what was there before."""
        if op.mirror.version == self._version:
            return
        self._version = op.mirror.version
        try:
            pods = counted(op.fleet())
        except NotFound:  # the Workload is gone; whoever works on it says so
            return
        now = asyncio.get_running_loop().time()
        if self._seen is None:
            self._zero, self._seen = now, PodsOverTime(op.now(), ())
        point = Point(round(now - self._zero, 1), pods)
        self._seen = replace(self._seen, points=added(self._seen.points, point))

    def onto(self, text: str | None) -> str | None:
        """What is to be written where ``text`` stands: an earlier run's points, if it was interrupted, and ours."""
        if self._seen is None:
            return text
        earlier = read(text)
        if earlier is not None and earlier.since != self._seen.since:
            self._carry_on(earlier, self._seen)
        return written(self._seen)

    def _carry_on(self, earlier: PodsOverTime, own: PodsOverTime) -> None:
        """Count from the beginning of the run that was interrupted."""
        between = _seconds(earlier.since, own.since)
        points = earlier.points
        for each in own.points:
            points = added(points, replace(each, at=round(each.at + between, 1)))
        self._zero -= between
        self._seen = PodsOverTime(earlier.since, points)


def _seconds(begin: str, end: str) -> float:
    """Between two times as records write them; none where one cannot be read, or a clock was set back."""
    try:
        return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
