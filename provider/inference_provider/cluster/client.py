"""Everything we say to one API server, with errors in our own words and a while of patience.

A request that met 429, 5xx or a lost connection is sent again under the RetryPolicy. Nobody can know whether a lost
request took effect, so a repeated POST may raise AlreadyExists, and a repeated PUT Conflict, over our own first
success: callers read the object and look, as they must anyway. A repeated JSON patch looks by itself, and a repeated
DELETE returns False.
"""

import asyncio
import functools
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from inference_provider.cluster import requests, responses
from inference_provider.cluster.effect import in_effect
from inference_provider.cluster.lately import Lately
from inference_provider.cluster.lease import Lease, LeaseTimes, hold
from inference_provider.cluster.mirror import Mirrors, WorkloadMirror
from inference_provider.cluster.requests import Request
from inference_provider.cluster.responses import Answer
from inference_provider.cluster.retry import ONCE, RetryPolicy
from inference_provider.cluster.session import READ, Session
from inference_provider.cluster.watching import Watcher, WatchTimes
from inference_provider.errors import ClusterError, Conflict, Expired, NotFound, Unavailable
from inference_provider.manifests.kinds import POD, Body, Kind

Bodies = list[Body]
Errors = list[ClusterError]

_CHANCE = random.SystemRandom()


