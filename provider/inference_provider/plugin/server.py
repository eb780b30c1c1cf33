"""The process `pulumi-resource-inference`: started by the engine, it says its port, serves, and ends by itself."""

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import grpc
import grpc.aio

#: Programs hold whole scripts and certificates in their properties (bytes).
LONGEST_MESSAGE = 400 * 1024 * 1024
_OPTIONS = [("grpc.max_receive_message_length", LONGEST_MESSAGE), ("grpc.max_send_message_length", LONGEST_MESSAGE)]
#: How long answers that are under way may take once the engine has cancelled (seconds).
GRACE_SECONDS = 15.0


class _Handlers(grpc.GenericRpcHandler):
    """Our servicer, imported once the port is said: the engine waits for that, and importing takes longer.

    For the first call it waits not much longer, so that one is answered before everything is imported.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._engine = ""
        self._importing = threading.Lock()

    def ready(self) -> Sequence[grpc.GenericRpcHandler]:
        """Import it now, and begin to watch the engine, which may go before its first call."""
        with self._importing:
            return self._found

    @cached_property
    def _found(self) -> Sequence[grpc.GenericRpcHandler]:
        from inference_provider.plugin.calls import handlers  # noqa: PLC0415  # see above

        return handlers(self._ended, lambda: self._engine)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The method that a call is for."""
        if handler_call_details.method.endswith("/Handshake") and "_found" not in vars(self):
            from inference_provider.plugin.greeting import handler  # noqa: PLC0415  # see above

            return handler(self._greeted)
        return self.ready()[0].service(handler_call_details)

    def _greeted(self, engine: str) -> None:
        self._engine = engine


def main() -> None:
    """The console script."""
    asyncio.run(_serve())


async def _serve() -> None:
    ended = asyncio.Event()
    server = grpc.aio.server(options=_OPTIONS)
    ours = _Handlers(ended.set)
    server.add_generic_rpc_handlers((ours,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(ours.ready)
    await ended.wait()
    await server.stop(GRACE_SECONDS)
