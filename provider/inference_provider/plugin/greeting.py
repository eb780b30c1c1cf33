"""The engine's first call, answered while everything else is still being imported: it waits ten seconds for that one.

A machine that is busy takes longer for all the rest.
"""

from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2

#: The call's name on the wire.
HANDSHAKE = "/pulumirpc.ResourceProvider/Handshake"


def greeting() -> provider_pb2.ProviderHandshakeResponse:
    """What we understand."""
    return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)


def handler(greeted: Callable[[str], None]) -> "grpc.RpcMethodHandler[Any, Any]":
    """Answers the call; ``greeted`` is told where the engine listens ("" when it does not say)."""

    async def answered(request: provider_pb2.ProviderHandshakeRequest, context: object) -> object:
        del context
        greeted(request.engine_address)
        return greeting()

    return grpc.unary_unary_rpc_method_handler(
        answered,
        request_deserializer=provider_pb2.ProviderHandshakeRequest.FromString,
        response_serializer=provider_pb2.ProviderHandshakeResponse.SerializeToString,
    )
