"""`provider/` as a folder that Pulumi's Python host runs (PulumiPlugin.yaml): done here as the host does it.

The host of Pulumi 3.79, which is all that can be had here, passes an empty path for such a folder.
"""

import importlib
import subprocess
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2_grpc

FOLDER = Path(__file__).parents[2] / "provider"
LONG = 30.0


@pytest.fixture
def engine() -> Iterator[str]:
    """Something that listens as an engine does."""
    server = grpc.server(futures.ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(grace=None).wait(LONG)


def said() -> dict[str, Any]:
    """What the folder says of how it is run."""
    yaml = importlib.import_module("yaml")  # there through kr8s, without types
    found: dict[str, Any] = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())["runtime"]
    return found


def test_the_folder_s_interpreter_runs_it_and_it_ends_by_itself(engine: str, tmp_path: Path) -> None:
    runtime = said()
    assert (runtime["name"], runtime["options"]["toolchain"]) == ("python", "pip")
    python = FOLDER / runtime["options"]["virtualenv"] / "bin" / "python"

    process = subprocess.Popen([python, FOLDER, engine], stdout=subprocess.PIPE, cwd=tmp_path, env={}, text=True)
    try:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            plugin = provider_pb2_grpc.ResourceProviderStub(channel)
            assert plugin.GetPluginInfo(Empty(), timeout=LONG).version
            plugin.Cancel(Empty(), timeout=LONG)
        assert process.wait(LONG) == 0
    finally:
        process.kill()
        process.wait()


def test_no_program_lies_in_the_folder() -> None:
    """The CLI refuses a folder that is a plugin and a project at once."""
    assert not (FOLDER / "Pulumi.yaml").exists()
    assert not (FOLDER.parent / "PulumiPlugin.yaml").exists()
