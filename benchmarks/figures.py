"""What does a benchmark say at its end? A table for people, then one JSON line for everybody else."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_COLUMNS = ("", "median", "fastest", "slowest", "runs")


@dataclass(frozen=True)
class Series:
    """The same thing measured several times (in ``unit`` of its Figure)."""

    what: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """What counts."""
        return statistics.median(self.values)

    def row(self, unit: str) -> tuple[str, ...]:
        """Its line of the table."""
        spread = (self.median, min(self.values), max(self.values))
        return (self.what, *(f"{value:.4g} {unit}" for value in spread), str(len(self.values)))


@dataclass(frozen=True)
class Figure:
    """Ours beside what it was measured with in the same run. ``aim`` is the highest ratio that is good enough.

    ``beside`` are further series that explain the two; they decide nothing. ``limit``, where there is one, is the
    highest median of ours (in ``unit``) that is good enough; it has to be met as well.
    """

    name: str
    unit: str
    ours: Series
    reference: Series
    aim: float
    beside: Sequence[Series] = ()
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.ours.median / self.reference.median

    @property
    def met(self) -> bool:
        """Whether the aim is reached."""
        return self.ratio <= self.aim and (self.limit is None or self.ours.median <= self.limit)

    def line(self) -> str:
        """The last line of a benchmark."""
        said: Mapping[str, object] = {
            "name": self.name,
            "value": round(self.ours.median, 3),
            "unit": self.unit,
            "reference": {"what": self.reference.what, "value": round(self.reference.median, 3)},
            "ratio": round(self.ratio, 3),
            "aim": self.aim,
            "met": self.met,
        }
        return json.dumps(said if self.limit is None else {**said, "limit": self.limit})

    def table(self) -> str:
        """The same, and how far the single runs lie apart, for people."""
        rows = [_COLUMNS, *(each.row(self.unit) for each in (self.ours, self.reference, *self.beside))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        lines = ["  ".join(_aligned(row, widths)) for row in rows]
        verdict = "the aim is met" if self.met else "the aim is missed"
        limit = "" if self.limit is None else f" and {self.limit:g} {self.unit}"
        said = f"{self.ratio:.3g} times the reference; aim at most {self.aim:g}{limit}: {verdict}"
        return "\n".join([*lines, "", said])


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def show(figure: Figure) -> None:
    """Print both."""
    print(f"\n{figure.table()}\n")
    print(figure.line())
