"""The process that the engine starts: a real one, and a real gRPC server stands for the engine."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from subprocess import PIPE

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from inference_provider.plugin.server import GREETING
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN

ROOT = Path(__file__).parents[2]
#: Far more than anything here takes (seconds).
LONG = 30.0
URN = "urn:pulumi:dev::shop::acme:index:Team$inference:index:Workload::chat"


class Engine:
    """Something that listens as an engine does."""

    def __init__(self) -> None:
        self.server = grpc.server(futures.ThreadPoolExecutor(1))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()


@pytest.fixture
def engine() -> Iterator[Engine]:
    started = Engine()
    yield started
    started.server.stop(grace=None).wait(LONG)


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


@pytest.fixture
def plugin(engine: Engine) -> Iterator[Plugin]:
    started = Plugin("--logtostderr", "-v=3", engine.address)
    started.call.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=engine.address), timeout=LONG)
    started.call.Configure(provider_pb2.ConfigureRequest(args=sent({"namespace": "ml"})), timeout=LONG)
    yield started
    started.channel.close()
    if started.process.poll() is None:
        started.process.kill()
    started.process.wait(LONG)


def test_the_answer_to_a_handshake_says_what_is_understood() -> None:
    understood = provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    assert provider_pb2.ProviderHandshakeResponse.FromString(GREETING) == understood


def test_it_ends_by_itself_when_the_engine_cancels(plugin: Plugin) -> None:
    plugin.call.Cancel(Empty(), timeout=LONG)

    assert plugin.process.wait(LONG) == 0


def test_it_ends_by_itself_when_the_engine_is_gone(engine: Engine, plugin: Plugin) -> None:
    engine.server.stop(grace=None).wait(LONG)

    assert plugin.process.wait(LONG) != 0, "nobody asked for this end"


def test_every_fault_comes_with_its_property_path(plugin: Plugin) -> None:
    answer = plugin.check(artifactId="ml/llama@aaaaaaaaaaaa", running="yes", runtime={"containerGroups": [{"nam": 1}]})

    assert {failure.property for failure in answer.failures} == {"running", "runtime.containerGroups[0].nam"}


def test_the_name_and_the_namespace_are_filled_in_and_what_is_unknown_stays_so(plugin: Plugin) -> None:
    answer = plugin.check(artifactId=UNKNOWN)

    assert not answer.failures
    inputs = received(answer.inputs).own
    assert (inputs["name"], inputs["namespace"], inputs["artifactId"]) == ("chat", "ml", UNKNOWN)


def test_a_cluster_that_cannot_be_reached_is_a_sentence_and_not_a_traceback(plugin: Plugin) -> None:
    given = sent({"name": "chat", "namespace": "ml", "artifactId": "ml/llama@aaaaaaaaaaaa"})

    with pytest.raises(grpc.RpcError) as caught:
        plugin.call.Create(provider_pb2.CreateRequest(urn=URN, properties=given), timeout=LONG)

    said = str(caught.value)
    assert "kubeconfig" in said
    assert "Traceback" not in said


def test_a_preview_of_what_would_be_made_needs_no_cluster(plugin: Plugin) -> None:
    """Of a Replacement it says what rolls, if it can look."""
    given: Properties = {"workloadId": "ml/chat", "candidateArtifactId": "ml/llama@aaaaaaaaaaaa"}
    urn = URN.replace(":Workload::", ":Replacement::")

    request = provider_pb2.CreateRequest(urn=urn, properties=sent(given), preview=True)
    answer = plugin.call.Create(request, timeout=LONG)

    seen = received(answer.properties).own
    assert (seen["workloadId"], seen["revision"]) == ("ml/chat", UNKNOWN)


def test_the_engine_s_time_outs_count(plugin: Plugin) -> None:
    given = sent({"name": "chat", "namespace": "ml", "artifactId": "ml/llama@aaaaaaaaaaaa"})

    with pytest.raises(grpc.RpcError) as caught:
        plugin.call.Create(provider_pb2.CreateRequest(urn=URN, properties=given, timeout=-1), timeout=LONG)

    assert "timeouts.create" in str(caught.value), "it is read where `timeouts` is, and judged as that is"


@pytest.mark.parametrize("depth", [31, 4_900, 30_000])
def test_what_is_nested_too_deeply_to_be_read_is_a_sentence_and_not_internal(plugin: Plugin, depth: int) -> None:
    """The engine itself reads ten thousand levels, two for each list; the port is open to others too."""
    value = b"\x1a\x01x"  # the text "x"; around it: a list of one item, many times
    for _ in range(depth):
        value = tagged(0x32, tagged(0x0A, value))
    news = tagged(0x0A, tagged(0x0A, b"tags") + tagged(0x12, value))
    ask = plugin.raw_check()

    with pytest.raises(grpc.RpcError) as caught:
        ask(tagged(0x0A, URN.encode()) + tagged(0x1A, news), timeout=LONG)

    assert "StatusCode.INVALID_ARGUMENT" in str(caught.value)
    whole = "cannot be read: the message was damaged, is nested too deeply"
    assert ("tags: is nested too deeply" if depth == 31 else whole) in str(caught.value)
    assert not plugin.check(artifactId=UNKNOWN).failures, "and it answers on"


def test_a_message_that_is_none_is_a_sentence_and_not_internal(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.raw_check()(b"\x0a\xff\xff", timeout=LONG)

    assert "StatusCode.INVALID_ARGUMENT" in str(caught.value)
    assert "cannot be read" in str(caught.value)


def tagged(tag: int, content: bytes) -> bytes:
    """A field of a protobuf message."""
    length, rest = [], len(content)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([tag, *length, rest]) + content


def test_the_address_of_a_flag_is_not_taken_for_the_engine_s(engine: Engine) -> None:
    started = Plugin("--tracing", "http://127.0.0.1:1", engine.address)

    started.call.GetPluginInfo(Empty(), timeout=LONG)
    engine.server.stop(grace=None).wait(LONG)

    assert started.process.wait(LONG) != 0, "it has watched the engine"
    started.channel.close()


def test_an_engine_that_only_its_handshake_names_is_watched(engine: Engine) -> None:
    started = Plugin()
    started.call.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=engine.address), timeout=LONG)
    started.call.GetPluginInfo(Empty(), timeout=LONG)

    engine.server.stop(grace=None).wait(LONG)

    assert started.process.wait(LONG) != 0
    started.channel.close()


#: Importing goes on for as long as the file is not there.
SLOW = """
import os, sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        while name == "inference_provider.plugin.servicer" and not os.path.exists({file!r}):
            time.sleep(0.01)

