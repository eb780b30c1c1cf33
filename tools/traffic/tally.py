"""What became of the requests? Counted by the caller: only who asked knows whether an answer came."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["short", "kept", "pinned", "streamed"]
KINDS: tuple[Kind, ...] = ("short", "kept", "pinned", "streamed")

WORDS: dict[Kind, str] = {
    "short": "a connection for each request",
    "kept": "connections kept by a proxy, to who gets traffic",
    "pinned": "connections kept until the server closes them",
    "streamed": "answers streamed for a second",
}


@dataclass
class Tally:
    """The sum so far. ``resent``: sent again because a kept connection was found closed before an answer began."""

    answered: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    lost: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    resent: Counter[Kind] = field(default_factory=Counter)
    slowest: float = 0.0
    """The longest time from asking to the first byte of an answer (s)."""

    def requests_of(self, kind: Kind) -> int:
        """Requests of a kind that have come to an end."""
        return sum(number for (each, _), number in (self.answered + self.lost).items() if each == kind)

    def lost_of(self, kind: Kind) -> int:
        """Requests of a kind that were not answered to the end."""
        return sum(number for (each, _), number in self.lost.items() if each == kind)

    @property
    def requests(self) -> int:
        """All that have come to an end."""
        return self.answered.total() + self.lost.total()

    @property
    def truncated(self) -> int:
        """Streams that ended in the middle; they are among the lost."""
        return self.lost["streamed", CUT]

    def by_version(self) -> dict[str, int]:
        """Answers by the version that gave them."""
        found: Counter[str] = Counter()
        for (_, version), number in self.answered.items():
            found[version] += number
        return dict(found)

    def reasons(self) -> dict[str, int]:
        """Losses by what the caller saw."""
        found: Counter[str] = Counter()
        for (_, reason), number in self.lost.items():
            found[reason] += number
        return dict(found.most_common())


CUT = "cut in the middle"
REFUSED = "connection refused"
SILENT = "closed without an answer"
NOBODY = "no endpoint"
LATE = "no answer in time"
