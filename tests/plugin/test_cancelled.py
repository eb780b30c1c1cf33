"""Ctrl-C while somebody does not answer: every call ends in a sentence, and the process at once and by itself."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2

from inference_provider.plugin.wire import sent
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD
from inference_provider.resources.world import Properties
from tests.plugin.door import urn
from tests.plugin.running import LONG, Engine, Plugin

CHAT: Properties = {"name": "chat", "namespace": "models", "artifactId": "models/llama@aaaaaaaaaaaa"}
MOVE: Properties = {"workloadId": "models/chat", "candidateArtifactId": "models/llama@aaaaaaaaaaaa"}


class Deaf:
    """Takes connections; after the first ``answers`` requests it never says a word."""

    def __init__(self, answers: int = 0) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.door.getsockname()[1]}"
        self.guests: list[socket.socket] = []
        self.answers = answers
        self.waiting = threading.Semaphore(0)
        threading.Thread(target=self._serve, daemon=True).start()

    def receives(self) -> None:
        """Wait until one more waits for an answer."""
        assert self.waiting.acquire(timeout=LONG)

    def _serve(self) -> None:
        while True:
            try:
                guest = self.door.accept()[0]
            except OSError:
                return
            self.guests.append(guest)
            if self.answers:
                self.answers -= 1
                guest.recv(65536)
                guest.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                guest.close()
            else:
                self.waiting.release()

    def close(self) -> None:
        """Nobody is there any more."""
        self.door.shutdown(socket.SHUT_RDWR)
        for each in (*self.guests, self.door):
            each.close()


@pytest.fixture
def deaf(request: pytest.FixtureRequest) -> Iterator[Deaf]:
    server = Deaf(answers=getattr(request, "param", 0))
    yield server
    server.close()


@pytest.fixture
def plugin(deaf: Deaf) -> Iterator[Plugin]:
    engine = Engine()
    started = Plugin(engine.address)
    config: Properties = {"kubeconfig": kubeconfig(deaf, {"token": "t"}), "namespace": "models"}
    started.call.Configure(provider_pb2.ConfigureRequest(args=sent(config)), timeout=LONG)
    yield started
    started.channel.close()
    if started.process.poll() is None:
        started.process.kill()
    started.process.wait(LONG)
    engine.server.stop(grace=None).wait(LONG)


def kubeconfig(deaf: Deaf, user: Properties) -> str:
    """One that leads there."""
    return json.dumps(
        {
            "clusters": [{"name": "c", "cluster": {"server": f"http://{deaf.address}"}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "deaf", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "deaf",
        }
    )


def asked(deaf: Deaf) -> dict[str, tuple[str, object]]:
    """A call of each kind that looks at something."""
    image = {"name": "vllm", "image": f"{deaf.address}/vllm:v1", "primary": True, "port": 8000.0}
    llama: Properties = {"name": "llama", "spec": {"containerGroups": [{"containers": [image]}]}}
    chat, move = sent(CHAT), sent(MOVE)
    workload, replacement, artifact = urn(WORKLOAD), urn(REPLACEMENT), urn(ARTIFACT)
    place = "models/chat"
    return {
        "check": ("Check", provider_pb2.CheckRequest(urn=artifact, name="llama", news=sent(llama))),
        "diff": ("Diff", provider_pb2.DiffRequest(urn=workload, id=place, olds=chat, news=chat)),
        "read": ("Read", provider_pb2.ReadRequest(urn=workload, id=place, properties=chat, inputs=chat)),
        "import": ("Read", provider_pb2.ReadRequest(urn=workload, id=place)),
        "a creation's preview": (
            "Create",
            provider_pb2.CreateRequest(urn=replacement, properties=move, preview=True),
        ),
        "an update's preview": (
            "Update",
            provider_pb2.UpdateRequest(urn=workload, id=place, olds=chat, news=chat, preview=True),
        ),
        "create": ("Create", provider_pb2.CreateRequest(urn=workload, properties=chat)),
        "update": ("Update", provider_pb2.UpdateRequest(urn=workload, id=place, olds=chat, news=chat)),
        "delete": ("Delete", provider_pb2.DeleteRequest(urn=workload, id=place, properties=chat)),
    }


@pytest.mark.parametrize("deaf", [0, 1], indirect=True, ids=["while it logs in", "while it asks"])
def test_a_cluster_that_does_not_answer_holds_up_no_ctrl_c(plugin: Plugin, deaf: Deaf) -> None:
    calls = {phase: getattr(plugin.call, method).future(request) for phase, (method, request) in asked(deaf).items()}
    deaf.receives()
    deaf.receives()  # one waits for the image registry, the others for the API server

    plugin.call.Cancel(Empty(), timeout=LONG)

    assert plugin.process.wait(LONG) == 0
    for phase, call in calls.items():
        said = str(call.exception(timeout=LONG))
        assert "interrupted: the run was cancelled" in said, f"{phase}: {said}"
        assert "StatusCode.FAILED_PRECONDITION" in said, phase
        assert "Traceback" not in said, phase


def test_a_login_that_does_not_come_to_its_end_holds_up_no_ctrl_c(deaf: Deaf, tmp_path: Path) -> None:
    came = tmp_path / "came"
    os.mkfifo(came)
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh"}
    user: Properties = {
        "exec": login | {"args": ["-c", f"echo here >{came}; exec sleep 600"], "interactiveMode": "Never"}
    }
    engine = Engine()
    started = Plugin(engine.address)
    config: Properties = {"kubeconfig": kubeconfig(deaf, user), "namespace": "models"}
    started.call.Configure(provider_pb2.ConfigureRequest(args=sent(config)), timeout=LONG)
    method, request = asked(deaf)["read"]

    call = getattr(started.call, method).future(request)
    assert came.read_text() == "here\n"
    started.call.Cancel(Empty(), timeout=LONG)

    assert started.process.wait(LONG) == 0
    assert "interrupted: the run was cancelled" in str(call.exception(timeout=LONG))
    started.channel.close()
    engine.server.stop(grace=None).wait(LONG)
