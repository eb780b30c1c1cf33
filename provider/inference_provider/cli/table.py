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

_COLUMNS = ("NAME", "STATUS", "REVISION", "VERSION", "READY", "TRAFFIC", "HELD", "SINCE")

_MARKS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}


def listing(rows: Sequence[Status], *, now: datetime, everywhere: bool = False) -> RenderableType:
    """All Workloads of a namespace, or of all. REVISION is ``r2>r3`` while r3 comes up beside r2."""
    table = columns(*_COLUMNS, may_fold=("NAME", "VERSION"))
    for each in rows:
        table.add_row(f"{each.namespace}/{each.name}" if everywhere else each.name, *_row(each, now))
    return table


def against(rows: Sequence[Status]) -> list[str]:
    """A line for each policy that something serves against, and one that says where more is said."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for row in rows:
        for each in row.policy_verdicts:
            if each.verdict != "allowed":
                found.setdefault((each.verdict, each.policy), []).append(f"{row.namespace}/{row.name}")
    lines = [f"{_against(*key)} {', '.join(who)}" for key, who in found.items()]
    return [*lines, *(["`pulumi-inference policy check` says why"] if lines else [])]


def _against(verdict: str, policy: str | None) -> str:
    which = f"Policy {policy}" if policy else "policy that cannot be found or read"
    return f"{which} is violated by" if verdict == "violated" else f"{which} (sandbox) warns of"


def columns(*titles: str, may_fold: Sequence[str]) -> Table:
    """A table without lines; on a narrow terminal those columns give way that may."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title, no_wrap=title not in may_fold, overflow="fold")
    return table


def listed_facts(rows: Sequence[Status]) -> dict[str, str]:
    """A sentence for each Workload, for where a table cannot be drawn in place."""
    return {f"{each.namespace}/{each.name}": _fact(each) for each in rows}


def _fact(status: Status) -> str:
    held = f", held by {status.held.by}" if status.held else ""
    traffic = " and ".join(status.traffic) or "none"
    said = f"{status.revision_path}, {status.ready} of {status.wanted} pods ready, traffic to {traffic}{held}"
    return f"{status.namespace}/{status.name} is {status.status}: {said}"


def _row(status: Status, now: datetime) -> tuple[str | Text, ...]:
    version = (status.artifact_id or "-").rpartition("/")[2]
    return (
        Text(status.status, STYLES.get(status.status, "yellow")),
        status.revision_path,
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
