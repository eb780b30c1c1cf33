"""The process `pulumi-resource-inference`: started by the engine, it says its port, serves, and ends by itself."""

import asyncio
import sys

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
from inference_provider.seam.reporting import engine_address

#: Programs hold whole scripts and certificates in their properties (bytes).
LONGEST_MESSAGE = 400 * 1024 * 1024
_OPTIONS = [("grpc.max_receive_message_length", LONGEST_MESSAGE), ("grpc.max_send_message_length", LONGEST_MESSAGE)]
#: How long answers that are under way may take once the engine has cancelled (seconds).
GRACE_SECONDS = 15.0


def main() -> None:
    """The console script."""
    asyncio.run(_serve())


async def _serve() -> None:
    session = Session()
    server = grpc.aio.server(options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(session), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    session.greet(engine_address())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await session.ended.wait()
    await server.stop(GRACE_SECONDS)