sys.meta_path.insert(0, Slow())
"""


def test_the_first_call_is_answered_while_the_rest_is_still_being_imported(engine: Engine, tmp_path: Path) -> None:
    """The engine waits ten seconds for it, which a busy machine may need for all of the imports."""
    imported = tmp_path / "imported"
    (tmp_path / "sitecustomize.py").write_text(SLOW.format(file=str(imported)))
    started = Plugin(engine.address, path=f"{tmp_path}:{ROOT / 'provider'}")

    greeting = provider_pb2.ProviderHandshakeRequest(engine_address=engine.address)
    assert started.call.Handshake(greeting, timeout=LONG).accept_secrets

    imported.touch()
    assert started.call.GetPluginInfo(Empty(), timeout=LONG).version
    started.call.Cancel(Empty(), timeout=LONG)
    assert started.process.wait(LONG) == 0
    started.channel.close()


@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_signal_ends_it_as_the_engine_s_cancel_does(plugin: Plugin, polite: signal.Signals) -> None:
    plugin.process.send_signal(polite)

    assert plugin.process.wait(LONG) == 0
    assert plugin.process.stderr is not None
    assert plugin.process.stderr.read() == ""


def test_an_engine_that_is_gone_before_its_first_call_is_noticed(engine: Engine) -> None:
    started = Plugin(engine.address)

    engine.server.stop(grace=None).wait(LONG)

    assert started.process.wait(LONG) != 0
    started.channel.close()


def test_one_process_works_for_one_cluster_only(plugin: Plugin) -> None:
    plugin.call.Configure(provider_pb2.ConfigureRequest(args=sent({"namespace": "ml"})), timeout=LONG)

    with pytest.raises(grpc.RpcError) as caught:
        plugin.call.Configure(provider_pb2.ConfigureRequest(args=sent({"namespace": "other"})), timeout=LONG)

    assert "works for one cluster and namespace already" in str(caught.value)


#: Asks for the handshake's handler, as the server does for the engine's first call, and says what that has imported.
_FIRST_CALL = """\
import sys
from types import SimpleNamespace
from inference_provider.plugin.server import _Handlers

method = "/pulumirpc.ResourceProvider/Handshake"
assert _Handlers(lambda: None).service(SimpleNamespace(method=method)) is not None
print("inference_provider.plugin.servicer" in sys.modules)
"""


def test_the_handshake_does_not_wait_for_what_answers_the_other_calls() -> None:
    """The engine gives up after ten seconds, which a busy machine may take to import the rest."""
    environment = {"PYTHONPATH": str(ROOT / "provider")}

    done = subprocess.run(
        [sys.executable, "-c", _FIRST_CALL], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
