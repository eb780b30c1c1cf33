"""A process that stops between its last look at the lock and its request, as under SIGSTOP or a long swap."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

from inference_provider.cluster.login import Login
from inference_provider.cluster.requests import JSON_PATCH, Request
from inference_provider.cluster.responses import Answer
from inference_provider.cluster.session import READ, Session

Where = Callable[[Request], bool]


class PausedSession(Session):
    """Sends nothing more, renewals of locks included, from the first request that fits until it is woken.

    ``fenced`` False takes the fence out of every request: epoch tests and versions in the preconditions of deletes and
    scalings.
    """

    def __init__(self, login: Login, where: Where, *, fenced: bool = True) -> None:
        super().__init__(login)
        self._where, self._fenced = where, fenced
        self._awake = asyncio.Event()
        self._awake.set()
        self._met = False
        self.asleep = asyncio.Event()

    async def send(self, request: Request, *, read: float = READ) -> Answer:
        """Send, once awake."""
        if not self._met and self._where(request):
            self._met = True
            self._awake.clear()
            self.asleep.set()
        await self._awake.wait()
        return await super().send(request if self._fenced else _without_fence(request), read=read)

    def wake(self) -> None:
        """Go on as if nothing had happened."""
        self._awake.set()


def _without_fence(request: Request) -> Request:
    if request.content is None:
        return request
    content = json.loads(request.content)
    if request.headers.get("content-type") == JSON_PATCH:
        content = [each for each in content if each["op"] != "test" or not each["path"].endswith("epoch")]
    elif request.method == "DELETE":
        content.get("preconditions", {}).pop("resourceVersion", None)
    elif request.path.endswith("/scale"):
        content.pop("metadata", None)
    return replace(request, content=json.dumps(content))
