"""How are many Workloads, or many findings, shown? A row each, columns without lines, nothing cut for a program."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from inference_provider.cli.times import age
from inference_provider.cli.tree import STYLES
from inference_provider.resources.doctor import Finding, Level
from inference_provider.resources.status import Status
from inference_provider.rollout.fleet import Role

_COLUMNS = ("NAME", "STATUS", "REVISION", "VERSION", "READY", "TRAFFIC", "HELD", "SINCE")

_MARKS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}


def listing(rows: Sequence[Status], *, now: datetime) -> RenderableType:
    """All Workloads of a namespace. REVISION is ``r2>r3`` while r3 comes up beside r2."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for title in _COLUMNS:
        table.add_column(title, no_wrap=title not in ("NAME", "VERSION"), overflow="fold")
    for each in rows:
        table.add_row(*_row(each, now))
    return table


def _row(status: Status, now: datetime) -> tuple[str | Text, ...]:
    coming = [each.revision for each in status.of_role(Role.CANDIDATE)]
    version = (status.artifact_id or "-").rpartition("/")[2]
    return (
        status.name,
        Text(status.status, STYLES.get(status.status, "yellow")),
        ">".join([*([status.revision] if status.revision else []), *coming]) or "-",
        version,
        f"{status.ready}/{status.wanted}",
        "+".join(status.traffic) or "none",
        status.held.kind if status.held else "-",
        age(status.since, now),
    )


def findings(found: Sequence[Finding]) -> RenderableType:
    """One line each; below a warning or a problem stands what to do."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for may_fold in (False, False, True):
        table.add_column(no_wrap=not may_fold, overflow="fold")
    for each in found:
        table.add_row(Text(each.level.value, _MARKS[each.level]), each.subject, each.said)
        if each.cure:
            table.add_row("", "", each.cure)
    return table
