"""What a process remembers of a namespace, so that a hundred Workloads do not ask the same question a hundred times."""

from collections.abc import Awaitable, Callable, Mapping

from inference_provider.cluster.lately import Lately
from inference_provider.converge.look import look_around
from inference_provider.converge.ports import Cluster
from inference_provider.rollout.fleet import Fleet

#: How old what is remembered may be (seconds): one preview, not the pause in which somebody reads it.
REMEMBERED_SECONDS = 10.0


class Overview:
    """All Workloads of a namespace, asked for once and remembered for a moment."""

    def __init__(self, connect: Callable[[], Awaitable[Cluster]]) -> None:
        self._connect = connect
        self._asked: Lately[dict[str, Fleet]] = Lately(REMEMBERED_SECONDS)

    async def of(self, namespace: str) -> Mapping[str, Fleet]:
        """By name. Raises what the API server says; an answer that failed is not remembered."""
        return await self._asked.of(namespace, lambda: self._look(namespace))

    async def _look(self, namespace: str) -> dict[str, Fleet]:
        return await look_around(await self._connect(), namespace)
