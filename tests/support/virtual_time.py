"""An event loop whose clock jumps to the next timer as soon as nothing else is left to do: hours pass in no time."""

import asyncio
import selectors

#: Where virtual clocks begin; not 0, as no real one does.
BEGINNING = 1000.0


class _Leaping(selectors.SelectSelector):
    """A selector that does not sleep but moves the clock."""

    now = BEGINNING

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if timeout is None:
            raise RuntimeError("everybody waits, and no timer is set: this test would wait for ever")
        self.now += max(0.0, timeout)
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        """The virtual time in seconds."""
        return self._leaping.now
