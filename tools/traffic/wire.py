"""What do callers and engines say to each other? As much HTTP/1.1 as it takes, on asyncio's streams.

A head, then a body of known length or in chunks; connections stay open unless one of the two says `close`. No library
is used because what is measured is when exactly a connection ends: none may hide it, pool it or try again by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
END = b"\r\n\r\n"


class BrokenError(Exception):
    """The other side went away. ``begun``: after the answer had begun, so that asking again may answer twice."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("the connection was closed " + ("amid an answer" if begun else "before an answer"))
        self.begun = begun


@dataclass(frozen=True)
class Head:
    """The first lines of a request or of an answer; the names of headers are in lower case."""

    first: str
    headers: Mapping[str, str]

    @property
    def closes(self) -> bool:
        """Whether the connection ends afterwards."""
        return self.headers.get("connection", "").lower() == "close"

    @property
    def word(self) -> str:
        """The second word of the first line: a request's path, an answer's status."""
        return self.first.split(" ")[1]

    def encoded(self) -> bytes:
        """As it is sent."""
        lines = [self.first, *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join(lines).encode() + END


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The next head. Raises BrokenError when the other side closes instead."""
    try:
        text = (await reader.readuntil(END)).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        raise BrokenError(begun=bool(error.partial)) from error
    except OSError as error:
        raise BrokenError(begun=False) from error
    first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Head(first, {name.lower(): value.strip() for name, _, value in pairs})


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """All of an answer's body. Raises BrokenError when it ends too early."""
    try:
        if head.headers.get("transfer-encoding") == "chunked":
            return b"".join([part async for part in _chunks(reader)])
        return await reader.readexactly(int(head.headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, OSError, ValueError) as error:
        raise BrokenError(begun=True) from error


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Every chunk until the empty one that says that this is all. Raises ValueError where there is no chunk."""
    while True:
        size = int((await reader.readline()).strip() or b"gone", 16)
        part = await reader.readexactly(size + 2)
        if not size:
            return
        yield part[:size]


def chunk(part: bytes) -> bytes:
    """A chunk as it is sent; the empty one is the last."""
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"
