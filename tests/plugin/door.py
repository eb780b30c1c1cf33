"""The plugin's own servicer without a process: calls go in as messages, a cluster in memory answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar, cast

import grpc.aio
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, status_pb2

from inference_provider.plugin.answering import Context
from inference_provider.plugin.failing import Failed
from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Interrupted, Session
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import WORKLOAD, Kind
from inference_provider.resources.world import Properties, World
from tests.resources.outside import Outside

T = TypeVar("T")
Naming = provider_pb2.CheckRequest.AutonamingOptions


class Refused(grpc.aio.AbortError):
    """What the engine would be told instead of an answer."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.details)
        self.failed = failed

    def kept(self) -> provider_pb2.ErrorResourceInitFailed | None:
        """What the engine keeps after a partial failure."""
        for _, said in self.failed.trailing_metadata:
            what = provider_pb2.ErrorResourceInitFailed()
            if status_pb2.Status.FromString(said).details[0].Unpack(what):
                return what
        return None


class Call:
    """The engine's side of a call: what it would be told is raised."""

    async def abort_with_status(self, failed: Failed) -> NoReturn:
        raise Refused(failed)


class _InMemory(Session):
    def __init__(self, outside: Outside) -> None:
        super().__init__(lambda: None)
        self.outside = outside
        self.cut = False
        self.patience: float | None = None  # seconds until Ctrl-C

    async def run(self, urn: str, work: Callable[[World], Awaitable[T]], *, quiet: bool = False) -> T:
        if self.cut and not quiet:
            raise Interrupted("interrupted", touched=True)
        try:
            return await asyncio.wait_for(work(self.outside.world(urn=urn)), self.patience)
        except TimeoutError:
            raise Interrupted("interrupted", touched=True) from None

    async def look(self, urn: str, work: Callable[[World], Awaitable[T]]) -> T:
        return await work(self.outside.world(urn=urn))


class Door:
    """One engine's view: state is kept as the engine keeps it."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.session = _InMemory(self.outside)
        self.servicer = Servicer(self.session)
        self.call = cast("Context", Call())

    def cancelled(self) -> None:
        """From now on everything ends before it has begun, as after Ctrl-C."""
        self.session.cut = True

    async def check(
        self,
        inputs: Properties | Struct,
        *,
        kind: Kind = WORKLOAD,
        stack: str = "dev",
        olds: Struct | None = None,
        autonaming: Naming | None = None,
    ) -> provider_pb2.CheckResponse:
        """The inputs as the provider would have them."""
        news = inputs if isinstance(inputs, Struct) else sent(inputs)
        request = provider_pb2.CheckRequest(
            urn=urn(kind, stack), name="chat", news=news, olds=olds, autonaming=autonaming
        )
        return await self.servicer.Check(request, self.call)

    async def create(
        self,
        inputs: Properties,
        *,
        kind: Kind = WORKLOAD,
        stack: str = "dev",
        seconds: float = 0.0,
        preview: bool = False,
    ) -> Properties:
        """Check and create, or preview that; the outputs."""
        news = (await self.check(inputs, kind=kind, stack=stack)).inputs
        request = provider_pb2.CreateRequest(urn=urn(kind, stack), properties=news, timeout=seconds, preview=preview)
        return received((await self.servicer.Create(request, self.call)).properties).values

    async def update(
        self, olds: Properties, inputs: Properties, *, kind: Kind = WORKLOAD, preview: bool = False
    ) -> Properties:
        """Check and update, or preview that; the outputs."""
        news = (await self.check(inputs, kind=kind)).inputs
        request = provider_pb2.UpdateRequest(id=_id(kind), urn=urn(kind), olds=sent(olds), news=news, preview=preview)
        return received((await self.servicer.Update(request, self.call)).properties).values

    async def diff(self, olds: Properties, inputs: Properties, *, kind: Kind = WORKLOAD) -> provider_pb2.DiffResponse:
        """Check and diff. ``olds`` are outputs; the inputs of then are those of them that a program can write."""
        news = (await self.check(inputs, kind=kind)).inputs
        said = {field.alias or name for name, field in kind.inputs.model_fields.items()} | kind.computed
        before = sent({key: value for key, value in olds.items() if key in said})
        request = provider_pb2.DiffRequest(id=_id(kind), urn=urn(kind), olds=sent(olds), old_inputs=before, news=news)
        return await self.servicer.Diff(request, self.call)

    async def refresh(
        self, outputs: Properties, inputs: Properties, *, kind: Kind = WORKLOAD
    ) -> tuple[Properties, Properties]:
        """Outputs and inputs as the state has them after `pulumi refresh`."""
        request = provider_pb2.ReadRequest(id=_id(kind), urn=urn(kind), properties=sent(outputs), inputs=sent(inputs))
        answer = await self.servicer.Read(request, self.call)
        return received(answer.properties).values, received(answer.inputs).values


def urn(kind: Kind, stack: str = "dev") -> str:
    """Of the resource `chat` of a kind."""
    return f"urn:pulumi:{stack}::shop::{kind.token}::chat"


def _id(kind: Kind) -> str:
    return "models/chat" if kind.name != "Artifact" else "models/llama"
