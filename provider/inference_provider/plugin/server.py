"""The process `pulumi-resource-inference`: started by the engine, it says its port, serves, and ends by itself."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

if TYPE_CHECKING:
    from inference_provider.plugin.calls import Calls

#: Programs hold whole scripts and certificates in their properties (bytes).
LONGEST_MESSAGE = 400 * 1024 * 1024
_OPTIONS = [("grpc.max_receive_message_length", LONGEST_MESSAGE), ("grpc.max_send_message_length", LONGEST_MESSAGE)]
#: How long answers may still take once work was given up (seconds): a last look, and on a busy machine the way back. It
#: is over as soon as all are answered, and at the latest before the engine kills us.
GRACE_SECONDS = 9.0
#: A terminal's Ctrl-C, and what a container's or a CI job's end begins with.
_POLITE = (signal.SIGINT, signal.SIGTERM)
_HANDSHAKE = "/pulumirpc.ResourceProvider/Handshake"
#: What we understand: secrets (field 1) and proposed names (field 4). The engine gives a provider ten seconds to say
#: so, on however busy a machine, and importing Pulumi's messages alone has taken longer.
GREETING = b"\x08\x01\x20\x01"


class _Handlers(grpc.GenericRpcHandler):
    """Our servicer, imported once the port is said: the engine waits for that, and importing takes longer.

    The engine's first call is answered meanwhile.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._importing = threading.Lock()

    def ready(self) -> "Calls":
        """Import it now, and begin to watch the engine, which may go before its first call."""
        with self._importing:
            return self._calls

    @cached_property
    def _calls(self) -> "Calls":
        from inference_provider.plugin.calls import calls  # noqa: PLC0415  # see above

        return calls(self._ended)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The method that a call is for."""
        if handler_call_details.method == _HANDSHAKE:
            return grpc.unary_unary_rpc_method_handler(self._handshake)
        return self.ready().handlers[0].service(handler_call_details)

    async def _handshake(self, request: bytes, context: object) -> bytes:
        del context
        self._greeting = asyncio.create_task(self._greet(request))
        return GREETING

    async def _greet(self, request: bytes) -> None:
        (await asyncio.to_thread(self.ready)).greet(request)

    def interrupt(self) -> None:
        """Stop as when the engine cancels. Before anything could be asked of us there is nothing to stop."""
        if "_calls" in self.__dict__:
            self._calls.cancel()
        else:
            self._ended()


def main() -> None:
    """The console script."""
    _leave_out_what_is_never_used()
    asyncio.run(_serve())


def _leave_out_what_is_never_used() -> None:
    """A fifth of our start. Of Pulumi's package a plugin uses the messages alone, and of httpx no command line.

    So there are packages in the place of Pulumi's that lead to the same files, and hold nothing else.
    """
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # so Python is told that a module is not there
    found = find_spec("pulumi")
    for place in (found and found.submodule_search_locations) or ():
        for name, folder in (("pulumi", Path(place)), ("pulumi.runtime", Path(place, "runtime"))):
            package = sys.modules[name] = ModuleType(name)
            package.__path__ = [str(folder)]


async def _serve() -> None:
    ended = asyncio.Event()
    server = grpc.aio.server(options=_OPTIONS)
    ours = _Handlers(ended.set)
    server.add_generic_rpc_handlers((ours,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    for each in _POLITE:
        asyncio.get_running_loop().add_signal_handler(each, ours.interrupt)
    await asyncio.to_thread(ours.ready)
    await ended.wait()
    await server.stop(GRACE_SECONDS)
