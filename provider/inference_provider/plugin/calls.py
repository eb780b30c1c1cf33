"""Joins the servicer to a server that was started before it was imported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
from inference_provider.plugin.unreadable import Readable, refuse_what_is_too_deep
from inference_provider.seam.reporting import engine_address


class _Collected:
    """Stands where the generated code wants a server, and keeps what it would be given."""

    def __init__(self) -> None:
        self.handlers: list[grpc.GenericRpcHandler] = []

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        self.handlers.extend(handlers)

    def add_registered_method_handlers(
        self, service: str, handlers: Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]
    ) -> None:
        """The same handlers again, by their full names; the generic ones are enough."""


@dataclass(frozen=True)
class Calls:
    """What answers the engine's calls; who takes in its handshake, and whom to tell that all is to be stopped."""

    handlers: Sequence[grpc.GenericRpcHandler]
    greet: Callable[[bytes], None]
    cancel: Callable[[], None]


def calls(ended: Callable[[], None]) -> Calls:
    """Everything that the servicer can do; ``ended`` is called once all is over."""
    refuse_what_is_too_deep()
    session = Session(ended)
    session.greet(engine_address())
    collected = _Collected()
    # The generated function wants a whole server, and calls these two methods of it.
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(session), cast("grpc.Server", collected))

    def greet(handshake: bytes) -> None:
        session.greet(provider_pb2.ProviderHandshakeRequest.FromString(handshake).engine_address)

    return Calls([Readable(each) for each in collected.handlers], greet, session.cancel)
