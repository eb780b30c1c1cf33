"""How many requests are under way at once, and which connections stay open for the next ones?

httpx opens a connection for every request that finds none free, and of more than 20 connections closes each as soon as
it is free, streams counted too. Two hundred Workloads at once would then spend their time on TLS; and for each request
that waits it looks through all connections. So few are under way at once, and these few connections stay.

For each request it also asks the operating system, twice, about every connection that is free, and compares each with
all: nearly half of what a run of 200 Workloads computed. Here it takes the first one that will do, and looks through
all of them once in a while.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import httpcore
from kr8s.asyncio import Api

from inference_provider.cluster.requests import Request
from inference_provider.manifests.kinds import LEASE

#: A kr8s session has at most 100 connections. Streams stay open for minutes, so they may take half of them.
STREAMS = 50
#: Requests at once. At 20 ms for an answer that is 1,200 in a second, more than one process can send and read; a
#: server that takes a second for each still gets 24.
AT_ONCE = 24
#: Renewals of locks have a way of their own: they must not wait behind changes that somebody's webhook holds up. The
#: locks of 200 Workloads are renewed within their 15 seconds even where each renewal takes one.
RENEWALS_AT_ONCE = 16
#: How long a connection stays open without a request (seconds).
KEPT_SECONDS = 30.0
#: Between two looks for connections that are not needed any more (seconds).
LOOK_SECONDS = 1.0
#: What is needed of httpcore's pool; a release without it is left as it is.
_PARTS = ("_requests", "_connections")


Connections = list[httpcore.AsyncConnectionInterface]


class Turns:
    """Who may send. For one event loop."""

    def __init__(self) -> None:
        self._changes, self._renewals = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(RENEWALS_AT_ONCE)

    def of(self, request: Request) -> asyncio.Semaphore:
        """What to hold while this request is under way."""
        return self._renewals if request.target.kind == LEASE else self._changes


def keep_open(lane: Api) -> None:
    """Let the connections of a lane stay for the next request. It has sent one, so its session is there."""
    # kr8s makes the session, and neither it nor httpx has a public way to do this afterwards. Without, it is slow.
    pool = vars(vars(vars(lane).get("_session") or object).get("_transport") or object).get("_pool")
    if isinstance(pool, httpcore.AsyncConnectionPool):
        vars(pool).update(
            _max_keepalive_connections=STREAMS + AT_ONCE + RENEWALS_AT_ONCE, _keepalive_expiry=KEPT_SECONDS
        )
        thorough = getattr(pool, "_assign_requests_to_connections", None)
        if thorough is not None and all(part in vars(pool) for part in _PARTS):
            vars(pool)["_assign_requests_to_connections"] = Assigning(pool, thorough).assign


class Waiting(Protocol):
    """A request as httpcore's pool keeps it."""

    request: httpcore.Request

    def assign_to_connection(self, connection: httpcore.AsyncConnectionInterface | None) -> None:
        """It goes over this one."""
        ...


class Assigning:
    """Which connection takes which request? The first that is free, else as httpcore finds one: ``thorough``."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, thorough: Callable[[], Connections]) -> None:
        self._pool, self._thorough = vars(pool), thorough
        self._looked = float("-inf")

    def assign(self) -> Connections:
        """Give every request that waits a connection, as far as there are any; connections that are to be closed."""
        now, taken = time.monotonic(), set[int]()
        late = now - self._looked >= LOOK_SECONDS
        if not late and all(self._taken(each, taken) for each in self._pool["_requests"] if each.is_queued()):
            return []
        self._looked = now
        return self._thorough()

    def _taken(self, request: Waiting, taken: set[int]) -> bool:
        """Whether a connection was found; ``taken`` are those that others have got just now."""
        origin = request.request.url.origin
        for each in self._pool["_connections"]:
            if each.is_available() and id(each) not in taken and each.can_handle_request(origin):
                if each.has_expired():
                    return False
                taken.add(id(each))
                request.assign_to_connection(each)
                return True
        return False
