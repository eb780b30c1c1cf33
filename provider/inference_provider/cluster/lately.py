"""What was read a moment ago? One answer for the hundred Workloads that ask for the same object at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

#: How old an answer may be (seconds): the beginning of one `pulumi up`, in which many resources read the same.
LATELY_SECONDS = 5.0


class Lately(Generic[T]):
    """Answers by what was asked, each for a moment. What is absent is asked for anew, and so is what could not be read
    unless ``failures`` are answers, too: a thousand would each wait for a server that is away.
    """

    def __init__(self, seconds: float = LATELY_SECONDS, *, failures: bool = False) -> None:
        """``seconds``: how old an answer may be. Default: 5. ``failures`` are as old as the last attempt."""
        self._seconds, self._failures = seconds, failures
        self._asked: dict[Hashable, tuple[float, asyncio.Future[T]]] = {}

    async def of(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The answer as it was not longer ago than a moment. Raises what ``read`` raises."""
        now = asyncio.get_running_loop().time()
        self._asked = {each: held for each, held in self._asked.items() if self._serves(*held, now)}
        if key not in self._asked:
            asked = asyncio.ensure_future(read())
            asked.add_done_callback(lambda _: self._ended(key, asked))
            self._asked[key] = (now, asked)
        # Shielded: the one who asked first may give up, and the others still wait.
        return await asyncio.shield(self._asked[key][1])

    def forget(self, key: Hashable) -> None:
        """It was changed by ourselves, perhaps: whoever asks from now on sees that."""
        self._asked.pop(key, None)

    def _ended(self, key: Hashable, asked: asyncio.Future[T]) -> None:
        """A failure may have taken longer than answers are kept."""
        held = self._asked.get(key)
        if held is not None and held[1] is asked and _failed(asked):
            self._asked[key] = (asyncio.get_running_loop().time(), asked)

    def _serves(self, at: float, asked: asyncio.Future[T], now: float) -> bool:
        if not asked.done():
            return self._failures or now - at <= self._seconds
        if now - at > self._seconds or asked.cancelled():
            return False
        return self._failures if _failed(asked) else asked.result() is not None


def _failed(asked: asyncio.Future[T]) -> bool:
    return not asked.cancelled() and asked.exception() is not None
