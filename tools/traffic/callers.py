"""Who asks? Callers of four kinds, each with one request at a time; every one ends as answered or as lost."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tools.traffic.endpoints import Endpoint
from tools.traffic.proxy import Proxy
from tools.traffic.tally import CUT, LATE, NOBODY, REFUSED, SILENT, Kind, Tally
from tools.traffic.wire import LOOPBACK, BrokenError, Head, read_body, read_head

PATIENCE = 15.0
"""Seconds until a caller gives a request up."""


@dataclass(frozen=True)
class Load:
    """How many callers of each kind there are, and how long each pauses after an answer (s)."""

    short: int = 8
    kept: int = 8
    pinned: int = 8
    streamed: int = 16
    pause: float = 0.02

    def kinds(self) -> Iterator[Kind]:
        """The kind of each caller."""
        counts: dict[Kind, int] = {
            "short": self.short,
            "kept": self.kept,
            "pinned": self.pinned,
            "streamed": self.streamed,
        }
        for kind, number in counts.items():
            yield from [kind] * number


#: Where an endpoint's engine listens; None when there is no such pod any more.
PortOf = Callable[[Endpoint], Awaitable[int | None]]


class LostError(Exception):
    """A request that got no answer, and what its caller saw."""


@dataclass(frozen=True)
class _Line:
    """A connection to an engine."""

    endpoint: Endpoint
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def closed(self) -> bool:
        """Whether the other side is known to have closed it."""
        return self.reader.at_eof() or self.reader.exception() is not None

    def hang_up(self) -> None:
        """Close it."""
        self.writer.close()


@dataclass(eq=False)
class Caller:
    """One caller. Kept connections follow the proxy; pinned ones stay, as behind a proxy that only sees packets."""

    kind: Kind
    proxy: Proxy
    port_of: PortOf
    tally: Tally
    _line: _Line | None = None

    async def call(self, over: asyncio.Event, pause: float) -> None:
        """Ask again and again; when it is ``over``, the last request is still waited for."""
        while not over.is_set():
            await self.once()
            await asyncio.sleep(pause)
        self._hang_up()

    async def once(self) -> None:
        """One request, counted."""
        try:
            async with asyncio.timeout(PATIENCE):
                version = await self._ask()
        except LostError as error:
            self._lost(str(error))
        except TimeoutError:
            self._lost(LATE)
        else:
            self.tally.answered[self.kind, version] += 1

    def _lost(self, why: str) -> None:
        self.tally.lost[self.kind, why] += 1
        self._hang_up()

    async def _ask(self) -> str:
        """The version that answered. Raises LostError."""
        line = self._usable()
        if line is not None:
            with contextlib.suppress(_ClosedError):
                return await self._on(line)
            self.tally.resent[self.kind] += 1
        try:
            return await self._on(await self._dial())
        except _ClosedError:
            raise LostError(SILENT) from None

    def _usable(self) -> _Line | None:
        line = self._line
        if line is not None and (line.closed or (self.kind == "kept" and not self.proxy.sends_to(line.endpoint))):
            self._hang_up()
        return self._line

    async def _dial(self) -> _Line:
        self._hang_up()
        endpoint = self.proxy.next()
        if endpoint is None:
            raise LostError(NOBODY)
        port = await self.port_of(endpoint)
        if port is None:
            raise LostError(REFUSED)
        try:
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            raise LostError(REFUSED) from None
        self._line = _Line(endpoint, reader, writer)
        return self._line

    async def _on(self, line: _Line) -> str:
        """Ask over a connection. Raises LostError; _ClosedError when it is closed before an answer has begun."""
        keeps = self.kind in ("kept", "pinned")
        path = "/stream" if self.kind == "streamed" else "/answer"
        headers = {"host": "chat"} if keeps else {"host": "chat", "connection": "close"}
        began = time.monotonic()
        try:
            line.writer.write(Head(f"GET {path} HTTP/1.1", headers).encoded())
            head = await read_head(line.reader)
            self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
            body = await read_body(line.reader, head)
        except BrokenError as error:
            if error.begun:
                raise LostError(CUT) from error
            raise _ClosedError from error
        if head.closes or not keeps:
            self._hang_up()
        if head.word != "200":
            raise LostError(head.first.partition(" ")[2])
        return body.decode().split(" ", 1)[0]

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.hang_up()
            self._line = None


class _ClosedError(Exception):
    """The connection was closed before an answer began."""
