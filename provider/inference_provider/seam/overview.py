"""What a process remembers of a namespace, so that a hundred Workloads do not ask the same question a hundred times."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from inference_provider.converge.look import look_around
from inference_provider.converge.ports import Cluster
from inference_provider.rollout.fleet import Fleet

#: How old what is remembered may be (seconds): one preview, not the pause in which somebody reads it.
REMEMBERED_SECONDS = 10.0


class Overview:
    """All Workloads of a namespace, asked for once and remembered for a moment."""

    def __init__(self, connect: Callable[[], Awaitable[Cluster]]) -> None:
        self._connect = connect
        self._asked: dict[str, tuple[float, asyncio.Task[dict[str, Fleet]]]] = {}

    async def of(self, namespace: str) -> Mapping[str, Fleet]:
        """By name. Raises what the API server says; an answer that failed is not remembered."""
        now = asyncio.get_running_loop().time()
        at, asked = self._asked.get(namespace, (float("-inf"), None))
        if asked is None or now - at > REMEMBERED_SECONDS or (asked.done() and _failed(asked)):
            asked = asyncio.create_task(self._look(namespace))
            self._asked[namespace] = (now, asked)
        return await asyncio.shield(asked)

    async def _look(self, namespace: str) -> dict[str, Fleet]:
        return await look_around(await self._connect(), namespace)


def _failed(asked: asyncio.Task[dict[str, Fleet]]) -> bool:
    return asked.cancelled() or asked.exception() is not None
