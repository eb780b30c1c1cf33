"""Which interruptions are tried, and what do their outcomes add up to?"""

import hashlib
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.interrupt.running import BLOWS, Blow

#: Ratio to undisturbed updates that has to be reached; with it no leftovers, and never fewer endpoints.
AIM = 1.0


@dataclass(frozen=True)
class Try:
    """Strike when a moment is reached or, without one, at a ``fraction`` of the provider's usual life."""

    blow: Blow
    reverted: bool
    moment: str | None = None
    fraction: float = 0.0

    def __str__(self) -> str:
        where = f"at `{self.moment}`" if self.moment else f"after {self.fraction:.0%} of the way"
        return f"{self.blow} {where}, then the {'old' if self.reverted else 'same'} program"


def plan(moments: Sequence[str], *, instants: int, seed: int) -> list[Try]:
    """Every blow at every moment, and at so many random instants; half of all with the program reverted afterwards.

    With fewer instants than there are blows at moments, only as many of those are tried.
    """
    told = [
        Try(blow, bool((row + column) % 2), moment)
        for row, moment in enumerate(moments)
        for column, blow in enumerate(BLOWS)
    ]
    drawn = [
        Try(BLOWS[number % len(BLOWS)], bool(number // len(BLOWS) % 2), fraction=_chance(seed, f"instant {number}"))
        for number in range(instants)
    ]
    chosen = sorted(told, key=lambda each: _chance(seed, str(each)))[:instants] if instants < len(told) else told
    return sorted([*chosen, *drawn], key=lambda each: _chance(seed, f"turn of {each}"))


def _chance(seed: int, what: str) -> float:
    """A number from 0 to 1 that looks like chance, and is the same again for the same seed."""
    return int(hashlib.sha256(f"{seed} {what}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


@dataclass(frozen=True)
class Outcome:
    """What one more `pulumi up` made of it. ``of`` is None for an update that was left alone."""

    of: Try | None
    wrong: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    fewest: int = 0
    orphan: float | None = 0.0
    seconds: float = 0.0
    said: str = field(default="", repr=False)

    @property
    def converged(self) -> bool:
        """Whether the wanted version serves alone, and the next preview is empty."""
        return not self.wrong

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is not as it should be, in words."""
        return (*self.wrong, *(f"left over: {each}" for each in self.left))


@dataclass(frozen=True)
class Sum:
    """All outcomes of a run; ``replicas`` is how many endpoints served before every try."""

    struck: Sequence[Outcome]
    alone: Sequence[Outcome]
    replicas: int

    @property
    def leftovers(self) -> int:
        """Objects that nobody wants any more."""
        return sum(len(each.left) for each in self.struck)

    @property
    def fewest(self) -> int:
        """The smallest number of serving endpoints."""
        return min(each.fewest for each in self.struck)

    @property
    def ratio(self) -> float:
        """Share of converged updates against those that were left alone."""
        return _share(self.struck) / _share(self.alone) if _share(self.alone) else 0.0

    @property
    def met(self) -> bool:
        """Whether everything converged, nothing was left over, and serving was never below."""
        return self.ratio >= AIM and not self.leftovers and self.fewest >= self.replicas

    def line(self) -> str:
        """The last line of the benchmark."""
        said = {
            "name": "interrupt",
            "value": round(_share(self.struck), 2),
            "unit": "% converged",
            "reference": {"what": "updates that were left alone", "value": round(_share(self.alone), 2)},
            "ratio": round(self.ratio, 4),
            "aim": AIM,
            "met": self.met,
            "tries": len(self.struck),
            "leftovers": self.leftovers,
            "fewest_endpoints": self.fewest,
            "endpoints": self.replicas,
        }
        return json.dumps(said)

    def table(self) -> str:
        """The same for people, by blow."""
        rows: list[tuple[str, ...]] = [
            ("", "tries", "converged", "leftovers", "fewest endpoints", "orphan lived", "next up")
        ]
        groups = {blow: [each for each in self.struck if each.of and each.of.blow == blow] for blow in BLOWS}
        rows += [_row(blow, each) for blow, each in [*groups.items(), ("left alone", self.alone)] if each]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        verdict = "the aim is met" if self.met else "the aim is missed"
        return "\n".join([*lines, "", f"{self.fewest} of {self.replicas} endpoints at the least: {verdict}"])


def _share(outcomes: Sequence[Outcome]) -> float:
    return 100.0 * sum(each.converged for each in outcomes) / len(outcomes) if outcomes else 0.0


def _row(what: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    lived = [each.orphan for each in outcomes if each.orphan is not None]
    return (
        what,
        str(len(outcomes)),
        f"{_share(outcomes):.1f} %",
        str(sum(len(each.left) for each in outcomes)),
        str(min(each.fewest for each in outcomes)),
        f"≤ {max(lived):.1f} s" if lived else "too long",
        f"{statistics.median(each.seconds for each in outcomes):.1f} s",
    )
