"""How is the past shown: all records a row each, one record in full, and everything that happened in time?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from inference_provider.cli.table import columns
from inference_provider.cli.times import ago, length, moment, read
from inference_provider.cli.tree import ending, purpose, took
from inference_provider.resources.events import Events, Happened
from inference_provider.resources.history import Past
from inference_provider.resources.revision import ContainerSeen, Revision

_NOT_RECORDED = "not recorded"


def pasts(found: Sequence[Past], *, now: datetime, command: str) -> RenderableType:
    """Every record, newest first; below them stands why some came to nothing. ``command`` names the newest."""
    titles = ("REV", "WHAT", "OUTCOME", "VERSION", "BY", "BEGAN (UTC)", "TOOK")
    table = columns(*titles, may_fold=("WHAT", "VERSION", "BY", "BEGAN (UTC)"))
    for each in reversed(found):
        version = (each.artifact_id or "-").rpartition("/")[2]
        table.add_row(
            each.revision,
            purpose(each),
            ending(each),
            version,
            each.who,
            moment(each.began, now).removesuffix(" UTC"),
            took(each, now),
        )
    whys = [Text(f"{each.revision}: {each.message}") for each in reversed(found) if each.message]
    more = Text(f"`{command.format('revision')}` tells all of one", "dim")
    return Group(table, *([Text(), *whys] if whys else []), Text(), more)


def in_full(found: Revision, *, now: datetime) -> RenderableType:
    """One record: what it was for, how it went, what ran, where, and what brings it back."""
    head = Text.assemble(
        (f"{found.namespace}/{found.workload} {found.past.revision}", "bold"), "  ", ending(found.past)
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for title, said in _lines(found, now):
        grid.add_row(title, said)
    return Group(head, grid, *_again(found))


def _lines(found: Revision, now: datetime) -> Iterator[tuple[str, RenderableType]]:
    past = found.past
    yield "what", purpose(past)
    yield "by", _who(found)
    yield from ((key, said) for key, said in (("reason", past.reason), ("message", past.message)) if said)
    yield "began", ago(past.began, now)
    yield "took", took(past, now)
    yield "phases", _phases(past)
    yield "before", past.previous or "-"
    yield "now", _standing(found)
    yield "version", past.artifact_id or _NOT_RECORDED
    for each in found.containers:
        yield "container", _container(each)
    yield "asked for", _asked(found)
    yield "settings", _written(found.settings)
    if found.warm_up is not None:
        yield "warm-up", found.warm_up.words()
    yield from ((key, said if isinstance(said, str) else json.dumps(said)) for key, said in found.more.items())


def _who(found: Revision) -> str:
    actor = f", as {found.actor}" if found.actor and found.actor != found.past.who else ""
    stack = f"; stack {found.project or '?'}/{found.stack}" if found.stack else ""
    commit = f"; commit {found.past.commit}" if found.past.commit else "; no commit on record"
    return f"{found.past.who}{actor}{stack}{commit}"


def _phases(past: Past) -> RenderableType:
    """When each was entered, and how long it lasted."""
    entered = list(past.phases.items())
    grid = Table.grid(padding=(0, 2, 0, 0))
    for (phase, at), (_, then) in zip(entered, [*entered[1:], ("", "")], strict=True):
        begin, end = read(at), read(then)
        lasted = length((end - begin).total_seconds()) if begin and end else ""
        grid.add_row(phase, f"{begin:%Y-%m-%d %H:%M:%S} UTC" if begin else at, lasted)
    return grid if entered else Text(_NOT_RECORDED)


def _standing(found: Revision) -> str:
    if found.role is None:
        return "it is gone: no pods of it are there"
    where = f" on {', '.join(found.nodes)}" if found.nodes else ""
    pools = f" ({', '.join(found.current_node_pools)})" if found.current_node_pools else ""
    return f"{found.role}, {found.running_pods} pods ready{where}{pools}"


def _container(each: ContainerSeen) -> RenderableType:
    name = f"{each.group}/{each.name}" if each.group != "default" else each.name
    lines = [Text.assemble((name, "bold"), f"  {each.image}")]
    for title, words in (("command", each.command), ("args", each.args)):
        lines.append(Text(f"{title}: {json.dumps(words) if words else 'those of the image'}"))
    return Group(*lines)


def _asked(found: Revision) -> str:
    pools = f"GPU model {', '.join(found.requested_node_pools)}; " if found.requested_node_pools else ""
    return f"{pools}{_written(found.runtime)}"


def _written(value: Mapping[str, object] | None) -> str:
    return json.dumps(_said(value), ensure_ascii=False) if value is not None else _NOT_RECORDED


def _said(value: object) -> object:
    """Without what was left open."""
    if isinstance(value, Mapping):
        return {key: _said(item) for key, item in value.items() if item is not None and item != []}
    return [_said(item) for item in value] if isinstance(value, list) else value


def _again(found: Revision) -> Iterator[RenderableType]:
    """What a program has to say to run this again."""
    if found.spec is None or found.past.artifact_id is None:
        return
    yield Text()
    yield Text(
        f"To run it again, put `artifact_id={json.dumps(found.past.artifact_id)}` and the runtime above into the "
        "program. Should that version have been deleted since, make an Artifact of this:"
    )
    yield Text(json.dumps(found.spec, indent=2, ensure_ascii=False))


def happenings(found: Events, *, now: datetime) -> RenderableType:
    """Everything in time, oldest first, so that the latest stands where one reads on; our own lines are bold."""
    table = columns("TIME (UTC)", "WHAT", "REASON", "MESSAGE", may_fold=("WHAT", "MESSAGE"))
    for each in found.happened:
        style = "bold" if each.lasting else ""
        bad = "red" if each.warning else style
        often = f" (×{each.count})" if each.count > 1 else ""
        at = Text(_exactly(each.at, now), "dim")
        table.add_row(at, Text(_about(each), style), Text(each.reason, bad), Text(f"{each.said}{often}", style))
    return table if found.happened else Text("Nothing is known to have happened.")


def _exactly(text: str, now: datetime) -> str:
    """To the second, with the day where that is another one."""
    at = read(text)
    if at is None:
        return text
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def _about(each: Happened) -> str:
    """Kubernetes' kinds in their short form, as kubectl takes them."""
    kind, _, name = each.about.rpartition("/")
    return f"{kind.lower()}/{name}" if kind else name
