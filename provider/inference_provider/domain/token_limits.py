"""What does a policy about tokens come to, in windows that a gateway can count?

A gateway counts in fixed windows of a second, a minute, an hour or a day, whole numbers of 32 bits, so two kinds of
tokens are weighed against each other by whole numbers too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Unit = Literal["second", "minute", "hour", "day"]
Counted = Literal["input", "output", "total"]

_SECONDS: dict[Unit, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
#: The highest limit that Envoy counts to; older gateways cut off what is more (envoyproxy/gateway#8797).
HIGHEST = 2**32 - 1
#: The heaviest weight of one token: a request of a million tokens still counts less than the 10^9 that Envoy adds at
#: a time.
HEAVIEST = 1000


@dataclass(frozen=True)
class TokenLimit:
    """At most so many tokens in each window. In ``total`` each token of a request weighs ``input_weight``, each of an
    answer ``output_weight``, and ``most`` is in these weights.
    """

    counted: Counted
    most: int
    unit: Unit
    input_weight: int = 1
    output_weight: int = 1

    @property
    def weighed(self) -> bool:
        """Whether the two kinds count differently."""
        return self.input_weight != self.output_weight


@dataclass(frozen=True)
class TokenRule:
    """A limit of one policy (namespace/name). ``shadow``: it is counted and told of, and refuses nothing."""

    policy: str
    limit: TokenLimit
    shadow: bool = False


def window(granularity: str, step: int) -> Unit | None:
    """So many stretches as one window that can be counted; None when there is no such window."""
    stretch = next((seconds for unit, seconds in _SECONDS.items() if unit == granularity), None)
    wanted = stretch * step if stretch is not None else None
    return next((unit for unit, seconds in _SECONDS.items() if seconds == wanted), None)


def weights(ratio: float | None) -> tuple[int, int] | None:
    """How a token of a request and one of an answer weigh, as whole numbers; None when they would get too large.

    ``ratio`` tokens of a request weigh as much as one of an answer.
    """
    exact = Fraction(str(ratio)) if ratio is not None else Fraction(1)
    both = exact.denominator, exact.numerator
    return both if max(both) <= HEAVIEST else None


def window_fault(granularity: str, step: int) -> str | None:
    """Why so many stretches cannot be counted."""
    if window(granularity, step) is not None or granularity not in _SECONDS:
        return None
    plural = f"{granularity}s" if step != 1 else granularity
    return (
        f"makes a window of {step} {plural}, and gateways count in windows of one second, minute, hour or day only: "
        "leave it out, or make it one of these (60 minutes are an hour)"
    )


def ratio_fault(ratio: float, total: int) -> str | None:
    """Why tokens cannot be weighed like this."""
    both = weights(ratio)
    if both is None:
        return (
            f"weighs tokens more finely than a gateway can count: as a fraction of whole numbers up to {HEAVIEST} it "
            "can, as in 2, 2.5 or 0.25"
        )
    if total * both[1] > HIGHEST:
        return f"makes a limit of {total * both[1]} of `total`, and gateways count up to {HIGHEST}: round it"
    return None


def limits(
    *,
    granularity: str,
    step: int,
    input_most: int | None,
    output_most: int | None,
    total_most: int | None,
    ratio: float | None,
) -> tuple[TokenLimit, ...]:
    """The limits; none where the numbers are those that the faults above are about."""
    return tuple(_limits(window(granularity, step), weights(ratio), (input_most, output_most, total_most)))


def _limits(
    unit: Unit | None, weighed: tuple[int, int] | None, most: tuple[int | None, int | None, int | None]
) -> Iterator[TokenLimit]:
    if unit is None or weighed is None:
        return
    of_input, of_output, of_total = most
    if of_input is not None:
        yield TokenLimit("input", of_input, unit)
    if of_output is not None:
        yield TokenLimit("output", of_output, unit)
    if of_total is not None:
        yield TokenLimit("total", of_total * weighed[1], unit, *weighed)
