"""How is a collection followed for hours? Three loops inside each other, each with one reason to begin again.

* ``_stream``: the server ended the stream, as it does every few minutes: go on from the last version seen.
* ``_relist``: that version is too old (410): list again, then stream.
* ``follow``: the connection was lost or the server is unavailable: pause, then list again.

Everything else (no right to watch, credential expired for good) ends the watch with that error.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from inference_provider.cluster import requests, responses
from inference_provider.cluster.requests import Request
from inference_provider.cluster.responses import Answer
from inference_provider.cluster.retry import RetryPolicy
from inference_provider.cluster.session import Session
from inference_provider.errors import Expired, Unavailable
from inference_provider.manifests.kinds import Body, Kind


@dataclass(frozen=True)
class WatchTimes:
    """``stream``: seconds after which the server ends a stream. ``silence``: seconds without a byte after which a
    connection counts as lost (a bookmark comes about every minute). ``retry`` gives the pauses between attempts.
    """

    stream: int = 290
    silence: float = 120.0
    retry: RetryPolicy = field(default_factory=lambda: RetryPolicy(first=0.2, longest=10.0))


class Sink(Protocol):
    """Where a followed collection goes."""

    def reset(self, kind: Kind, bodies: list[Body]) -> None:
        """These are all objects there are."""
        ...

    def put(self, kind: Kind, body: Body) -> None:
        """An object was added or changed."""
        ...

    def drop(self, kind: Kind, body: Body) -> None:
        """An object was deleted, or the selector does not cover it any more."""
        ...


@dataclass(frozen=True)
class Watcher:
    """Follows collections of one cluster; ``page`` sends a list request with the client's patience."""

    session: Session
    page: Callable[[Request], Awaitable[tuple[Body, list[Body]]]]
    times: WatchTimes

    async def read(self, kind: Kind, namespace: str, labels: str, sink: Sink) -> str:
        """List everything into the sink and return the version to watch from. Raises ClusterErrors.

        A list whose pages expired on the way (410) is begun anew, once.
        """
        try:
            return await self._pages(kind, namespace, labels, sink)
        except Expired:
            return await self._pages(kind, namespace, labels, sink)

    async def _pages(self, kind: Kind, namespace: str, labels: str, sink: Sink) -> str:
        bodies: list[Body] = []
        resume = ""
        while True:
            page, found = await self.page(requests.list_all(kind, namespace, labels=labels, resume=resume))
            bodies += found
            resume = page["metadata"].get("continue", "")
            if not resume:
                sink.reset(kind, bodies)
                return str(page["metadata"]["resourceVersion"])

    async def follow(self, kind: Kind, namespace: str, labels: str, sink: Sink, *, version: str) -> None:
        """Keep the sink up to date from ``version`` on, until cancelled. Raises what cannot be waited out."""
        pauses = self.times.retry.pauses()
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._relist(kind, namespace, labels, sink, version)
            except Unavailable as error:
                if not error.retry:
                    raise
                lasted = asyncio.get_running_loop().time() - began
                pauses = self.times.retry.pauses() if lasted > self.times.retry.longest else pauses
                await asyncio.sleep(max(next(pauses), error.retry_after or 0.0))
                version = ""

    async def _relist(self, kind: Kind, namespace: str, labels: str, sink: Sink, version: str) -> None:
        while True:
            version = version or await self.read(kind, namespace, labels, sink)
            try:
                await self._stream(kind, namespace, labels, sink, version)
            except Expired:
                version = ""

    async def _stream(self, kind: Kind, namespace: str, labels: str, sink: Sink, version: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            request = requests.watch(kind, namespace, labels=labels, version=version, seconds=self.times.stream)
            version = await self._events(request, sink, version)
            if loop.time() - began < 1:
                # Something in between cuts streams off at once: do not hammer it.
                await asyncio.sleep(self.times.retry.first)

    async def _events(self, request: Request, sink: Sink, version: str) -> str:
        """Pass one stream's events on; return the last version seen when it ends."""
        rest = b""
        async with self.session.stream(request, silence=self.times.silence) as chunks:
            async for chunk in chunks:
                # Only \n separates events: other line ends may stand inside of JSON strings.
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    version = _take(request, _event(request, line), sink) or version
        return version


def _event(request: Request, line: bytes) -> Body:
    return responses.body_of(request, Answer(200, line.decode()))


def _take(request: Request, event: Body, sink: Sink) -> str:
    """Pass one event on and return its version."""
    body: Body = event["object"]
    match event["type"]:
        case "ADDED" | "MODIFIED":
            sink.put(request.target.kind, body)
        case "DELETED":
            sink.drop(request.target.kind, body)
        case "ERROR":
            raise responses.error_of(request, Answer(int(body.get("code") or 500), json.dumps(body)))
        case _:
            # BOOKMARK: nothing but a newer version.
            pass
    return str(body.get("metadata", {}).get("resourceVersion", ""))
