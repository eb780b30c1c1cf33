"""What a version that is ready still has to show before it is proven: that it stays so, and that it answers."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from inference_provider.rollout.fleet import Proton


class Requests(Protocol):
    """Requests that a ready proton has to answer."""

    async def over(self, proton: Proton) -> bool:
        """Whether they were answered well. Raises RolloutFailed when they were not."""
        ...

    def words(self) -> str:
        """What becomes of them just now."""
        ...


@dataclass
class Standing:
    """Without a break: ``warmup_seconds`` as the user says, ``steady_seconds`` as the probes say; beside them requests.

    All of it counts from the same moment, side by side.
    """

    warmup_seconds: float = 0.0
    steady_seconds: float = 0.0
    requests: Requests | None = None
    _since: float | None = field(default=None, init=False)
    _answered: bool = field(default=False, init=False)

    async def shown(self, proton: Proton, *, ready: bool) -> bool:
        """Look at the proton now: whether it has shown everything. Raises RolloutFailed as its requests do."""
        if not ready:
            self._since = None
            return False
        if self._since is None:
            self._since = _now()
        self._answered = self.requests is None or await self.requests.over(proton)
        return self._answered and self._left(max(self.warmup_seconds, self.steady_seconds)) <= 0

    def words(self, proton: Proton) -> str | None:
        """What is left to be shown; None while it is not ready."""
        if self._since is None:
            return None
        parts = [self.requests.words()] if self.requests is not None and not self._answered else []
        minutes, steady = self._left(self.warmup_seconds) / 60, self._left(self.steady_seconds)
        if minutes > 0:
            parts.append(f"{minutes:.1f} min left")
        if parts:
            return f"{proton.name} is ready and warms up: {'; '.join(parts)}"
        return f"{proton.name} is ready, and has to stay so for {max(steady, 0.0):.0f} s more"

    def _left(self, seconds: float) -> float:
        return seconds - (_now() - self._since) if self._since is not None else seconds


def _now() -> float:
    return asyncio.get_running_loop().time()
