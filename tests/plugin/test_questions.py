"""Invoke and List, as the engine calls them: answered here, and by the process that it starts."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from pulumi.runtime.proto import provider_pb2

from inference_provider.manifests.kinds import SERVICE
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused
from tests.plugin.running import LONG, Plugin
from tests.resources.outside import chat, llama


async def asked(door: Door, function: str, **given: object) -> provider_pb2.InvokeResponse:
    """What the engine gets."""
    request = provider_pb2.InvokeRequest(tok=f"inference:index:{function}", args=sent(given))
    return await door.servicer.Invoke(request, door.call)


def answer(response: provider_pb2.InvokeResponse) -> Properties:
    """What the program gets."""
    assert not response.failures, response.failures
    return received(getattr(response, "return")).values


def failures(response: provider_pb2.InvokeResponse) -> dict[str, str]:
    """What is wrong, by property path."""
    return {each.property: each.reason for each in response.failures}


async def test_a_program_gets_its_answer(door: Door) -> None:
    made = await door.outside.artifact(llama())
    await door.create(chat(made["versionId"]))

    found = answer(await asked(door, "getWorkload", name="chat", __defaults=[]))

    assert (found["id"], found["revision"], found["readyReplicas"]) == ("models/chat", "r1", 1)
    assert answer(await asked(door, "listWorkloads", search="nothing"))["workloads"] == []


async def test_wrong_arguments_are_failures_at_their_paths(door: Door) -> None:
    found = failures(await asked(door, "listWorkloads", status=["well"], limit="2", serviceStats=True))

    assert set(found) == {"status[0]", "limit", "serviceStats"}
    assert found["limit"] == "must be a whole number"


async def test_a_secret_in_a_wrong_place_is_repeated_to_nobody(door: Door) -> None:
    given = sent({"orderBy": "hunter2-hunter2", "namespace": "HUNTER3-HUNTER3"}, [("orderBy",), ("namespace",)])
    request = provider_pb2.InvokeRequest(tok="inference:index:listWorkloads", args=given)

    found = failures(await door.servicer.Invoke(request, door.call))

    assert set(found) == {"orderBy", "namespace"}
    assert "hunter" not in str(found).lower()
    query = provider_pb2.ListRequest(token=WORKLOAD.token, query=given)
    with pytest.raises(Refused) as caught:
        [each async for each in door.servicer.List(query, door.call)]
    assert "hunter" not in str(caught.value).lower()


async def test_what_is_not_known_yet_is_no_half_of_a_question(door: Door) -> None:
    found = failures(await asked(door, "getWorkload", name=UNKNOWN, namespace="models"))

    assert found == {"name": "is not known yet, so nothing can be answered"}


async def test_a_function_that_there_is_not_is_refused_with_those_that_there_are(door: Door) -> None:
    with pytest.raises(Refused, match=r"no function inference:index:getMoon in this release; there are .*getWorkload"):
        await asked(door, "getMoon")


async def test_a_workload_that_is_not_there_is_a_plain_error(door: Door) -> None:
    with pytest.raises(Refused, match="could not find Workload models/chat") as caught:
        await asked(door, "getWorkload", name="chat")

    assert caught.value.kept() is None


# ---- List


async def listed(door: Door, kind: Kind, **request: object) -> tuple[list[str], str | None]:
    """The ids on a page, and the token of the next one."""
    query = request.pop("query", {})
    assert isinstance(query, dict)
    message = ParseDict({"token": kind.token, **request}, provider_pb2.ListRequest(query=sent(query)))
    found = [each async for each in door.servicer.List(message, door.call)]
    ids = [each.result.id for each in found if each.HasField("result")]
    assert all(each.result.name == each.result.id.partition("/")[2] for each in found if each.HasField("result"))
    further = [each.continuation.continuation_token for each in found if each.HasField("continuation")]
    return ids, further[0] if further else None


async def four(door: Door) -> None:
    made = await door.outside.artifact(llama())
    for name in "abcd":
        driver = {"replacement": {"driver": "external"}} if name == "c" else {}
        await door.outside.workload({**chat(made["versionId"]), "name": name, **driver})


async def test_what_is_there_is_listed_by_the_ids_that_import_takes(door: Door) -> None:
    await four(door)

    assert await listed(door, WORKLOAD) == (["models/a", "models/b", "models/c", "models/d"], None)
    assert await listed(door, REPLACEMENT) == (["models/c"], None)
    assert await listed(door, ARTIFACT) == (["models/llama"], None)
    assert await listed(door, ARTIFACT, query={"namespace": "other"}) == ([], None)
    assert await listed(door, WORKLOAD, query={"allNamespaces": True, "search": "S/B"}) == (["models/b"], None)


async def test_an_artifact_inside_a_workload_is_not_listed_by_itself(door: Door) -> None:
    spec = llama()["spec"]
    await door.outside.workload({"name": "chat", "artifact": {"spec": spec}})

    assert await listed(door, ARTIFACT) == ([], None)


async def test_pages_hold_as_many_as_asked_for_and_end_at_the_limit(door: Door) -> None:
    await four(door)

    first, token = await listed(door, WORKLOAD, page_size=2, limit=3)
    second, end = await listed(door, WORKLOAD, page_size=2, limit=3, continuation_token=token)

    assert (first, second, end) == (["models/a", "models/b"], ["models/c"], None)
    assert await listed(door, WORKLOAD, limit=2) == (["models/a", "models/b"], None)


async def test_what_goes_between_two_pages_moves_nothing(door: Door) -> None:
    await four(door)
    _, token = await listed(door, WORKLOAD, page_size=2)
    door.outside.cluster.remove(SERVICE, "models", "a")

    assert await listed(door, WORKLOAD, page_size=2, continuation_token=token) == (["models/c", "models/d"], None)


async def test_a_query_that_is_not_known_yet_has_no_result(door: Door) -> None:
    request = provider_pb2.ListRequest(token=WORKLOAD.token, query=sent({"namespace": UNKNOWN}))

    (found,) = [each async for each in door.servicer.List(request, door.call)]

    assert found.HasField("computed")


async def test_what_cannot_be_listed_is_refused_in_a_sentence(door: Door) -> None:
    foreign = "page 2"
    with pytest.raises(Refused, match="continuation token is none of ours"):
        await listed(door, WORKLOAD, continuation_token=foreign)
    with pytest.raises(Refused, match="namspace: "):
        await listed(door, WORKLOAD, query={"namspace": "models"})


# ---- the process


@pytest.fixture(scope="module")
def plugin() -> Iterator[Plugin]:
    """One that no cluster answers."""
    started = Plugin()
    started.call.Configure(provider_pb2.ConfigureRequest(args=sent({"namespace": "ml"})), timeout=LONG)
    yield started
    started.channel.close()
    started.process.kill()
    started.process.wait(LONG)


def test_over_the_wire_wrong_arguments_need_no_cluster(plugin: Plugin) -> None:
    request = provider_pb2.InvokeRequest(tok="inference:index:getRevision", args=sent({"name": "chat", "revision": 7}))

    found = failures(plugin.call.Invoke(request, timeout=LONG))

    assert list(found) == ["revision"]


def test_over_the_wire_a_cluster_that_cannot_be_reached_is_a_sentence(plugin: Plugin) -> None:
    request = provider_pb2.InvokeRequest(tok="inference:index:getWorkload", args=sent({"name": "chat"}))

    with pytest.raises(grpc.RpcError, match="kubeconfig") as caught:
        plugin.call.Invoke(request, timeout=LONG)

    assert "Traceback" not in str(caught.value)


def test_over_the_wire_what_is_no_resource_cannot_be_listed(plugin: Plugin) -> None:
    request = ParseDict({"token": "inference:index:Moon"}, provider_pb2.ListRequest())

    with pytest.raises(grpc.RpcError, match=r"there is no resource inference:index:Moon in this release"):
        list(plugin.call.List(request, timeout=LONG))
