"""How long until the plugin is there? From exec to the line with its port, for which Pulumi's engine waits.

Beside it: the floor of any gRPC plugin in Python, a program that imports grpc and binds a port. Measured in the same
turns: the same through the launcher of the tarball, and for both the time until the first Check is answered, which
is what a person waits for (handshake, configuration, and importing what answers).
"""

import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from benchmarks.figures import Figure, Series, show
from benchmarks.ground import tell
from inference_provider.plugin.wire import sent
from tools.plugin_package.tarball import pack

NAME = "start"
#: The median (s), and how much longer than the floor it may take.
LIMIT, AIM = 0.5, 1.5
WARM_UP, ROUNDS = 2, 20
#: Nothing here takes as long (s).
_LONG = 60.0
#: What `python3` is on PATH may be a script that looks for one (pyenv), which takes longer than all the rest.
_SAME_PYTHON = {"PULUMI_INFERENCE_PYTHON": os.path.realpath(sys.executable)}
_URN = "urn:pulumi:dev::shop::inference:index:Workload::chat"
_FLOOR = """\
import asyncio, sys, grpc.aio

async def serve():
    server = grpc.aio.server()
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\\n")
    sys.stdout.flush()

asyncio.run(serve())
"""


@dataclass
class Times:
    """What was measured (s), one entry per round."""

    port: list[float] = field(default_factory=list)
    greeted: list[float] = field(default_factory=list)
    check: list[float] = field(default_factory=list)


def main() -> int:
    """0 when measured, whether or not the aim is met."""
    script = Path(sys.executable).parent / "pulumi-resource-inference"
    times = {name: Times() for name in ("script", "tarball", "floor")}
    with TemporaryDirectory() as folder, _engine() as engine:
        tell("packing the tarball")
        with tarfile.open(pack(Path(folder))) as packed:
            packed.extractall(folder, filter="data")
        commands = {
            "script": [str(script), engine],
            "tarball": [str(Path(folder) / "pulumi-resource-inference"), engine],
            "floor": [sys.executable, "-c", _FLOOR],
        }
        for turn in range(WARM_UP + ROUNDS):
            for name, command in commands.items():
                _measure(command, times[name] if turn >= WARM_UP else Times(), answers=name != "floor")
    show(_figure(times))
    return 0


@contextmanager
def _engine() -> Iterator[str]:
    """Something that listens as an engine does; the plugin would end without."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(grace=None).wait(_LONG)


def _measure(command: Sequence[str], times: Times, *, answers: bool) -> None:
    """Start it once, and let it end by itself."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **_SAME_PYTHON}
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        times.port.append(time.perf_counter() - began)
        if answers:
            _ask(port, times, began)
        assert process.wait(_LONG) == 0
    finally:
        process.kill()
        process.wait()


def _ask(port: int, times: Times, began: float) -> None:
    """What the engine asks first, up to the first resource; and its last call."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        plugin = provider_pb2_grpc.ResourceProviderStub(channel)
        plugin.Handshake(provider_pb2.ProviderHandshakeRequest(), timeout=_LONG)
        times.greeted.append(time.perf_counter() - began)
        plugin.Configure(provider_pb2.ConfigureRequest(args=sent({"namespace": "models"})), timeout=_LONG)
        news = sent({"artifactId": "models/llama@aaaaaaaaaaaa"})
        answer = plugin.Check(provider_pb2.CheckRequest(urn=_URN, name="chat", news=news), timeout=_LONG)
        times.check.append(time.perf_counter() - began)
        assert not answer.failures, answer.failures
        plugin.Cancel(Empty(), timeout=_LONG)


def _figure(times: Mapping[str, Times]) -> Figure:
    return Figure(
        name=NAME,
        unit="s",
        ours=Series("console script: port", times["script"].port),
        reference=Series("floor: import grpc.aio, bind a port", times["floor"].port),
        aim=AIM,
        limit=LIMIT,
        beside=(
            Series("tarball: port", times["tarball"].port),
            Series("console script: handshake answered", times["script"].greeted),
            Series("console script: first Check answered", times["script"].check),
            Series("tarball: first Check answered", times["tarball"].check),
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
