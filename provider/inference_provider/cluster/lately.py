"""What was read a moment ago? One answer for the hundred Workloads that ask for the same object at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

#: How old an answer may be (seconds): the beginning of one `pulumi up`, in which many resources read the same.
LATELY_SECONDS = 5.0


class Lately(Generic[T]):
    """Answers by what was asked, each for a moment. What is absent, or could not be read, is asked for anew."""

    def __init__(self, seconds: float = LATELY_SECONDS) -> None:
        """``seconds``: how old an answer may be. Default: 5."""
        self._seconds = seconds
        self._asked: dict[Hashable, tuple[float, asyncio.Future[T]]] = {}

    async def of(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The answer as it was not longer ago than a moment. Raises what ``read`` raises."""
        now = asyncio.get_running_loop().time()
        self._asked = {each: held for each, held in self._asked.items() if self._serves(*held, now)}
        if key not in self._asked:
            self._asked[key] = (now, asyncio.ensure_future(read()))
        # Shielded: the one who asked first may give up, and the others still wait.
        return await asyncio.shield(self._asked[key][1])

    def forget(self, key: Hashable) -> None:
        """It was changed by ourselves, perhaps: whoever asks from now on sees that."""
        self._asked.pop(key, None)

    def _serves(self, at: float, asked: asyncio.Future[T], now: float) -> bool:
        if now - at > self._seconds:
            return False
        return not asked.done() or not (asked.cancelled() or asked.exception() or asked.result() is None)
