"""How are counts over time drawn? As stairs, on the same scale as the bars above them: what was ready, and wanted."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape

from inference_provider.cli.chart import Scale
from inference_provider.resources.timeline import moment
from inference_provider.rollout.pods_over_time import PodsOverTime, Point

#: Of the drawing, which is stretched to whatever room there is.
_WIDTH, _HEIGHT = 1000.0, 100.0
#: Left free above and below the lines, which have some width themselves.
_MARGIN = 8.0


def stairs(seen: PodsOverTime, scale: Scale, *, versions: Sequence[str], until: datetime) -> str:
    """Two lines for each version (the new one first, then the old): its ready pods, and, dashed, what was wanted.

    Nothing where no time can be read, or no pod was counted. What was last counted holds until ``until``.
    """
    begin, top = moment(seen.since), most(seen)
    if begin is None or not top:
        return ""
    lines = "".join(
        _line(name, style, _parts(seen.points, name, scale, begin=begin, until=until, top=top))
        for name, style in zip(versions, ("new", "old"), strict=False)
    )
    drawing = f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img"'
    return f'<svg class="stairs" {drawing}><title>{escape(_told(seen, versions))}</title>{lines}</svg>'


def most(seen: PodsOverTime) -> int:
    """The most pods that any version had or was to have; 0 when none was counted."""
    return max((max(one.ready, one.wanted) for point in seen.points for one in point.pods.values()), default=0)


def _line(name: str, style: str, parts: Sequence[tuple[str, str]]) -> str:
    wanted, ready = (" ".join(each) for each in zip(*parts, strict=True)) if parts else ("", "")
    if not parts:
        return ""
    return (
        f'<path class="{style} wanted" d="{wanted}"/><path class="{style}" d="{ready}" data-revision="{escape(name)}"/>'
    )


def _parts(
    points: Sequence[Point], name: str, scale: Scale, *, begin: datetime, until: datetime, top: int
) -> list[tuple[str, str]]:
    """Pieces of both lines, one for each point in which the version was there."""

    def place(at: float) -> float:
        return scale.at(begin + timedelta(seconds=at)) * _WIDTH / 100

    def height(count: int) -> float:
        return _HEIGHT - _MARGIN - count / top * (_HEIGHT - 2 * _MARGIN)

    last = max((until - begin).total_seconds(), points[-1].at) if points else 0.0
    ends = [each.at for each in points[1:]] + [last]
    found: list[tuple[str, str]] = []
    there = False
    for point, end in zip(points, ends, strict=True):
        one = point.pods.get(name)
        if one is not None:
            found.append(
                (
                    _step(place(point.at), place(end), height(one.wanted), joined=there),
                    _step(place(point.at), place(end), height(one.ready), joined=there),
                )
            )
        there = one is not None
    return found


def _step(left: float, right: float, y: float, *, joined: bool) -> str:
    return f"{f'V{y:.1f}' if joined else f'M{left:.1f} {y:.1f}'}H{right:.1f}"


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
