"""What is the engine told of a message that cannot be read? gRPC itself would answer INTERNAL, and dump a traceback."""

import contextlib
import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from inference_provider.plugin.failing import Failed

_Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"
_SAID = Failed(
    grpc.StatusCode.INVALID_ARGUMENT,
    "what the engine sent cannot be read: the message was damaged, is nested too deeply, or was made for another "
    "protocol. Nothing was done",
)


def refuse_what_is_too_deep() -> None:
    """Let messages be nested a hundred levels, as protobuf has it: each of ours takes some thirty.

    Pulumi's SDK lifts that limit when it is imported, and what is nested ten thousand levels then ends the process.
    """
    beyond = False
    with contextlib.suppress(ImportError):  # protobuf without its C library keeps the limit anyway
        importlib.import_module("google._upb._message").SetAllowOversizeProtos(beyond)


@dataclass(frozen=True)
class _Unreadable:
    """Stands in the place of the message."""


class Readable(grpc.GenericRpcHandler):
    """The handlers of another one, which only ever get messages that could be read."""

    def __init__(self, behind: grpc.GenericRpcHandler) -> None:
        self._behind = behind

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The method that a call is for."""
        found = self._behind.service(handler_call_details)
        if found is None or found.unary_unary is None or found.request_deserializer is None:
            return found
        return grpc.unary_unary_rpc_method_handler(
            _answering(found.unary_unary), _reading(found.request_deserializer), found.response_serializer
        )


def _reading(read: Callable[[bytes], object]) -> Callable[[bytes], object]:
    def readable(message: bytes) -> object:
        try:
            return read(message)
        except DecodeError:
            return _Unreadable()

    return readable


def _answering(answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answered(request: object, context: _Context) -> object:
        if isinstance(request, _Unreadable):
            await context.abort_with_status(_SAID)
        return await answer(request, context)

    return answered
