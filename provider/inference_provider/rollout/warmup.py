"""What a warm-up came to: whether its requests went well enough, and how long all of it may take."""

import json
from dataclasses import dataclass

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import Warmup, request_seconds


@dataclass(frozen=True)
class WarmupResult:
    """``count`` requests were sent, ``errors`` of them failed; ``p50`` and ``p95`` are seconds of the others."""

    count: int
    errors: int
    p50: float | None
    p95: float | None
    first_error: str | None

    @classmethod
    def parse(cls, text: str | None) -> "WarmupResult | None":
        """Read what the program left behind; None when nobody can."""
        try:
            found = json.loads(text or "")
            times = [None if found[key] is None else float(found[key]) for key in ("p50", "p95")]
            first = found["firstError"]
            counts = int(found["count"]), int(found["errors"])
        except (ValueError, TypeError, KeyError):
            return None
        return cls(*counts, times[0], times[1], None if first is None else str(first))

    def words(self) -> str:
        """For people: ``50 requests, 0 failed; half of the answers within 0.84 s, 95 % within 2.1 s``."""
        first = f" (first: {self.first_error})" if self.first_error else ""
        said = f"{self.count} requests, {self.errors} failed{first}"
        if self.p50 is None or self.p95 is None:
            return said
        return f"{said}; half of the answers within {self.p50:.3g} s, 95 % within {self.p95:.3g} s"

    def written(self) -> str:
        """As a record keeps it."""
        kept = {"count": self.count, "errors": self.errors, "p50": self.p50, "p95": self.p95}
        return json.dumps(kept | {"firstError": self.first_error})


def objection(result: WarmupResult, limits: Warmup) -> str | None:
    """Why the requests did not go well enough, with the numbers; None when they did."""
    allowed = result.count * limits.max_error_percent / 100
    if not result.count or result.errors > allowed:
        first = f" (first: {result.first_error})" if result.first_error else ""
        return f"{result.errors} of {result.count} requests failed{first}, at most {limits.max_error_percent:g} % may"
    if limits.max_p95_seconds is None:
        return None
    if result.p95 is None:
        return f"none of {result.count} requests was answered, and 95 % of the answers should have ended in time"
    if result.p95 > limits.max_p95_seconds:
        return (
            f"95 % of its answers took up to {result.p95:.3g} s (half of them up to {result.p50 or 0:.3g} s), "
            f"at most {limits.max_p95_seconds:g} s is allowed"
        )
    return None


def warmup_bound(settings: ReplacementSettings) -> float:
    """The longest that a warm-up may take, in seconds: minutes and requests count side by side.

    Every request is taken to need all the time that it may; starting the Job's pod comes on top, a second or two
    where its image is on the node.
    """
    requests = request_seconds(settings.warmup) if settings.warmup is not None else 0.0
    return max(settings.warmup_duration_minutes * 60, requests)


def warmup_seconds(settings: ReplacementSettings, *, each: float | None) -> float:
    """How long a warm-up is going to take, in seconds, where one of its requests takes ``each``.

    None: nobody knows, and nothing is counted for them. A time-out says when to give up, not how long it takes.
    """
    requests = request_seconds(settings.warmup, each=each or 0.0) if settings.warmup is not None else 0.0
    return max(settings.warmup_duration_minutes * 60, requests)
