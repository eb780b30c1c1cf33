"""Joins the servicer to a server that was started before it was imported."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
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


def handlers(ended: Callable[[], None], engine: Callable[[], str]) -> Sequence[grpc.GenericRpcHandler]:
    """What answers the engine's calls; ``ended`` is called once everything is over.

    ``engine`` is where it listens, as it said in the handshake if that has come by now.
    """
    session = Session(ended)
    session.greet(engine_address() or engine())
    collected = _Collected()
    # The generated function wants a whole server, and calls these two methods of it.
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(session), cast("grpc.Server", collected))
    return collected.handlers
