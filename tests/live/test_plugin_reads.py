"""Read as the engine calls it, of an API server that refuses, breaks off or talks nonsense: gone is only a 404."""

from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.plugin.answering import Context
from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
from inference_provider.plugin.wire import sent
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from tests.cluster.scripted_server import Reply, ScriptedServer, status
from tests.plugin.door import Call, Refused

#: What each kind looks for first.
SOUGHT = {
    ARTIFACT.name: "GET /api/v1/namespaces/models/configmaps/artifact-chat",
    WORKLOAD.name: "GET /api/v1/namespaces/models/services/chat",
    REPLACEMENT.name: "GET /api/v1/namespaces/models/services/chat",
}
KINDS = pytest.mark.parametrize("kind", [ARTIFACT, WORKLOAD, REPLACEMENT], ids=list(SOUGHT))


Reading = Callable[[Kind], Awaitable[provider_pb2.ReadResponse]]


def reading(server: ScriptedServer) -> Reading:
    """Ask the plugin for `models/chat`."""
    session = Session(lambda: None)
    session.configure({"kubeconfig": server.kubeconfig(), "namespace": "models"})
    servicer = Servicer(session)

    async def read(kind: Kind) -> provider_pb2.ReadResponse:
        urn = f"urn:pulumi:dev::shop::{kind.token}::chat"
        request = provider_pb2.ReadRequest(id="models/chat", urn=urn, properties=sent({"name": "chat"}))
        return await servicer.Read(request, cast("Context", Call()))

    return read


@KINDS
async def test_what_the_server_does_not_know_is_gone(kind: Kind) -> None:
    async with ScriptedServer() as server:
        server.replies[SOUGHT[kind.name]] = [status(404)]
        assert (await reading(server)(kind)).id == ""


@KINDS
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (status(403, "you may not"), r"could not read .* models/.*: .*you may not"),
        (status(401, "who are you?"), r"could not .*log in to the cluster again"),
        (Reply(body="<html>a proxy's page</html>"), r"could not read .* models/.*chat"),
        (Reply(body="[]"), r"could not read .* models/.*chat"),
    ],
    ids=["forbidden", "unauthorized", "a proxy's page", "a list"],
)
async def test_what_was_refused_or_cannot_be_understood_is_not_gone(kind: Kind, reply: Reply, said: str) -> None:
    async with ScriptedServer() as server:
        server.replies[SOUGHT[kind.name]] = [reply]
        with pytest.raises(Refused, match=said) as caught:
            await reading(server)(kind)
    assert "Traceback" not in str(caught.value)
    assert "bug" not in str(caught.value)


@KINDS
async def test_a_server_that_is_not_there_makes_nothing_gone(kind: Kind) -> None:
    async with ScriptedServer() as server:
        read = reading(server)
    with pytest.raises(Refused, match=r"no answer from http://127\.0\.0\.1"):
        await read(kind)
