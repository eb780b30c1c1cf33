"""How does a request reach the API server? Connections, TLS and renewed credentials over kr8s.

kr8s is used below its conveniences: on every 403 it logs in four times and closes the session under other requests,
so the status is looked at here. It lets exceptions of httpx through, so their names are needed here; none of either
leaves this file.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import kr8s
from kr8s.asyncio import Api

from inference_provider.cluster import requests, responses
from inference_provider.cluster.connections import STREAMS, Turns, keep_open
from inference_provider.cluster.login import Login, forget_keys, login, namespace_of
from inference_provider.cluster.requests import Request
from inference_provider.cluster.responses import Answer
from inference_provider.cluster.trust import distrust
from inference_provider.errors import ClusterError, Unavailable

#: Seconds to connect, and to wait for the next bytes; webhooks alone may take 30 s of an answer's time.
CONNECT, READ = 5.0, 65.0

_BROKEN = (httpx.HTTPError, httpx.StreamError, kr8s.APITimeoutError, OSError)

_NO_TRUST = (
    "TLS could not be set up: check the kubeconfig's certificate-authority, tls-server-name and client certificate."
)
_NO_ANSWER = "Check that the cluster runs and that its address can be reached."


class Session:
    """An authenticated way to one API server, renewing its credential when the server calls it expired.

    For one event loop. ``server`` is the address, ``context`` the kubeconfig's context ("" in a pod),
    ``namespace`` the one that kubectl would take, ``user`` who the server took us for when connecting, or "unknown".
    """

    def __init__(self, login: Login) -> None:
        self._login = login
        #: The last one carries requests; the others of them have all the streams they can take.
        self._lanes: list[Api] = []
        self._retired: list[Api] = []
        self._streams: Counter[Api] = Counter()
        self._opening = asyncio.Lock()
        self._turns = Turns()
        self.server, self.context, self.user = "", login.context or "", "unknown"
        self.namespace = "default"

    async def introduce(self) -> None:
        """Log in and learn who we are. Raises Unauthorized or Unavailable."""
        request = requests.whoami(self.context or "(current context)")
        try:
            answer = await self._open_lane(request)
            if answer.status in (401, 429) or answer.status >= 500:
                raise responses.error_of(request, answer)
            if answer.status < 300:
                review = responses.body_of(request, answer)
                self.user = review.get("status", {}).get("userInfo", {}).get("username") or "unknown"
        except BaseException:
            await self.close()
            raise

    async def send(self, request: Request, *, read: float = READ) -> Answer:
        """Exchange one request, waiting at most ``read`` seconds for bytes. Raises Unavailable, Unauthorized.

        A 401 is answered by one renewal of the credential; every other status is the caller's to judge.
        """
        async with self._turns.of(request):
            lane = self._lanes[-1]
            answer = await self._exchange(lane, request, read)
            if answer.status == 401:
                answer = await self._exchange(await self._renewed(lane), request, read)
            return answer

    @contextlib.asynccontextmanager
    async def stream(self, request: Request, *, silence: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a stream of chunks that breaks off after ``silence`` seconds without any. Raises ClusterErrors."""
        async with contextlib.AsyncExitStack() as stack:
            lane = await self._lane_with_room()
            response = await self._opened(stack, lane, request, silence)
            if response.status_code == 401:
                response = await self._opened(stack, await self._renewed(lane), request, silence)
            if response.is_error:
                raise responses.error_of(request, _answer(response))
            yield await stack.enter_async_context(contextlib.aclosing(self._chunks(request, response)))

    async def close(self) -> None:
        """Close every connection."""
        for lane in self._retired + self._lanes:
            # kr8s has no public way to do this.
            session = vars(lane).get("_session")
            if isinstance(session, httpx.AsyncClient):
                await session.aclose()

    async def _exchange(self, lane: Api, request: Request, read: float) -> Answer:
        try:
            async with _call(lane, request, read=read) as response:
                return _answer(response)
        except _BROKEN as error:
            raise self._unreachable(request, error) from None

    async def _opened(
        self, stack: contextlib.AsyncExitStack, lane: Api, request: Request, silence: float
    ) -> httpx.Response:
        self._streams[lane] += 1
        stack.callback(self._streams.subtract, [lane])
        try:
            response = await stack.enter_async_context(_call(lane, request, read=silence, stream=True))
            if response.is_error:
                await response.aread()
            return response
        except _BROKEN as error:
            raise self._unreachable(request, error) from None

    async def _chunks(self, request: Request, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except _BROKEN as error:
            raise self._unreachable(request, error) from None

    async def _renewed(self, used: Api) -> Api:
        """A lane with a newer credential than ``used``; many requests meet the same 401, one renews."""
        async with self._opening:
            if used in self._lanes:
                stale = self._lanes
                self._lanes = []
                try:
                    await self._open_lane(requests.whoami(self.context or self.server))
                finally:
                    if self._lanes:
                        self._retired += stale
                    else:
                        self._lanes = stale
            return self._lanes[-1]

    async def _lane_with_room(self) -> Api:
        async with self._opening:
            roomy = [lane for lane in self._lanes if self._streams[lane] < STREAMS]
            if not roomy:
                await self._open_lane(requests.whoami(self.context or self.server))
            return roomy[0] if roomy else self._lanes[-1]

    async def _open_lane(self, introduction: Request) -> Answer:
        """Log in and send one request.

        That request makes kr8s set up TLS before others come in parallel, and frees us of the key's file.
        """
        lane = await self._login.open()
        self.server, self.context = lane.auth.server, lane.auth.active_context
        self.namespace = namespace_of(lane)
        try:
            answer = await self._exchange(lane, introduction, READ)
        except BaseException:
            self._retired.append(lane)
            raise
        finally:
            forget_keys(lane)
        keep_open(lane)
        self._lanes.append(lane)
        return answer

    def _unreachable(self, request: Request, error: Exception) -> ClusterError:
        target = request.target
        untrusted = distrust(error)
        reason = untrusted or str(error) or type(error).__name__
        whose = f" of context {self.context}" if self.context else ""
        failure = Unavailable(
            target.attempted,
            kind=target.kind.name,
            namespace=target.namespace,
            name=target.name,
            said=f"no answer from {self.server}{whose}: {reason[: responses.LONGEST]}",
            advice=_NO_TRUST if untrusted else _NO_ANSWER,
        )
        failure.retry = not untrusted
        return failure


async def connect(*, kubeconfig: str | None = None, context: str | None = None) -> Session:
    """Open a session to a cluster.

    ``kubeconfig`` is a path or the file's content; None means what kubectl would take: KUBECONFIG, ~/.kube/config,
    then the pod's service account. ``context`` defaults to the kubeconfig's current one.
    Raises Unauthorized (nothing usable to log in with, or the server refuses it) and Unavailable (unreachable, or
    its certificate is not trusted). Tried once: a cluster that is not there should be known at once.
    """
    session = Session(login(kubeconfig=kubeconfig, context=context))
    await session.introduce()
    return session


def _call(
    lane: Api, request: Request, *, read: float, stream: bool = False
) -> contextlib.AbstractAsyncContextManager[httpx.Response]:
    base, _, url = request.path.rpartition("/")
    return lane.call_api(
        request.method,
        version="",
        base=base,
        url=url,
        raise_for_status=False,
        stream=stream,
        params=dict(request.params),
        headers=dict(request.headers),
        content=request.content,
        timeout=(CONNECT, read, read, None),
    )


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.text, {key.lower(): value for key, value in response.headers.items()})