class Client:
    """One cluster; for one event loop, safe to share between its tasks.

    ``retry`` is the patience with an unavailable server, ``read`` the seconds to wait for an answer; ``watch`` and
    ``lease`` hold the times of mirrors and locks. ``close`` it at the end.
    """

    def __init__(
        self,
        session: Session,
        *,
        retry: RetryPolicy | None = None,
        read: float = READ,
        watch: WatchTimes | None = None,
        lease: LeaseTimes | None = None,
    ) -> None:
        self._session, self._retry, self._read = session, retry or RetryPolicy(), read
        self._lease = lease or LeaseTimes()
        self._lately: Lately[Body | None] = Lately()
        self._lately_listed: Lately[Bodies] = Lately(failures=True)
        self._mirrors = Mirrors(Watcher(session, self._page, watch or WatchTimes()))

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._session.server

    @property
    def context(self) -> str:
        """The kubeconfig's context, empty in a pod."""
        return self._session.context

    @property
    def namespace(self) -> str:
        """The namespace that kubectl would take."""
        return self._session.namespace

    async def version(self) -> str:
        """The API server's version, such as "v1.36.2"."""
        return str((await self._body(requests.version())).get("gitVersion") or "unknown")

    async def close(self) -> None:
        """Close every connection; mirrors and locks must have been left."""
        await self._session.close()

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        """Read an object. Raises NotFound when it is definitely absent."""
        return await self._body(requests.get(kind, namespace, name))

    async def find(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        """Read an object, or None when it is definitely absent."""
        try:
            return await self.get(kind, namespace, name)
        except NotFound:
            return None

    async def known(self, kind: Kind, namespace: str | None, name: str) -> Body | None:
        """Like ``find``, but as old as a few seconds, unless it was changed through this client; not to be changed."""
        return await self._lately.of((kind, namespace, name), lambda: self.find(kind, namespace, name))

    async def list(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies:
        """All objects of a kind that fit the selectors, page by page; each with apiVersion and kind.

        A list whose pages expired on the way (410) is begun anew, once.
        """
        try:
            return await self._pages(kind, namespace, labels=labels, fields=fields)
        except Expired:
            return await self._pages(kind, namespace, labels=labels, fields=fields)

    async def known_all(
        self, kind: Kind, namespace: str | None, *, labels: str | None = None, fields: str | None = None
    ) -> Bodies:
        """Like ``list``, but as old as a few seconds, whoever has changed something since; not to be changed.

        That nobody answers, or that it is not allowed, is remembered as long.
        """
        read = functools.partial(self.list, kind, namespace, labels=labels, fields=fields)
        return await self._lately_listed.of((kind, namespace, labels, fields), read)

    async def _pages(self, kind: Kind, namespace: str | None, *, labels: str | None, fields: str | None) -> Bodies:
        items: Bodies = []
        resume = ""
        while True:
            page, found = await self._page(
                requests.list_all(kind, namespace, labels=labels, fields=fields, resume=resume)
            )
            items += found
            resume = page["metadata"].get("continue", "")
            if not resume:
                return items

    async def create(self, kind: Kind, body: Body) -> Body:
        """POST. Raises AlreadyExists; after a lost connection the object may be our own."""
        return await self._body(requests.create(kind, body))

    async def rehearse(self, kind: Kind, body: Body) -> None:
        """POST as a dry run. Raises what the POST itself would, admission's refusals among it; nothing is stored."""
        await self._body(requests.rehearse(kind, body))

    async def apply(self, kind: Kind, body: Body, *, manager: str) -> Body:
        """Server-side apply, forced, under a field manager. Raises Conflict when ``metadata.uid`` is another."""
        return await self._body(requests.apply(kind, body, manager=manager))

    async def replace(self, kind: Kind, body: Body) -> Body:
        """PUT. Raises Conflict when the body's resourceVersion is not the latest."""
        return await self._body(requests.replace(kind, body))

    async def patch(
        self, kind: Kind, namespace: str | None, name: str, operations: Sequence[Mapping[str, object]]
    ) -> Body:
        """JSON patch. Raises Conflict when one of its tests failed, unless that is because it was applied already, by
        an earlier attempt whose answer got lost.
        """
        lost: Errors = []
        request = requests.patch(kind, namespace, name, operations)
        try:
            return responses.body_of(request, await self._send(request, lost))
        except Conflict:
            found = await self.find(kind, namespace, name) if lost else None
            if found is None or not in_effect(found, operations):
                raise
            return found

    async def scale(
        self, kind: Kind, namespace: str, name: str, replicas: int, *, resource_version: str | None = None
    ) -> None:
        """Set the replica count through the scale subresource. Raises Conflict when it has changed since."""
        await self._body(requests.scale(kind, namespace, name, replicas, resource_version=resource_version))

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        foreground: bool = False,
    ) -> bool:
        """DELETE. False when it was gone already. Raises Conflict when it is not the object that was meant."""
        request = requests.delete(
            kind, namespace, name, uid=uid, resource_version=resource_version, foreground=foreground
        )
        try:
            await self._body(request)
        except NotFound:
            return False
        return True

    async def logs(self, namespace: str, pod: str, *, container: str, previous: bool, lines: int) -> str:
        """The last lines of a log. Empty when it cannot be had: a log only ever explains another failure."""
        request = requests.logs(POD, namespace, pod, container=container, previous=previous, lines=lines)
        try:
            return responses.text_of(request, await self._session.send(request, read=self._read))
        except ClusterError:
            return ""

    async def whoami(self) -> str:
        """The user that the API server saw when the session began, or "unknown"."""
        return self._session.user

    def mirror(self, namespace: str, workload: str) -> AbstractAsyncContextManager[WorkloadMirror]:
        """Watch one Workload's objects. The watches of a namespace are shared, begin with the first user and end
        with the last. Raises Forbidden and other ClusterErrors when the first lists fail.
        """
        return self._mirrors.use(namespace, workload)

    def lock(
        self, namespace: str, workload: str, *, owner: Body, wait: float, fresh: bool = False
    ) -> AbstractAsyncContextManager[Lease]:
        """Hold the Workload's Lease. Raises LockHeld after ``wait`` seconds.

        Taking over from a holder that died takes the Lease's own duration (15 s) of watching it stand still.
        """
        impatient = Client(self._session, retry=ONCE, read=self._lease.duration / 3)
        return hold(self, impatient, namespace, workload, owner=owner, wait=wait, times=self._lease, fresh=fresh)

    async def _body(self, request: Request) -> Body:
        return responses.body_of(request, await self._send(request))

    async def _page(self, request: Request) -> tuple[Body, Bodies]:
        page = await self._body(request)
        return page, responses.items_of(request, page)

    async def _send(self, request: Request, lost: Errors | None = None) -> Answer:
        """Send until there is an answer below 300 or patience ends. Raises what the last answer meant.

        ``lost`` collects the attempts after which nobody knows whether they took effect.
        """
        try:
            return await self._persist(request, lost)
        finally:
            if request.method != "GET":
                self._lately.forget((request.target.kind, request.target.namespace, request.target.name))

    async def _persist(self, request: Request, lost: Errors | None) -> Answer:
        began = time.monotonic()
        for planned in self._retry.pauses():
            try:
                answer = await self._session.send(request, read=self._read)
                if answer.status < 300:
                    return answer
                raise responses.error_of(request, answer)
            except ClusterError as error:
                if lost is not None and isinstance(error, Unavailable):
                    lost.append(error)
                spent = time.monotonic() - began
                pause = self._retry.pause(error, planned=planned, spent=spent, draw=_CHANCE.random())
                if pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("pauses never end")
