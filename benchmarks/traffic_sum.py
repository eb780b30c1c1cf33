"""What do the runs of the traffic benchmark add up to, and when may it say that nothing is lost?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.traffic.tally import KINDS, WORDS, Tally


@dataclass(frozen=True)
class Outcome:
    """One run: what its callers counted, and how the engines of the versions that were replaced ended.

    ``returns`` are steps to a version that was still there: back, and forward again. ``drained`` engines had given
    their last answer when their pod went, ``cut`` ones had not. ``behind`` are versions that have not answered a single
    request although they were made to.
    """

    what: str
    replacements: int
    tally: Tally = field(default_factory=Tally)
    returns: int = 0
    drained: int = 0
    cut: int = 0
    behind: tuple[str, ...] = ()
    mixed: int = 0
    atomic: bool = False

    @property
    def lost(self) -> int:
        """Requests without an answer, truncated streams among them."""
        return self.tally.lost.total()

    def row(self) -> tuple[str, ...]:
        """Its line of the table."""
        counted = (self.replacements, self.returns, self.tally.requests, self.lost, self.tally.truncated)
        ends = f"{self.drained} in peace, {self.cut} cut"
        again, slowest = self.tally.resent.total(), f"{self.tally.slowest:.2f} s"
        return (self.what, *(f"{number:,}" for number in (*counted, again)), slowest, f"{self.mixed:,}", ends)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it may not be said of this run that nothing was lost, in words."""
        wrong = {
            f"{self.lost} requests were lost: {_told(self.tally.reasons())}": self.lost > 0,
            f"{', '.join(self.behind)} never answered": bool(self.behind),
            f"{self.cut} engines were cut although their pods drain": self.cut > 0,
            "no engine ended while it was called": not self.drained,
            f"two versions got traffic at once, {self.mixed} times": self.atomic and self.mixed > 0,
        }
        return tuple(fault for fault, holds in wrong.items() if holds)

    def said(self) -> dict[str, object]:
        """Its part of the last line."""
        counted = {"requests": self.tally.requests, "replacements": self.replacements, "returns": self.returns}
        return {"what": self.what, "value": self.lost, "truncated": self.tally.truncated, **counted}


_COLUMNS = (
    "",
    "replaced",
    "back, forth",
    "requests",
    "lost",
    "streams cut",
    "sent again",
    "slowest",
    "both at once",
    "old pods ended",
)
_KIND_COLUMNS = ("", "requests", "lost", "sent again")


@dataclass(frozen=True)
class Sum:
    """The run that counts, and those that are made to lose: without them a zero would prove nothing.

    ``scenes`` are shorter runs with other settings, which must not lose either.
    """

    run: Outcome
    controls: Sequence[Outcome]
    scenes: Sequence[Outcome] = ()

    @property
    def seeing(self) -> bool:
        """Whether each of the controls lost something."""
        return all(each.lost for each in self.controls)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the aim is missed, in words."""
        blind = [each for each in self.controls if not each.lost]
        unseen = any(each.atomic for each in self.scenes) and not self.run.mixed
        return (
            *self.run.faults,
            *(f"{each.what}: {fault}" for each in self.scenes for fault in each.faults),
            *(f"{each.what}: nothing was lost, so this harness sees no losses" for each in blind),
            *(["two versions at once were never seen, so this harness does not see them"] if unseen else []),
        )

    @property
    def met(self) -> bool:
        """Whether nothing was lost, in a run that would have shown it."""
        return not self.faults

    def line(self) -> str:
        """The last line of the benchmark."""
        said = {
            "name": "traffic",
            "value": self.run.lost,
            "unit": "lost requests",
            "truncated": self.run.tally.truncated,
            "requests": self.run.tally.requests,
            "replacements": self.run.replacements,
            "returns": self.run.returns,
            "sent_again": self.run.tally.resent.total(),
            "aim": 0,
            "met": self.met,
            "scenes": [each.said() for each in self.scenes],
            "reference": [
                {"what": each.what, "value": each.lost, "truncated": each.tally.truncated} for each in self.controls
            ],
        }
        return json.dumps(said)

    def table(self) -> str:
        """The same for people: by run, then the run that counts by kind of caller, then what its controls lost."""
        runs = _aligned([_COLUMNS, *(each.row() for each in (self.run, *self.scenes, *self.controls))])
        tally = self.run.tally
        kinds = [(WORDS[kind], tally.requests_of(kind), tally.lost_of(kind), tally.resent[kind]) for kind in KINDS]
        rows = [_KIND_COLUMNS, *((what, *(f"{number:,}" for number in counted)) for what, *counted in kinds)]
        losses = [f"{each.what}: {_told(each.tally.reasons())}" for each in self.controls]
        verdict = "the aim is met" if self.met else "the aim is missed: " + "; ".join(self.faults)
        return "\n".join([*runs, "", f"{self.run.what}, by caller:", *_aligned(rows), "", *losses, "", verdict])


def _told(reasons: dict[str, int]) -> str:
    return ", ".join(f"{number:,} × {why}" for why, number in reasons.items()) or "nothing lost"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
