"""One time budget per operation, made once and handed down."""

import asyncio
from dataclasses import dataclass

from inference_provider.errors import DeadlineExceeded


@dataclass(frozen=True)
class Deadline:
    """When an operation must be over, on the event loop's clock (virtual in tests).

    ``option`` is the key of ``timeouts`` that says so, as ``create``; "" where no program can.
    """

    operation: str
    seconds: float
    ends: float
    option: str = ""

    @classmethod
    def after(cls, operation: str, seconds: float, *, option: str = "") -> "Deadline":
        """A deadline ``seconds`` from now. ``operation`` names it in errors ("update of Workload models/llama")."""
        return cls(operation, seconds, asyncio.get_running_loop().time() + seconds, option)

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.ends - asyncio.get_running_loop().time())

    def check(self, waiting_for: str) -> None:
        """Raise DeadlineExceeded, naming what was being waited for, when the time is over."""
        if self.left() <= 0:
            raise DeadlineExceeded(
                f"{self.operation} did not finish within {_spoken(self.seconds)}; it was {waiting_for}. "
                f"{self._advice()}",
                touched=True,
            )

    def _advice(self) -> str:
        if not self.option:
            return "Look at what it waited for"
        # The engine's own win, and no resource learns whose these are.
        engine_s = f"where `customTimeouts.{self.option}` is set, with that"
        return f"Allow more time with `timeouts.{self.option}` ({engine_s}), or look at what it waited for"


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 120 else f"{seconds:g} s"
