"""What does the engine itself take? A provider that does nothing: it agrees to everything and remembers nothing.

Started by the engine as `pulumi-resource-empty`; every resource type of package `empty` is its own.
"""

import asyncio
import shlex
import sys
from pathlib import Path
from typing import TypeAlias

import grpc.aio
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

ROOT = Path(__file__).parents[1]
PACKAGE = "empty"
#: What dependents of a resource read from it, so that the same program runs with this provider too.
VERSION_ID = "models/server@000000000000"
Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class Nothing(provider_pb2_grpc.ResourceProviderServicer):
    """Every call at its cheapest."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def GetPluginInfo(self, request: Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Some version."""
        del request, context
        return plugin_pb2.PluginInfo(version="0.0.1")

    async def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Any configuration is fine."""
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Understand what our own plugin understands."""
        del request, context
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Any inputs are fine."""
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Nothing ever differs."""
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """It is there at once; its outputs are its inputs."""
        del context
        outputs = Struct()
        outputs.CopyFrom(request.properties)
        outputs["versionId"] = VERSION_ID
        return provider_pb2.CreateResponse(id=request.urn.rpartition("::")[2], properties=outputs)

    async def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        """It is gone."""
        del request, context
        return Empty()

    async def Cancel(self, request: Empty, context: Context) -> Empty:
        """End."""
        del request, context
        self.ended.set()
        return Empty()


def written(folder: Path) -> Path:
    """The program that the engine looks for, in a folder for ``plugins.providers.path``."""
    program = folder / f"pulumi-resource-{PACKAGE}"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {__spec__.name} "$@"\n')
    program.chmod(0o755)
    return folder


async def _serve() -> None:
    server, nothing = grpc.aio.server(), Nothing()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(nothing, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await nothing.ended.wait()
    await server.stop(1)


if __name__ == "__main__":
    asyncio.run(_serve())
