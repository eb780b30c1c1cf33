"""An API server that answers from a script, one reply per request, over plain HTTP on loopback."""

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

REASONS = {401: "Unauthorized", 403: "Forbidden", 409: "AlreadyExists", 410: "Expired", 429: "TooManyRequests"}


@dataclass(frozen=True)
class Reply:
    """``status`` 0 closes the connection without an answer; ``stays`` leaves a stream open,
    ``cut`` breaks it off."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    stays: bool = False
    cut: bool = False


def status(code: int, message: str = "no", **headers: str) -> Reply:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": REASONS.get(code, ""), "code": code}
    return Reply(code, json.dumps(body), {key.replace("_", "-"): value for key, value in headers.items()})


def page(*items: dict[str, Any], version: str = "1") -> Reply:
    return Reply(body=json.dumps({"metadata": {"resourceVersion": version}, "items": list(items)}))


def events(*found: tuple[str, dict[str, Any]], stays: bool = False) -> Reply:
    lines = "".join(json.dumps({"type": kind, "object": body}, ensure_ascii=False) + "\n" for kind, body in found)
    return Reply(body=lines, stays=stays)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    params: dict[str, str]
    token: str


class ScriptedServer:
    """``replies`` maps "METHOD path" (watches: "WATCH path") to replies; the last one is repeated.

    ``expired`` are authorization headers that are answered with 401 whatever the script says.
    """

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []
        self.expired: set[str] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> "ScriptedServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    def kubeconfig(self, token: str = "") -> str:
        return json.dumps(
            {
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                "users": [{"name": "u", "user": {"token": token}}],
                "contexts": [{"name": "scripted", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "scripted",
            }
        )

    def times_asked(self, method: str, path: str) -> int:
        return sum(1 for asked in self.asked if (asked.method, asked.path) == (method, path))

    @property
    def connections(self) -> int:
        """How many have been opened so far."""
        return len(self._writers)

    async def drop(self) -> None:
        """Close every connection, as a load balancer does with those that nobody uses."""
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers))

    async def watched(self, times: int) -> None:
        """Return when so many watches have been asked for."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: sum(asked.method == "WATCH" for asked in self.asked) >= times)

    async def asked_for(self, method: str, path: str, times: int) -> None:
        """Return when something has been asked for so many times."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.times_asked(method, path) >= times)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            reply = self._reply(await self._read(head.decode(), reader))
            async with self._arrived:
                self._arrived.notify_all()
            if reply.status == 0:
                break
            lines = [f"HTTP/1.1 {reply.status} x", "transfer-encoding: chunked"]
            lines += [f"{key}: {value}" for key, value in reply.headers.items()]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            data = reply.body.encode()
            if data:
                writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
            if reply.cut:
                break
            if reply.stays:
                return
            writer.write(b"0\r\n\r\n")
        writer.close()

    async def _read(self, head: str, reader: asyncio.StreamReader) -> Asked:
        first, *rest = head.strip().split("\r\n")
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in rest)}
        await reader.readexactly(int(headers.get("content-length", "0")))
        method, url, _ = first.split(" ")
        params = dict(parse_qsl(urlsplit(url).query))
        return Asked(
            "WATCH" if "watch" in params else method, urlsplit(url).path, params, headers.get("authorization", "")
        )

    def _reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.token in self.expired:
            return status(401)
        if asked.path.endswith("selfsubjectreviews"):
            return Reply(201, json.dumps({"status": {"userInfo": {"username": "scripted-user"}}}))
        script = self.replies[f"{asked.method} {asked.path}"]
        return script.pop(0) if len(script) > 1 else script[0]
