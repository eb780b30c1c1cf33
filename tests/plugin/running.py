"""The plugin as a process of its own, and something that listens as its engine does."""

import subprocess
import sys
from concurrent import futures
from pathlib import Path
from subprocess import PIPE

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from inference_provider.plugin.wire import sent

ROOT = Path(__file__).parents[2]
#: Far more than anything here takes (seconds).
LONG = 30.0
URN = "urn:pulumi:dev::shop::acme:index:Team$inference:index:Workload::chat"


class Engine(engine_pb2_grpc.EngineServicer):
    """Something that listens as an engine does, and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[engine_pb2.LogRequest] = []
        self.server = grpc.server(futures.ThreadPoolExecutor(1))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802  # its name
        """One line."""
        del context
        self.told.append(request)
        return Empty()


class Plugin:
    """The running process, and calls to it."""

    def __init__(self, *arguments: str, path: str = str(ROOT / "provider")) -> None:
        command = [sys.executable, "-m", "inference_provider.plugin", *arguments]
        environment = {"PYTHONPATH": path, "KUBECONFIG": "/nonexistent", "PATH": "/usr/bin"}
        self.process = subprocess.Popen(command, env=environment, stdout=PIPE, stderr=PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.call = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def raw_check(self) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
        """Check, called with any bytes."""
        return self.channel.unary_unary("/pulumirpc.ResourceProvider/Check")

    def check(self, **inputs: object) -> provider_pb2.CheckResponse:
        """The inputs of a new Workload, checked."""
        request = provider_pb2.CheckRequest(urn=URN, name="chat", news=sent(inputs))
        answer: provider_pb2.CheckResponse = self.call.Check(request, timeout=LONG)
        return answer
