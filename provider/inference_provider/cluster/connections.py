"""How many requests are under way at once, and which connections stay open for the next ones?

httpx opens a connection for every request that finds none free, and of more than 20 connections closes each as soon as
it is free, streams counted too. Two hundred Workloads at once would then spend their time on TLS; and for each request
that waits it looks through all connections. So few are under way at once, and these few connections stay.
"""

import asyncio

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
