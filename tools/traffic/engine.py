"""What answers for one pod? A small HTTP server on loopback that lives, and ends, as a model server in its pod does."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tools.traffic.wire import LOOPBACK, BrokenError, Head, chunk, read_head

TOKENS, TOKEN_SECONDS = 30, 0.03
"""How many parts a streamed answer has, and the time from one to the next: about a second in all."""


async def at_talking_pace() -> None:
    """The time from one part to the next."""
    await asyncio.sleep(TOKEN_SECONDS)


@dataclass(eq=False)
class _Talk:
    """One connection."""

    writer: asyncio.StreamWriter
    busy: bool = False


@dataclass(eq=False)
class Engine:
    """Answers with ``name`` while it ``ready`` says so, else with 503.

    It listens from its making on; what arrives before ``run`` waits.
    """

    name: str
    ready: Callable[[], Awaitable[bool]]
    pace: Callable[[], Awaitable[None]] = at_talking_pace
    """What a streamed answer waits for after each part."""
    cut_short: int = 0
    """Answers that were under way when it was cut."""
    port: int = field(init=False)
    """Where it listens, or has listened."""
    _socket: socket.socket = field(init=False)
    _server: asyncio.Server | None = None
    _talks: set[_Talk] = field(default_factory=set)
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: bool = False

    def __post_init__(self) -> None:
        self._socket = socket.create_server((LOOPBACK, 0), backlog=256)
        self.port = int(self._socket.getsockname()[1])
        self._quiet.set()

    @property
    def answering(self) -> int:
        """Answers that are under way."""
        return sum(talk.busy for talk in self._talks)

    async def run(self) -> None:
        """Begin to answer."""
        if self._socket.fileno() < 0:
            return  # it has ended before it began
        server = await asyncio.start_server(self._converse, sock=self._socket)
        if self._ending:
            server.close()
        self._server = server

    async def drain(self) -> None:
        """Take nothing new, close what is idle, and return when the last answer is given: as after a SIGTERM."""
        self._close()
        for talk in [each for each in self._talks if not each.busy]:
            talk.writer.close()
        await self._quiet.wait()

    def cut(self) -> None:
        """End at once, in the middle of whatever there is: as after a SIGKILL."""
        self._close()
        self.cut_short += self.answering
        for talk in list(self._talks):
            talk.writer.transport.abort()

    def _close(self) -> None:
        if not self._ending:
            self._ending = True
            if self._server:
                self._server.close()
            else:
                self._socket.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(writer)
        self._talks.add(talk)
        self._quiet.clear()
        try:
            while True:
                request = await read_head(reader)
                talk.busy = True
                await self._answer(request, writer)
                talk.busy = False
                if request.closes or self._ending:
                    return
        except (BrokenError, OSError):
            return
        finally:
            writer.close()
            self._talks.discard(talk)
            if not self._talks:
                self._quiet.set()

    async def _answer(self, request: Head, writer: asyncio.StreamWriter) -> None:
        ready = await self.ready()
        last = {"connection": "close"} if request.closes or self._ending else {}
        if request.word == "/stream" and ready:
            await self._stream(last, writer)
            return
        body = self.name.encode() if ready else b"not ready"
        status = "200 OK" if ready else "503 Service Unavailable"
        head = Head(f"HTTP/1.1 {status}", {"content-length": str(len(body)), **last})
        writer.write(head.encoded() + body)
        await writer.drain()

    async def _stream(self, last: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(Head("HTTP/1.1 200 OK", {"transfer-encoding": "chunked", **last}).encoded())
        for _ in range(TOKENS):
            writer.write(chunk(f"{self.name} ".encode()))
            await writer.drain()
            await self.pace()
        writer.write(chunk(b""))
        await writer.drain()
