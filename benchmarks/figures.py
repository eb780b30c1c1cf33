"""What does a benchmark say at its end? A table for people, then one JSON line for everybody else."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_COLUMNS = ("", "median", "p95", "fastest", "slowest", "runs")


@dataclass(frozen=True)
class Series:
    """The same thing measured several times (in ``unit`` of its Figure)."""

    what: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """What counts."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """What at least 95 of 100 runs stayed within: of less than 20 runs it is the slowest."""
        return sorted(self.values)[math.ceil(0.95 * len(self.values)) - 1]

    def row(self, unit: str) -> tuple[str, ...]:
        """Its line of the table."""
        spread = (self.median, self.p95, min(self.values), max(self.values))
        return (self.what, *(f"{value:.4g} {unit}" for value in spread), str(len(self.values)))


@dataclass(frozen=True)
class Rival:
    """Something else that does the same, measured in the same run; ``aim`` is the highest ratio to it."""

    series: Series
    aim: float

    def ratio(self, ours: Series) -> float:
        """Ours over this."""
        return ours.median / self.series.median

    def met(self, ours: Series) -> bool:
        """Whether the aim is reached."""
        return self.ratio(ours) <= self.aim

    def said(self, ours: Series) -> dict[str, object]:
        """Its part of the last line."""
        numbers = {"value": self.series.median, "p95": self.series.p95, "ratio": self.ratio(ours), "aim": self.aim}
        rounded = {name: round(number, 3) for name, number in numbers.items()}
        return {"what": self.series.what, **rounded, "met": self.met(ours)}

    def words(self, ours: Series) -> str:
        """The same for people."""
        verdict = _verdict(met=self.met(ours))
        return f"{self.ratio(ours):.3g} times {self.series.what}; aim at most {self.aim:g}: {verdict}"


@dataclass(frozen=True)
class Bound:
    """A number of another kind that the same run gave, such as memory; ``aim`` is the highest that is good enough."""

    name: str
    value: float
    unit: str
    aim: float | None = None

    @property
    def met(self) -> bool:
        """Whether the aim is reached; one without an aim only informs."""
        return self.aim is None or self.value <= self.aim

    def said(self) -> dict[str, object]:
        """Its part of the last line."""
        said: dict[str, object] = {"value": round(self.value, 3), "unit": self.unit}
        return said if self.aim is None else {**said, "aim": self.aim, "met": self.met}

    def words(self) -> str:
        """The same for people."""
        judged = "" if self.aim is None else f"; aim at most {self.aim:g}: {_verdict(met=self.met)}"
        return f"{self.name.replace('_', ' ')}: {self.value:.4g} {self.unit}{judged}"


@dataclass(frozen=True)
class Figure:
    """Ours beside what it was measured with in the same run. ``aim`` is the highest ratio that is good enough.

    ``beside`` are further series that explain the two; they decide nothing. ``limit``, where there is one, is the
    highest median of ours (in ``unit``) that is good enough; it has to be met as well, and so have the ``rival``'s aim
    and those of the ``bounds``.
    """

    name: str
    unit: str
    ours: Series
    reference: Series
    aim: float
    beside: Sequence[Series] = ()
    limit: float | None = None
    rival: Rival | None = None
    bounds: Sequence[Bound] = ()

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.ours.median / self.reference.median

    @property
    def met(self) -> bool:
        """Whether everything that was aimed at is reached."""
        beaten = self.rival is None or self.rival.met(self.ours)
        return self._near_enough and beaten and all(bound.met for bound in self.bounds)

    @property
    def _near_enough(self) -> bool:
        return self.ratio <= self.aim and (self.limit is None or self.ours.median <= self.limit)

    def line(self) -> str:
        """The last line of a benchmark."""
        said: dict[str, object] = {
            "name": self.name,
            "value": round(self.ours.median, 3),
            "p95": round(self.ours.p95, 3),
            "unit": self.unit,
            "reference": {"what": self.reference.what, "value": round(self.reference.median, 3)},
            "ratio": round(self.ratio, 3),
            "aim": self.aim,
            "met": self.met,
        }
        if self.limit is not None:
            said["limit"] = self.limit
        if self.rival is not None:
            said["rival"] = self.rival.said(self.ours)
        said |= {bound.name: bound.said() for bound in self.bounds}
        return json.dumps(said)

    def table(self) -> str:
        """The same, and how far the single runs lie apart, for people."""
        rivals = [self.rival.series] if self.rival else []
        rows = [_COLUMNS, *(each.row(self.unit) for each in (self.ours, self.reference, *rivals, *self.beside))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        lines = ["  ".join(_aligned(row, widths)) for row in rows]
        limit = "" if self.limit is None else f" and {self.limit:g} {self.unit}"
        said = (
            f"{self.ratio:.3g} times the reference; aim at most {self.aim:g}{limit}: {_verdict(met=self._near_enough)}"
        )
        further = [*(each.words(self.ours) for each in [self.rival] if each), *(each.words() for each in self.bounds)]
        return "\n".join([*lines, "", said, *further])


def _verdict(*, met: bool) -> str:
    return "the aim is met" if met else "the aim is missed"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def show(figure: Figure) -> None:
    """Print both."""
    print(f"\n{figure.table()}\n")
    print(figure.line())
