"""How long is an unavailable API server asked again? The policy is a value; who waits is the client's affair."""

from collections.abc import Iterator
from dataclasses import dataclass

from inference_provider.errors import ClusterError


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential pauses, jittered, within ``total`` seconds of waiting: by default an API server may be away for a
    minute, as it is while its machine is replaced.

    ``first`` and ``longest`` (seconds) bound one pause before jitter, which adds up to ``jitter`` of it, so that
    many Workloads that were refused at the same time do not come back at the same time.
    """

    total: float = 75.0
    first: float = 0.2
    longest: float = 4.0
    jitter: float = 0.5

    def pauses(self) -> Iterator[float]:
        """The pauses without jitter, in seconds, for ever."""
        pause = self.first
        while True:
            yield pause
            pause = min(2 * pause, self.longest)

    def pause(self, error: ClusterError, *, planned: float, spent: float, draw: float) -> float | None:
        """How many seconds to wait before trying again, or None to give up.

        ``planned`` comes from ``pauses``, ``spent`` is what has been waited so far, ``draw`` lies in [0, 1).
        The server's own wish (Retry-After) is a lower bound, and reason to give up when it exceeds what is left.
        """
        if not error.retry:
            return None
        wanted = planned * (1 + self.jitter * draw)
        if error.retry_after is not None:
            wanted = max(wanted, error.retry_after)
        return wanted if spent + wanted <= self.total else None


#: Ask once and take the answer as it is.
ONCE = RetryPolicy(total=0.0)
