"""Waiting for what comes by itself within a moment, however slow the machine is."""

import asyncio
from collections.abc import Callable

_LOOKS, _PAUSE = 6000, 0.005


async def eventually(holds: Callable[[], bool]) -> None:
    """Return as soon as it holds; give up after half a minute."""
    for _ in range(_LOOKS):
        if holds():
            return
        await asyncio.sleep(_PAUSE)
    raise AssertionError(f"waited {_LOOKS * _PAUSE:.0f} s in vain")
