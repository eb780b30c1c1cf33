"""How does a Workload's timeline look as a page? One file that needs no other, light and dark, without scripts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from importlib.resources import files

from inference_provider.cli.chart import Scale, axis, track
from inference_provider.cli.steps import most, stairs
from inference_provider.cli.times import length
from inference_provider.cli.tree import purpose
from inference_provider.resources.revision import Revision
from inference_provider.resources.timeline import Doing, Lane, Timeline, moment

#: Phases are written with whole seconds: the last one may have been entered almost a second later.
_SECOND = timedelta(seconds=1)

_CLASSES = {None: "open", "completed": "good"}

_NOT_RECORDED = """\
At the right of a bar stands what there is now, or what the program had asked for. How many pods were ready at which \
time is on record for the time of a replacement only, and not for those of earlier releases.
When a kept version really ended is not on record. A dotted end follows from the settings of that time, or from the \
next replacement, which ends what was kept before.
Scaling, stop and start change no revision and are not on record: a bar goes on through them.
Times are the cluster's, in UTC."""


def page(seen: Timeline) -> str:
    """The whole document."""
    title = escape(f"{seen.namespace}/{seen.workload}")
    css = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}: history</title><style>{css}</style></head><body>",
            *_head(seen, title),
            "<h2>All revisions</h2>",
            *_overview(seen),
            "<h2>Each replacement, newest first</h2>",
            *(part for record in reversed(seen.records) for part in _card(record, seen)),
            "<h2>What is not on record</h2>",
            f'<ul class="notes">{"".join(f"<li>{escape(each)}</li>" for each in _NOT_RECORDED.splitlines())}</ul>',
            "</body></html>\n",
        )
    )


def _head(seen: Timeline, title: str) -> Iterator[str]:
    status = seen.status.status if seen.status else "deleted"
    style = "good" if status == "running" else "bad" if status in ("errored", "deleted") else "open"
    yield f'<div class="top"><h1>{title}</h1><span class="pill {style}">{escape(status)}</span></div>'
    yield f'<div class="soft">{escape(_serving(seen))}As of {_written(seen.now)}.</div>'


def _serving(seen: Timeline) -> str:
    now = seen.status
    return f"{now.revision} serves, {now.ready} of {now.wanted} pods ready. " if now and now.revision else ""


def _overview(seen: Timeline) -> Iterator[str]:
    spans = [span for lane in seen.lanes for span in lane.spans]
    if not spans:
        yield '<p class="soft">Nothing is on record yet.</p>'
        return
    last = max(span.end or seen.now for span in spans)
    scale = Scale.over(min(span.begin for span in spans), max(last, seen.now), now=seen.now)
    yield f'<div class="card"><div class="chart">{"".join(_row(lane, scale) for lane in reversed(seen.lanes))}'
    yield f"<div></div>{axis(scale)}<div></div></div>{_legend()}</div>"


def _row(lane: Lane, scale: Scale) -> str:
    version = (lane.artifact_id or "").rpartition("/")[2]
    name = f'<div class="name"><b>{escape(lane.revision)}</b><span class="mono soft">{escape(version)}</span></div>'
    return f'{name}{track(lane, scale)}<div class="pods">{escape(_pods(lane))}</div>'


def _pods(lane: Lane) -> str:
    if lane.ready is not None:
        return f"{lane.ready} of {lane.wanted} ready now"
    return f"gone; {lane.wanted} asked for" if lane.wanted is not None else "gone"


def _legend() -> str:
    known = ((each.value, each.name.lower()) for each in Doing)
    marks = [*known, ("came to nothing", "failed"), ("an end that is not on record", "dots"), ("now", "line")]
    return (
        f'<div class="legend">{"".join(f"<span><i class={style!r}></i>{said}</span>" for said, style in marks)}</div>'
    )


