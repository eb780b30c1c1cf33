"""The process that the engine starts: a real one, and a real gRPC server stands for the engine."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, provider_pb2

from inference_provider.plugin.server import GREETING
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.running import LONG, ROOT, URN, Engine, Plugin
from tests.plugin.test_configuration import kubeconfig

PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:inference::default"


@pytest.fixture
def engine() -> Iterator[Engine]:
    started = Engine()
    yield started
    started.server.stop(grace=None).wait(LONG)


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


def test_what_is_nested_more_deeply_than_anybody_means_is_a_fault_at_its_property(plugin: Plugin) -> None:
    value: object = "x"
    for _ in range(31):
        value = [value]

    answer = plugin.check(artifactId=UNKNOWN, tags=value)

    assert [(each.property, each.reason) for each in answer.failures] == [("tags", "is nested too deeply to be read")]


@pytest.mark.parametrize("depth", [4_900, 30_000])
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
    assert "cannot be read: the message was damaged, is nested too deeply" in str(caught.value)
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


def test_a_stack_that_now_leads_to_another_cluster_is_warned_once_of_what_will_be_made_anew(
    engine: Engine, plugin: Plugin
) -> None:
    olds, news = (sent({"kubeconfig": kubeconfig(f"https://127.0.0.1:{port}", user="hush")}) for port in (1, 2))
    request = provider_pb2.DiffRequest(urn=PROVIDER, olds=olds, news=news)

    for _ in range(2):
        assert plugin.call.DiffConfig(request, timeout=LONG).replaces == ["kubeconfig"]
    assert not plugin.call.DiffConfig(provider_pb2.DiffRequest(olds=news, news=news), timeout=LONG).replaces

    [told] = engine.told
    assert (told.urn, told.severity, told.ephemeral) == (PROVIDER, engine_pb2.WARNING, False)
    assert "in the cluster at https://127.0.0.1:1, and its settings now lead to https://127.0.0.1:2" in told.message
    assert "made anew there" in told.message
    assert "hush" not in told.message


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
