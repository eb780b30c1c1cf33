"""How does a status go on? Looked at again whenever something changes, and now and then for what no watch tells."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from inference_provider.converge.ports import Mirror
from inference_provider.errors import NotFound, Unavailable
from inference_provider.resources.status import Status, listing, status
from inference_provider.resources.world import World

T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")

#: How often a picture is drawn again, so that what it counts down goes on (seconds).
TICK = 1.0
#: How often everything is read again though no watch told of a change: locks and records have none (seconds).
AGAIN = 5.0
#: The same while somebody is at work.
AGAIN_AT_WORK = 2.0
#: How often all Workloads of a namespace, or of all, are read (seconds).
ALL_AGAIN = 2.0
#: A burst of changes is one look (seconds).
CALM = 0.2


class Onlooker(Protocol[T_contra]):
    """Who watches. ``lost`` is told when the cluster does not answer; what was seen last still stands."""

    def sees(self, seen: T_contra) -> None: ...

    def lost(self, why: str) -> None: ...


async def follow(world: World, namespace: str, name: str, onlooker: Onlooker[Status]) -> None:
    """Show one Workload until it is gone, or the caller is interrupted. Raises NotFound when it is not there."""
    cluster = await world.connect()
    seen = await status(world, namespace, name)
    async with cluster.mirror(namespace, name) as mirror:
        while True:
            version = mirror.version
            try:
                seen = await _look(lambda: status(world, namespace, name), onlooker) or seen
            except NotFound:
                return
            await _linger(mirror, version, seen, onlooker)


async def _linger(mirror: Mirror, version: int, seen: Status, onlooker: Onlooker[Status]) -> None:
    """Go on showing the same, whose times go on; return at a change, or when it is time to look again."""
    for _ in range(round((AGAIN_AT_WORK if seen.lock else AGAIN) / TICK)):
        onlooker.sees(seen)
        if await mirror.changed(version, within=TICK) != version:
            await asyncio.sleep(CALM)
            return


async def follow_all(world: World, namespace: str | None, onlooker: Onlooker[tuple[Status, ...]]) -> None:
    """Show all Workloads until the caller is interrupted."""
    seen = await listing(world, namespace)
    while True:
        onlooker.sees(seen)
        await asyncio.sleep(ALL_AGAIN)
        seen = await _look(lambda: listing(world, namespace), onlooker) or seen


async def _look(look: Callable[[], Awaitable[T]], onlooker: Onlooker[T]) -> T | None:
    """What is there; None, once that was said, while the cluster does not answer."""
    try:
        return await look()
    except Unavailable as error:
        onlooker.lost(error.message)
        await asyncio.sleep(TICK)
        return None
