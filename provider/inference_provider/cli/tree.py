"""How is one Workload shown? What serves first, then what comes, what was kept, what withholds, who is at it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from inference_provider.cli.pods import cells, holding, pods
from inference_provider.cli.times import age, ago, length, moment, read
from inference_provider.resources.driverless import INTERRUPTED
from inference_provider.resources.history import Past
from inference_provider.resources.policy_standing import PolicyVerdict
from inference_provider.resources.status import LockSeen, Scaled, Status, Version
from inference_provider.rollout.fleet import Role
from inference_provider.rollout.hold import Hold

#: So many records are shown; `history` and JSON have them all.
RECORDS = 5

#: What somebody did who left a hold.
_DONE = {"undo": "took {} back", "cancel": "cancelled {}", "stop": "stopped it while {} served"}

STYLES = {"running": "green", "ready": "green", "completed": "green", "errored": "red", "interrupted": "red"}


def tree(status: Status, *, now: datetime, command: str) -> RenderableType:
    """The whole picture. ``command`` is how this Workload is addressed: ``pulumi-inference {} chat -n models``."""
    head = Text.assemble(
        (f"{status.namespace}/{status.name}", "bold"), "  ", (status.status, STYLES.get(status.status, "yellow"))
    )
    root = Tree(head, guide_style="dim")
    root.add(Text(status.endpoint))
    for each in _lines(status, now=now, command=command):
        root.add(each)
    return root


def _lines(status: Status, *, now: datetime, command: str) -> Iterator[RenderableType]:
    yield from (_active(each, status, now=now) for each in status.of_role(Role.ACTIVE))
    yield from (_load(each) for each in status.scaled)
    if not status.lock:
        yield from (_alarm(f"{each}; the next `pulumi up` puts it right") for each in status.disorder)
        yield from map(_alarm, status.unowned)
    yield from (_policy(each) for each in status.policy_verdicts if each.verdict != "allowed")
    yield from (_candidate(each, status, now=now, command=command) for each in status.of_role(Role.CANDIDATE))
    yield from (_kept(each, status, now=now, command=command) for each in status.of_role(Role.RETAINED))
    yield from (_failed(each, now=now) for each in status.of_role(Role.FAILED))
    if status.held:
        yield _hold(status.held, now=now, command=command)
    if status.lock:
        yield _lock(status.lock, now=now)
    yield from map(Text, status.unseen)
    if status.records:
        yield _history(status, now=now)


def _active(version: Version, status: Status, *, now: datetime) -> RenderableType:
    serves = version.revision in status.traffic
    since = f" since {ago(status.since, now)}" if status.since else ""
    if not serves:
        return _block(_head("✘", f"{version.revision} is active, but gets no traffic", "bold red"), version, now=now)
    if not version.wanted:
        head = _head("■", f"{version.revision} is stopped", "bold yellow")
        return Group(head, Text(_what(version, "no pods")))
    return _block(_head("●", f"{version.revision} serves{since}", "bold", mark_style="green"), version, now=now)


def _load(scaled: Scaled) -> RenderableType:
    """What the number of pods depends on."""
    group = f" of {scaled.group}" if scaled.group != "default" else ""
    return Text(f"{scaled.least} to {scaled.most} pods{group}, by load ({', '.join(scaled.metrics)})", "dim")


def _candidate(version: Version, status: Status, *, now: datetime, command: str) -> RenderableType:
    also = ", and gets traffic too" if version.revision in status.traffic else ""
    left = next(
        (each for each in status.records if each.phase == INTERRUPTED and each.revision == version.revision), None
    )
    if version.staged:
        head = _head("◆", f"{version.revision} waits for promotion since {ago(version.staged, now)}{also}", "yellow")
        if left is not None:
            head = _head("◆", f"{left.message}{also}", "red")
        ways = (f"`{command.format('promote')}` lets it take over", f"`{command.format('cancel')}` removes it")
        return Group(_block(head, version, now=now), *map(_hint, ways))
    begun = next((each.began for each in status.records if each.revision == version.revision), None)
    so_far = f" ({age(begun, now)} so far)" if begun else ""
    head = _head("◐", f"{version.revision} is coming up{also}{so_far}", "yellow")
    if left is not None:
        head = _head("◐", f"{left.message}{also}", "red")
    return Group(_block(head, version, now=now), _hint(f"`{command.format('cancel')}` calls it off"))


def _kept(version: Version, status: Status, *, now: datetime, command: str) -> RenderableType:
    """A kept version; ``undo`` is offered where it would be obeyed."""
    if version.ending:
        return _head("◌", f"{version.revision} is ending", "dim")
    until = f" until {ago(version.until, now)}" if version.until else ""
    rejected = status.held is not None and status.held.revision == version.revision
    free = not rejected and not status.of_role(Role.CANDIDATE)
    back = [f"`{command.format('undo')}` goes back to it without loading"] if free else []
    head = _head("○", f"{version.revision} is kept{until}", "", mark_style="cyan")
    what = Text(_what(version, _count(version) + holding(version.pods)))
    return Group(_counted(head, version), what, *map(_hint, back))


def _failed(version: Version, *, now: datetime) -> RenderableType:
    until = f" until {ago(version.until, now)}" if version.until else ""
    head = _head("✘", f"{version.revision} failed and stays for a look{until}", "red")
    return _block(head, version, now=now, said=version.failed or version.said)


def _head(mark: str, said: str, style: str, *, mark_style: str = "") -> Text:
    """A headline: its mark is what an eye looks for."""
    return Text.assemble((f"{mark} ", mark_style or style), (said, style))


def _counted(head: Text, version: Version) -> Text:
    return Text.assemble(head, "  ", cells(version.ready, version.wanted)) if version.wanted else head


def _block(head: Text, version: Version, *, now: datetime, said: str = "") -> RenderableType:
    """A headline, what runs and how it is, and its pods."""
    below = [pods(version.pods, now=now)] if version.pods else []
    return Group(_counted(head, version), Text(_what(version, said or _count(version))), *below)


def _what(version: Version, said: str) -> str:
    number = f" ({version.number})" if version.number else ""
    return f"{_short(version.artifact_id)}{number}{_hardware(version)}, {said}"


def _hardware(version: Version) -> str:
    """Which bundle it was given; of several groups each."""
    several = len(version.bundles) > 1
    named = [f"{group}: {name}" if several else name for group, name in version.bundles.items()]
    return f" on {', '.join(named)}" if named else ""


def _short(artifact_id: str) -> str:
    """Without the namespace, which stands above."""
    return artifact_id.partition("/")[2] or artifact_id


def _count(version: Version) -> str:
    """How many pods are ready; the sentence names a cause when some are not."""
    counted = f"{version.ready} of {version.wanted} pods ready"
    return counted if version.ready >= version.wanted else version.said


def _policy(said: PolicyVerdict) -> RenderableType:
    """What serves against a policy, or would if that were no sandbox."""
    which = f"Policy {said.policy}" if said.policy else "its policies"
    word, style = ("violated", "bold red") if said.verdict == "violated" else ("warned", "yellow")
    return Text.assemble((f"{word}: ", style), f"{which}: {said.message}")


def _hold(held: Hold, *, now: datetime, command: str) -> RenderableType:
    head = Text(f"held: {held.by} {_DONE[held.kind].format(held.revision)} at {ago(held.at, now)}", "yellow")
    lift = "start" if held.kind == "stop" else "resume"
    how = f"`{command.format(lift)}` lifts it, as does any other version in the program"
    return Group(head, *([Text(f"reason: {held.reason}")] if held.reason else []), _hint(how))


def _lock(lock: LockSeen, *, now: datetime) -> RenderableType:
    head = Text(f"worked on by {lock.holder}", "yellow")
    seen = read(lock.renewed)
    silent = (now - seen).total_seconds() if seen else None
    sign = f", last sign of life {length(silent)} ago" if silent is not None else ""
    lines = [f"since {ago(lock.since, now)}{sign}"]
    if silent is not None and silent > lock.lasts:
        lines.append("it seems to have died: the next `pulumi up` or command takes over")
    return Group(head, *map(Text, lines))


def _history(status: Status, *, now: datetime) -> RenderableType:
    """The last records, newest first; why the very last one failed, unless that stands above with its pods."""
    records = status.records
    grid = _grid("whole", "whole", "whole", "may fold", "may fold", "whole")
    for each in reversed(records[-RECORDS:]):
        grid.add_row(each.revision, purpose(each), ending(each), each.who, moment(each.began, now), took(each, now))
    last, told = records[-1], {each.revision for each in status.of_role(Role.FAILED)}
    told |= {each.revision for each in status.of_role(Role.CANDIDATE)}
    failed = (last.outcome == "errored" or last.phase == INTERRUPTED) and last.revision not in told
    why = [Text(last.message)] if last.message and failed else []
    return Group(Text("history", "dim"), grid, *why)


def purpose(past: Past) -> str:
    """What a record is about: ``undo to r2``."""
    if past.promotes:
        return f"{past.kind} of {past.promotes} to v{past.version}"
    return f"{past.kind} to {past.back_to}" if past.back_to else past.kind


def ending(past: Past) -> Text:
    """How it ended, or how far it is."""
    word = past.outcome or past.phase
    return Text(word, STYLES.get(word, "yellow"))


def took(past: Past, now: datetime) -> str:
    """How long it took, or has taken so far."""
    if past.phase == INTERRUPTED:
        return "-"
    return length(past.seconds) if past.seconds is not None else f"{age(past.began, now)} so far"


def _grid(*columns: Literal["whole", "may fold"]) -> Table:
    """Columns without lines; on a narrow terminal those give way that may."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for each in columns:
        grid.add_column(no_wrap=each == "whole", overflow="fold")
    return grid


def _hint(text: str) -> Text:
    """What one could type: there when one looks for it, and in nobody's way."""
    return Text(text, "dim")


def _alarm(text: str) -> Text:
    return Text(text, "bold red")
