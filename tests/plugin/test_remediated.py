"""A policy pack changed the inputs after check, and the engine did not check them again."""

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.manifests.kinds import SERVICE
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import ARTIFACT, WORKLOAD, Kind
from inference_provider.resources.world import Properties
from tests.plugin.door import Door, Refused, urn
from tests.plugin.test_promises import broken
from tests.resources.outside import chat, llama


async def remediated(door: Door, kind: Kind, inputs: Properties, **by_the_pack: object) -> Properties:
    """What check answered, as a pack has changed it."""
    return {**received((await door.check(inputs, kind=kind)).inputs).own, **by_the_pack}


async def created(door: Door, kind: Kind, inputs: Properties, *, preview: bool = False) -> Properties:
    """Create, without another check."""
    request = provider_pb2.CreateRequest(urn=urn(kind), properties=sent(inputs), preview=preview)
    return received((await door.servicer.Create(request, door.call)).properties).values


async def test_the_version_that_a_preview_tells_is_that_of_the_image_which_the_pack_has_put_in(door: Door) -> None:
    inputs = await remediated(door, ARTIFACT, llama(), spec=llama("mirror/vllm:v1")["spec"])

    foreseen = await created(door, ARTIFACT, inputs, preview=True)
    real = await created(door, ARTIFACT, inputs)

    assert not broken(foreseen, real)
    assert real["images"] == {"mirror/vllm:v1": door.outside.registry._answer("mirror/vllm:v1")}


async def test_the_next_run_with_the_same_pack_changes_nothing_though_the_tag_has_moved(door: Door) -> None:
    spec = llama("mirror/vllm:v1")["spec"]
    olds = await created(door, ARTIFACT, await remediated(door, ARTIFACT, llama(), spec=spec))
    door.outside.registry.moved += 1
    news = await remediated(door, ARTIFACT, llama(), spec=spec)

    request = provider_pb2.DiffRequest(id="models/llama", urn=urn(ARTIFACT), olds=sent(olds), news=sent(news))
    found = await door.servicer.Diff(request, door.call)

    assert found.changes == provider_pb2.DiffResponse.DIFF_NONE, list(found.diffs)


async def test_what_a_pack_got_wrong_is_refused_at_its_path_before_anything_is_made(door: Door) -> None:
    made = await door.outside.artifact(llama())
    inputs = await remediated(door, WORKLOAD, chat(made["versionId"]), artifactId="other/llama@aaaaaaaaaaaa")

    for preview in (True, False):
        with pytest.raises(Refused, match="artifactId: the Artifact is in namespace other, the Workload in models"):
            await created(door, WORKLOAD, inputs, preview=preview)

    assert not door.outside.cluster.all_of(SERVICE)


async def test_an_update_is_refused_and_a_stale_address_is_told_anew(door: Door) -> None:
    made = await door.outside.artifact(llama())
    olds = await door.create(chat(made["versionId"]))
    other = await remediated(door, WORKLOAD, chat(made["versionId"]), service={"port": 81})
    wrong = {**other, "service": {"port": "eighty"}}

    def asked(news: Properties, *, preview: bool = False) -> provider_pb2.UpdateRequest:
        return provider_pb2.UpdateRequest(
            id="models/chat", urn=urn(WORKLOAD), olds=sent(olds), news=sent(news), preview=preview
        )

    with pytest.raises(Refused, match=r"service\.port: .*as policy packs do"):
        await door.servicer.Update(asked(wrong), door.call)
    foreseen = received((await door.servicer.Update(asked(other, preview=True), door.call)).properties).values
    real = received((await door.servicer.Update(asked(other), door.call)).properties).values

    assert real["endpoint"] == "http://chat.models.svc.cluster.local:81"
    assert not broken(foreseen, real)


async def test_what_nobody_changed_is_not_asked_for_again(door: Door) -> None:
    inputs = await remediated(door, ARTIFACT, llama(pinImages=False), description=None)
    door.outside.registry.asked.clear()

    await created(door, ARTIFACT, inputs, preview=True)

    assert not door.outside.registry.asked
