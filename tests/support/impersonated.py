"""Somebody else on the real API server: the administrator's connection, whose every request impersonates a user."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

from inference_provider.cluster.client import Client
from inference_provider.cluster.login import Login, login
from inference_provider.cluster.requests import Request
from inference_provider.cluster.responses import Answer
from inference_provider.cluster.retry import ONCE
from inference_provider.cluster.session import READ, Session


class Impersonating(Session):
    """A session in which the API server takes us for somebody else."""

    def __init__(self, way: Login, headers: Mapping[str, str]) -> None:
        super().__init__(way)
        self._mask = headers

    def _masked(self, request: Request) -> Request:
        return replace(request, headers={**request.headers, **self._mask})

    async def send(self, request: Request, *, read: float = READ) -> Answer:
        """As the other one."""
        return await super().send(self._masked(request), read=read)

    @contextlib.asynccontextmanager
    async def stream(self, request: Request, *, silence: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """As the other one."""
        async with super().stream(self._masked(request), silence=silence) as chunks:
            yield chunks


@contextlib.asynccontextmanager
async def session_of(kubeconfig: Path, user: str, *, group: str = "") -> AsyncIterator[Impersonating]:
    """A session of this user, who is a member of ``group``."""
    headers = {"impersonate-user": user} | ({"impersonate-group": group} if group else {})
    session = Impersonating(login(kubeconfig=str(kubeconfig), context=None), headers)
    await session.introduce()
    try:
        yield session
    finally:
        await session.close()


@contextlib.asynccontextmanager
async def client_of(kubeconfig: Path, user: str) -> AsyncIterator[Client]:
    """A client of this user, which asks once."""
    async with session_of(kubeconfig, user) as session:
        yield Client(session, retry=ONCE)
