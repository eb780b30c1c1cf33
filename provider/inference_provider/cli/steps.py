"""How are counts over time drawn? As stairs, on the same scale as the bars above them: what was ready, and wanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from inference_provider.cli.chart import Scale
from inference_provider.resources.timeline import moment
from inference_provider.rollout.pods_over_time import Counted, PodsOverTime, Point

#: Of the drawing, which is stretched to whatever room there is.
_WIDTH, _HEIGHT = 1000.0, 100.0
#: Left free above and below the lines, which have some width themselves.
_MARGIN = 10.0
#: How much higher the old version's lines lie.
_LIFT = 5.0


def stairs(seen: PodsOverTime, scale: Scale, *, versions: Sequence[str], until: datetime) -> str:
    """Two lines for each version (the new one first, then the old): its ready pods, and, dashed, what was wanted.

    Nothing where no time can be read, or no pod was counted. What was last counted holds until ``until``.
    """
    begin, top = moment(seen.since), most(seen)
    if begin is None or not top:
        return ""
    paper = _Paper(scale, begin, until, top)
    lines = "".join(_lines(seen, name, style, paper) for name, style in zip(versions, ("new", "old"), strict=False))
    drawing = f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img"'
    return f'<svg class="stairs" {drawing}><title>{escape(_told(seen, versions))}</title>{lines}</svg>'


def most(seen: PodsOverTime) -> int:
    """The most pods that any version had or was to have; 0 when none was counted."""
    return max((max(one.ready, one.wanted) for point in seen.points for one in point.pods.values()), default=0)


@dataclass(frozen=True)
class _Paper:
    """Where a time and a count lie on the drawing."""

    scale: Scale
    begin: datetime
    until: datetime
    top: int

    def across(self, seconds: float) -> float:
        """From the left."""
        return self.scale.at(self.begin + timedelta(seconds=seconds)) * _WIDTH / 100

    def down(self, count: int) -> float:
        """From above."""
        return _HEIGHT - _MARGIN - count / self.top * (_HEIGHT - 2 * _MARGIN)


def _lines(seen: PodsOverTime, name: str, style: str, paper: _Paper) -> str:
    """What one version had: dashed what was wanted, and what was ready. The old one's lines lie a little higher, or
    one would hide the other where both have the same.
    """
    spans, lift = list(_spans(seen.points, name, paper)), _LIFT if style == "old" else 0.0
    if not spans:
        return ""
    wanted, ready = (
        _stair([(left, right, paper.down(count(one)) - lift) for left, right, one in spans])
        for count in (_wanted, _ready)
    )
    return (
        f'<path class="{style} wanted" d="{wanted}"/><path class="{style}" d="{ready}" data-revision="{escape(name)}"/>'
    )


def _wanted(one: Counted) -> int:
    return one.wanted


def _ready(one: Counted) -> int:
    return one.ready


def _spans(points: Sequence[Point], name: str, paper: _Paper) -> Iterator[tuple[float, float, Counted]]:
    """From where to where a version had how many pods."""
    last = max((paper.until - paper.begin).total_seconds(), *(each.at for each in points))
    for point, end in zip(points, [*(each.at for each in points[1:]), last], strict=True):
        if name in point.pods:
            yield paper.across(point.at), paper.across(end), point.pods[name]


def _stair(spans: Sequence[tuple[float, float, float]]) -> str:
    """Straight across, then up or down to where the next one begins; lifted where nothing is known in between."""
    parts: list[str] = []
    at = None
    for left, right, height in spans:
        parts.append(f"V{height:.1f}H{right:.1f}" if left == at else f"M{left:.1f} {height:.1f}H{right:.1f}")
        at = right
    return " ".join(parts)


def _told(seen: PodsOverTime, versions: Sequence[str]) -> str:
    return "; ".join(_words(seen.points, name) for name in versions)


def _words(points: Sequence[Point], name: str) -> str:
    """The same for whoever cannot see it: what a version had at each step, in short."""
    return f"{name}: " + ", ".join(_counts(points, name))


def _counts(points: Sequence[Point], name: str) -> Iterator[str]:
    before = None
    for point in points:
        one = point.pods.get(name)
        if one is not None and one != before:
            yield f"{one.ready} of {one.wanted} ready after {point.at:g} s"
        before = one
