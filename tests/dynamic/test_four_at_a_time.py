"""What Pulumi's own process for dynamic providers lets through, however much the engine asks of it at once."""

import base64
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.dynamic.gathering import LONG, Gathering

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dynamic() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The process, started as its script starts it; nobody listens where its engine would be."""
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "PULUMI_PROJECT": "shop"}
    process = subprocess.Popen(command, env=environment, stdout=PIPE, text=True)
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    process.kill()
    process.wait(LONG)


def test_the_fifth_of_five_waits_until_one_of_the_others_has_ended(
    dynamic: provider_pb2_grpc.ResourceProviderStub, tmp_path: Path
) -> None:
    properties = Struct()
    properties.update({"__provider": base64.b64encode(pickle.dumps(Gathering())).decode(), "folder": str(tmp_path)})
    requests = [provider_pb2.DeleteRequest(id=str(number), properties=properties) for number in range(5)]
    under_way = [dynamic.Delete.future(each, timeout=2 * LONG) for each in requests]

    deadline = time.monotonic() + LONG
    while not (tmp_path / "most").exists() or int((tmp_path / "most").read_text() or 0) < 4:
        assert time.monotonic() < deadline, "four come in"
        time.sleep(0.02)
    (tmp_path / "go").touch()
    for each in under_way:
        each.result()

    assert (tmp_path / "most").read_text() == "4"
