"""What a refresh answers: gone, as it is, not in order, or that nobody could look."""

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import ClusterError, Forbidden, Unauthorized, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, POD, SERVICE
from inference_provider.plugin.wire import received, sent
from inference_provider.resources import workload
from inference_provider.resources.registry import ARTIFACT, KINDS, WORKLOAD, Kind
from inference_provider.resources.world import Properties
from tests.plugin.door import Door, Refused, urn
from tests.resources.outside import chat, llama, runtime
from tests.support.fake_cluster import Fault


async def served(door: Door) -> tuple[Properties, Properties]:
    """Inputs and outputs of a Workload with two pods."""
    made = await door.outside.artifact(llama())
    inputs = {**chat(made["versionId"]), "namespace": "models", "runtime": runtime(replicas=2.0)}
    return inputs, await door.create(inputs)


async def test_what_is_gone_has_no_id(door: Door) -> None:
    inputs, outputs = await served(door)
    door.outside.cluster.remove(SERVICE, "models", "chat")
    request = provider_pb2.ReadRequest(
        id="models/chat", urn=urn(WORKLOAD), properties=sent(outputs), inputs=sent(inputs)
    )

    answer = await door.servicer.Read(request, door.call)

    assert answer.id == ""


@pytest.mark.parametrize(("error", "status"), [(Forbidden, 403), (Unauthorized, 401), (Unavailable, 503)])
@pytest.mark.parametrize("kind", [WORKLOAD, ARTIFACT], ids=["Workload", "Artifact"])
async def test_what_nobody_could_look_at_is_not_gone(
    door: Door, kind: Kind, error: type[ClusterError], status: int
) -> None:
    inputs, outputs = await served(door)
    refused = error("read", kind="anything", namespace="models", name="chat", status=status, said="no")
    looks = [(verb, each) for verb in ("find", "list", "get") for each in (SERVICE, DEPLOYMENT, POD, CONFIG_MAP)]
    door.outside.cluster.faults += [Fault(*look, refused) for look in looks for _ in range(9)]

    with pytest.raises(Refused, match="could not read anything models/chat: no") as caught:
        await door.refresh(outputs, inputs, kind=kind)

    assert caught.value.kept() is None, "the state stays as it was"
    assert caught.value.failed.code is not grpc.StatusCode.OK


async def test_what_is_not_in_order_is_kept_with_its_reasons_and_the_next_update_puts_it_right(door: Door) -> None:
    inputs, outputs = await served(door)
    newer = await door.outside.artifact(llama("vllm/vllm:v2"), {"versionId": inputs["artifactId"]})
    rolls = {**inputs, "artifactId": newer["versionId"]}
    await door.outside.killed_while_loading(workload.update(door.outside.world(), "models/chat", rolls))

    with pytest.raises(Refused) as caught:
        await door.refresh(outputs, inputs)

    kept = caught.value.kept()
    assert kept is not None
    assert any("r2" in each for each in kept.reasons), kept.reasons
    assert kept.id == "models/chat"
    assert received(kept.inputs).own == inputs
    again = await door.update(received(kept.properties).own, inputs)
    assert again["candidateProtonIds"] == []
    assert (await door.refresh(again, inputs))[0]["revision"] == "r1"


async def test_what_a_foreign_hand_added_is_no_drift(door: Door) -> None:
    inputs, outputs = await served(door)
    service = door.outside.cluster.named(SERVICE, "chat")
    meta = service["metadata"]
    theirs = meta | {"annotations": meta["annotations"] | {"example.com/theirs": "x"}}
    door.outside.cluster.put(SERVICE, service | {"metadata": theirs})

    seen, news = await door.refresh(outputs, inputs)

    assert news == inputs
    assert {key: value for key, value in seen.items() if outputs.get(key) != value} == {}


@pytest.mark.parametrize("identifier", ["chat", "", "/", "models/", "/chat", "a/b/c", "Models/chat", "x" * 5000])
@pytest.mark.parametrize("kind", KINDS.values(), ids=[kind.name for kind in KINDS.values()])
async def test_an_id_that_is_none_is_refused_with_an_example(door: Door, kind: Kind, identifier: str) -> None:
    with pytest.raises(Refused, match=r"write (its|its Workload's) namespace/name, such as models/") as caught:
        await door.servicer.Read(provider_pb2.ReadRequest(id=identifier, urn=urn(kind)), door.call)

    assert len(caught.value.failed.details) < 600
