"""What happens to the objects of one namespace, as it happens? Watch streams, with the standard library alone."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any

from tools.cluster.client import ApiClient

Object = dict[str, Any]
#: Called with the kind, ADDED, MODIFIED or DELETED, and the object, by one thread per kind.
Hear = Callable[[str, str, Object], None]

_SECONDS = 600
"""For how long the API server keeps a stream open."""


@contextmanager
def watched(client: ApiClient, paths: Mapping[str, str], hear: Hear) -> Iterator[None]:
    """Tell ``hear`` of every object under the path of each kind during the block.

    The objects that are there at first have been told of when the block begins. Raises ApiError and OSError.
    """
    with contextlib.ExitStack() as streams:
        for kind, path in paths.items():
            streams.enter_context(_one(client, path, partial(hear, kind)))
        yield


@contextmanager
def _one(client: ApiClient, path: str, hear: Callable[[str, Object], None]) -> Iterator[None]:
    found = client.request("GET", path)
    for each in found["items"]:
        hear("ADDED", each)
    version = found["metadata"]["resourceVersion"]
    context = ssl.create_default_context(cafile=str(client.pki / "ca.crt"))
    context.load_cert_chain(client.pki / "admin.crt", client.pki / "admin.key")
    connection = HTTPSConnection("127.0.0.1", client.port, context=context, timeout=_SECONDS)
    connection.request("GET", f"{path}?watch=1&resourceVersion={version}&timeoutSeconds={_SECONDS}")
    response = connection.getresponse()
    thread = threading.Thread(target=_read, args=(response, hear), daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)  # wakes the reader
        thread.join()
        connection.close()


def _read(response: HTTPResponse, hear: Callable[[str, Object], None]) -> None:
    """Lines of JSON until the stream ends, one way or the other."""
    with contextlib.suppress(OSError, ValueError, HTTPException):
        while line := response.readline():
            event = json.loads(line)
            if event["type"] in ("ADDED", "MODIFIED", "DELETED"):
                hear(event["type"], event["object"])
