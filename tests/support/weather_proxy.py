"""A real reverse proxy on loopback between our client and a real API server, with weather in between.

TLS on both sides, with the server's own certificate towards the client: what breaks a connection off looks different
inside of TLS. One request per connection, so that every connection can be judged, cut or lost on its own. Watches
pass line by line.
"""

import asyncio
import contextlib
import inspect
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from tests.support.weather import Answer, Call, Delay, Effect, Fault, LostAnswer, Refusal, Where, status_body

Action = Callable[[], object]

#: Who is let in at first.
USER = "somebody"

#: The largest line of a watch, and the largest head of a request (bytes).
_LIMIT = 4 * 2**20
_HOP = ("connection:", "accept-encoding:", "authorization:", "host:")


class WeatherProxy:
    """``faults`` are looked at in order, one per request; ``calls`` is everything that arrived.

    ``known`` are the users that are let in, each by a bearer token of its own name; the kubeconfig's is ``USER``.
    """

    def __init__(self, port: int, pki: Path) -> None:
        self._server_port = port
        self._tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._authority = pki / "ca.crt"
        self._posing = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._posing.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._listening: asyncio.Server | None = None
        self._moments: list[tuple[Where, Action]] = []
        self._exchanges: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._watches: set[asyncio.StreamWriter] = set()
        self._return: asyncio.Task[None] | None = None
        self.port = 0
        self.known = {USER}
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.hits: list[tuple[Call, Effect]] = []

    async def __aenter__(self) -> "WeatherProxy":
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._return is not None:
            self._return.cancel()
        self._close()
        for task in self._exchanges:
            task.cancel()
        await asyncio.gather(*self._exchanges, return_exceptions=True)

    def kubeconfig(self, user: str = USER) -> str:
        """The content of a kubeconfig that leads through here."""
        server = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(self._authority)}
        return json.dumps(
            {
                "clusters": [{"name": "c", "cluster": server}],
                "users": [{"name": "u", "user": {"token": user}}],
                "contexts": [{"name": "weather", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "weather",
            }
        )

    def when(self, where: Where, action: Action) -> None:
        """Do something once, to its end, just before the first request that fits is judged."""
        self._moments.append((where, action))

    def go_away(self, seconds: float) -> None:
        """Cut every connection and refuse new ones for a while."""
        self._close()
        for writer in list(self._exchanges.values()):
            writer.transport.abort()
        self._return = asyncio.create_task(self._come_back(seconds))

    def cut_watches(self) -> None:
        """Break off every stream that is open now."""
        for writer in list(self._watches):
            writer.transport.abort()

    def expire_watches(self) -> None:
        """Tell every stream that is open now that its version is too old, and end it."""
        event = json.dumps({"type": "ERROR", "object": json.loads(status_body(410))}).encode() + b"\n"
        for writer in list(self._watches):
            writer.write(_chunk(event) + _chunk(b""))
            writer.close()

    async def _come_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()

    async def _listen(self) -> None:
        listen = asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_LIMIT, ssl=self._posing)
        self._listening = await listen
        self.port = self._listening.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._listening is not None:
            self._listening.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._exchanges[task] = writer
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                await self._exchange(reader, writer)
        finally:
            self._watches.discard(writer)
            del self._exchanges[task]
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        content = await reader.readexactly(int(_header(head, "content-length") or 0))
        call = _call(head, content)
        effect = await self._judged(call)
        match effect:
            case Answer():
                writer.write(_refused(effect))
                await writer.drain()
                return
            case Refusal():
                return
            case Delay(seconds):
                await asyncio.sleep(seconds)
            case LostAnswer() | None:
                pass
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port, ssl=self._tls, limit=_LIMIT)
        try:
            back.write(_forwarded(head, content))
            await self._relay(there, writer, call=call, heard=not isinstance(effect, LostAnswer))
        finally:
            back.close()

    async def _judged(self, call: Call) -> Effect | None:
        self.calls.append(call)
        for moment in [each for each in self._moments if each[0](call)]:
            self._moments.remove(moment)
            if inspect.isawaitable(begun := moment[1]()):
                await begun
        if call.token not in {f"Bearer {user}" for user in self.known}:
            return Answer(401)
        fault = next((each for each in self.faults if each.takes(call)), None)
        if fault is None:
            return None
        self.hits.append((call, fault.effect))
        return fault.effect

    async def _relay(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, *, call: Call, heard: bool
    ) -> None:
        if not heard:
            await there.read()
            return
        head = await there.readuntil(b"\r\n\r\n")
        writer.write(head)
        if call.watches and b"200 OK" in head:
            await self._stream(there, writer)
        else:
            while data := await there.read(2**16):
                writer.write(data)
                await writer.drain()

    async def _stream(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Whole events only, so that something can be said between two of them."""
        self._watches.add(writer)
        rest = b""
        while size := int(await there.readline() or b"0", 16):
            *lines, rest = (rest + (await there.readexactly(size + 2))[:-2]).split(b"\n")
            for line in lines:
                writer.write(_chunk(line + b"\n"))
            await writer.drain()
        writer.write(_chunk(b""))


def _call(head: str, content: bytes) -> Call:
    method, url, _ = head.split("\r\n", 1)[0].split(" ")
    parts = urlsplit(url)
    token = _header(head, "authorization") or ""
    return Call(method, parts.path, dict(parse_qsl(parts.query)), token, content.decode())


def _header(head: str, name: str) -> str | None:
    lines = (line.partition(":") for line in head.split("\r\n")[1:])
    return next((value.strip() for key, _, value in lines if key.lower() == name), None)


def _forwarded(head: str, content: bytes) -> bytes:
    """The request as the server gets it: one per connection, as the administrator, uncompressed."""
    lines = [line for line in head.rstrip("\r\n").split("\r\n") if not line.lower().startswith(_HOP)]
    return "\r\n".join([*lines, "host: 127.0.0.1", "connection: close", "", ""]).encode() + content


def _refused(answer: Answer) -> bytes:
    content = status_body(answer.status).encode()
    lines = [f"HTTP/1.1 {answer.status} weather", "content-type: application/json", "connection: close"]
    lines += [f"content-length: {len(content)}"]
    lines += [f"retry-after: {answer.retry_after}"] if answer.retry_after is not None else []
    return "\r\n".join([*lines, "", ""]).encode() + content


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
