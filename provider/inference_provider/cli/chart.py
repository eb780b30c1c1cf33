"""How is a stretch of time drawn? Bars on a track, a scale below it, all in per cent, so that it fits any width."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from inference_provider.cli.times import length
from inference_provider.resources.timeline import Doing, Lane, Span

#: Steps between two marks of a scale (seconds), of which the first that makes few enough is taken.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
_MARKS = 7

#: A bar narrower than this (per cent of the track) has no room for words.
_ROOM = 9.0

#: How near the edge of a track is (per cent).
_EDGE = 4.0


@dataclass(frozen=True)
class Scale:
    """From where to where a track goes; ``now`` may lie outside of it."""

    begin: datetime
    end: datetime
    now: datetime

    @classmethod
    def over(cls, begin: datetime, end: datetime, *, now: datetime) -> "Scale":
        """A scale with some length in any case."""
        return cls(begin, max(end, begin + timedelta(seconds=1)), now)

    def at(self, moment: datetime) -> float:
        """Where a moment lies, in per cent; what lies outside is at the edge."""
        share = (moment - self.begin) / (self.end - self.begin)
        return min(100.0, max(0.0, 100 * share))

    def marks(self) -> list[datetime]:
        """Round times on the scale, a handful."""
        seconds = (self.end - self.begin).total_seconds()
        step = next((each for each in _STEPS if seconds / each <= _MARKS), _STEPS[-1])
        while seconds / step > _MARKS:
            step *= 2
        first = -(-int(self.begin.timestamp()) // step) * step
        return [datetime.fromtimestamp(at, UTC) for at in range(first, int(self.end.timestamp()) + 1, step)]


def axis(scale: Scale) -> str:
    """The marks, with the date where the scale is longer than a day."""
    form = "%m-%d %H:%M" if scale.end - scale.begin > timedelta(days=1) else "%H:%M:%S"
    placed = [(at, scale.at(at)) for at in scale.marks()]
    inside = [each for each in placed if _edge(each[1]) == "mark"]
    marks = (  # one that is moved in from an edge may cover its neighbour
        f'<span class="{_edge(place)}" style="left:{place:.2f}%">{at:{form}}</span>'
        for at, place in (inside if len(inside) > 1 else placed)
    )
    return f'<div class="axis">{"".join(marks)}</div>'


def _edge(place: float) -> str:
    """Near an edge a mark's words stand beside it, or they would be cut."""
    return "first" if place < _EDGE else "last" if place > 100 - _EDGE else "mark"


def track(lane: Lane, scale: Scale) -> str:
    """What one revision did, from left to right, and a line for now."""
    bars = "".join(_bar(lane, span, scale) for span in lane.spans if _inside(span, scale))
    now = f'<div class="now" style="left:{scale.at(scale.now):.2f}%"></div>' if scale.now < scale.end else ""
    return f'<div class="track">{bars}{now}</div>'


def _inside(span: Span, scale: Scale) -> bool:
    return span.begin < scale.end and (span.end is None or span.end > scale.begin)


def _bar(lane: Lane, span: Span, scale: Scale) -> str:
    end = span.end or scale.now
    left, right = scale.at(span.begin), scale.at(end)
    failed = span.doing is Doing.COMING and lane.outcome not in (None, "completed")
    style = "failed" if failed else span.doing.name.lower()
    cut = "" if span.sure or end > scale.end else " unsure"
    words = f"<span>{escape(span.doing.value)}</span>" if right - left > _ROOM else ""
    return (
        f'<div class="bar {style}{cut}" style="left:{left:.2f}%;width:{right - left:.2f}%" '
        f'title="{escape(_told(lane, span, end))}">{words}</div>'
    )


def _told(lane: Lane, span: Span, end: datetime) -> str:
    until = f"until {end:%Y-%m-%d %H:%M:%S}" if span.end else "until now"
    doubt = "" if span.sure else " (as far as the settings say)"
    lasted = length((end - span.begin).total_seconds())
    return f"{lane.revision} {span.doing.value} from {span.begin:%Y-%m-%d %H:%M:%S} {until} UTC, {lasted}{doubt}"