def _card(record: Revision, seen: Timeline) -> Iterator[str]:
    """One replacement: both versions on a scale of its own, its phases, and what is on record besides."""
    past = record.past
    word = past.outcome or past.phase
    style = _CLASSES.get(past.outcome, "bad")
    what = purpose(past)
    yield '<div class="card"><div class="top">'
    yield f'<h3>{escape(past.revision)} <span class="soft">{escape(what)}</span></h3>'
    yield f'<span class="pill {style}">{escape(word)}</span><span class="soft">{escape(_when(record))}</span></div>'
    yield from _both(record, seen)
    yield _phases(record)
    if past.message:
        yield f'<div class="message {style}">{escape(past.message)}</div>'
    yield f"<details><summary>What ran, and who asked for it</summary><dl>{_facts(record)}</dl></details></div>"


def _when(record: Revision) -> str:
    began, past = moment(record.past.began), record.past
    took = f", {length(past.seconds)}" if past.seconds is not None else ", not at its end"
    return f"{_written(began) if began else 'at an unknown time'}{took}, by {past.who}"


def _both(record: Revision, seen: Timeline) -> Iterator[str]:
    """The version that served before, and the one that took over, around the time of the replacement."""
    past = record.past
    began, ended = moment(past.began), moment(past.ended) or seen.now
    involved = dict.fromkeys((past.back_to or past.promotes or past.revision, past.previous))
    shown = [lane for each in involved if (lane := seen.lane(each))]
    if began is None or not shown:
        return
    around = max(timedelta(seconds=2), (ended - began) * 0.25)
    scale = Scale.over(began - around, ended + around, now=seen.now)
    yield f'<div class="chart" style="margin-top:.8rem">{"".join(_row(lane, scale) for lane in shown)}'
    yield from _ready(record, [each for each in involved if each], scale, until=ended + _SECOND)
    yield f"<div></div>{axis(scale)}<div></div></div>"


def _ready(record: Revision, versions: Sequence[str], scale: Scale, *, until: datetime) -> Iterator[str]:
    """The ready pods of both versions over that time, if they are on record."""
    pods = record.pods_over_time
    drawn = stairs(pods, scale, versions=versions, until=until) if pods is not None else ""
    if drawn and pods is not None:
        styles = zip(versions, ("new", "old"), strict=False)
        named = " ".join(f'<b class="{style}">{escape(each)}</b>' for each, style in styles)
        yield f'<div class="name">{named}<span class="soft">pods ready</span></div>{drawn}'
        yield f'<div class="pods">0 to {most(pods)}; dashed: wanted</div>'


def _phases(record: Revision) -> str:
    """Each phase that was entered, with how long it lasted."""
    entered = [(phase, at) for phase, text in record.past.phases.items() if (at := moment(text))]
    ends = [at for _, at in entered[1:]]
    lasted = [f" {length((end - at).total_seconds())}" for (_, at), end in zip(entered, ends, strict=False)]
    shown = zip(entered, [*lasted, ""], strict=True) if entered else ()
    items = "".join(
        f'<li title="{escape(_written(at))}">{escape(phase.replace("_", " "))}<b>{said}</b></li>'
        for (phase, at), said in shown
    )
    return f'<ul class="phases">{items or "<li>no times on record</li>"}</ul>'


def _facts(record: Revision) -> str:
    past = record.past
    stack = f"{record.project or '?'}/{record.stack}" if record.stack else None
    facts = [
        ("version", past.artifact_id),
        *((f"image of {each.name}", each.image) for each in record.containers),
        *((f"arguments of {each.name}", " ".join(each.args)) for each in record.containers if each.args),
        ("node pools asked for", ", ".join(record.requested_node_pools) or None),
        ("ran on", ", ".join(record.nodes) or None),
        ("node pools used", ", ".join(record.current_node_pools or ()) or None),
        ("ordered by", past.who),
        ("Kubernetes user", record.actor),
        ("stack", stack),
        ("commit", past.commit),
        ("reason", past.reason),
        ("served before", past.previous),
    ]
    return "".join(
        f"<dt>{escape(title)}</dt><dd{' class=soft' if said is None else ''}>{escape(said or 'not recorded')}</dd>"
        for title, said in facts
    )


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
