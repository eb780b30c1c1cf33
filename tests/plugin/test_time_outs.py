"""The engine's time-outs (`customTimeouts`) bound the operation, whatever the program says in `timeouts`."""

import asyncio
from collections.abc import Awaitable

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.plugin.wire import sent
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from inference_provider.resources.world import Properties
from tests.plugin.door import Door, Refused, urn
from tests.resources.outside import chat, llama
from tests.support.fake_controllers import Fate

#: What the program says itself, which must not count.
ITS_OWN: Properties = {"timeouts": {"create": 1800.0, "update": 1800.0, "delete": 1800.0}}


async def version(door: Door, image: str = "vllm/vllm:v1") -> object:
    """A version that exists."""
    return (await door.outside.artifact(llama(image)))["versionId"]


async def late(work: Awaitable[object], seconds: float) -> str:
    """Why it was refused, which happens when the time is over, and neither much earlier nor later."""
    begun = asyncio.get_running_loop().time()
    with pytest.raises(Refused) as caught:
        await work
    took = asyncio.get_running_loop().time() - begun
    assert seconds <= took < seconds + 60, f"{took} s"
    kept = caught.value.kept()
    return " ".join(kept.reasons) if kept is not None else str(caught.value)


async def delete(door: Door, kind: Kind, outputs: Properties, seconds: float) -> None:
    """As `pulumi destroy` does."""
    identifier = "models/llama" if kind is ARTIFACT else "models/chat"
    request = provider_pb2.DeleteRequest(id=identifier, urn=urn(kind), properties=sent(outputs), timeout=seconds)
    await door.servicer.Delete(request, door.call)


async def test_a_create_ends_when_the_engine_says_and_names_both_options(door: Door) -> None:
    inputs = chat(await version(door), **ITS_OWN)
    door.outside.controllers.fate = lambda _: Fate(ready_after=None)

    said = await late(door.create(inputs, seconds=300.0), 300.0)

    assert "creating Workload models/chat did not finish within 5 min; it was waiting: r1" in said
    assert "Allow more time with `timeouts.create` (where `customTimeouts.create` is set, with that)" in said


async def test_an_update_ends_when_the_engine_says(door: Door) -> None:
    made = await door.create(chat(await version(door)))
    news = (await door.check(chat(await version(door, "vllm/vllm:v2"), **ITS_OWN))).inputs
    door.outside.controllers.fate = lambda _: Fate(ready_after=None)
    request = provider_pb2.UpdateRequest(id="models/chat", urn=urn(WORKLOAD), olds=sent(made), news=news, timeout=300.0)

    said = await late(door.servicer.Update(request, door.call), 300.0)

    assert "updating Workload models/chat did not finish within 5 min" in said
    assert "`timeouts.update` (where `customTimeouts.update` is set, with that)" in said


async def test_a_replacement_s_creation_ends_when_the_engine_says(door: Door) -> None:
    await door.create(chat(await version(door), replacement={"driver": "external"}))
    move = {"workloadId": "models/chat", "candidateArtifactId": await version(door, "vllm/vllm:v2"), **ITS_OWN}
    door.outside.controllers.fate = lambda _: Fate(ready_after=None)

    said = await late(door.create(move, kind=REPLACEMENT, seconds=300.0), 300.0)

    assert "replacing the version of Workload models/chat did not finish within 5 min" in said
    assert "`timeouts.create` (where `customTimeouts.create` is set, with that)" in said


async def test_a_delete_ends_when_the_engine_says_and_names_what_blocks_it(door: Door) -> None:
    made = await door.create(chat(await version(door), **ITS_OWN))
    door.outside.cluster.pods_linger = True

    said = await late(delete(door, WORKLOAD, made, 120.0), 120.0)

    assert "deleting Workload models/chat did not finish within 2 min; it was waiting" in said
    assert "Pod " in said
    assert "`timeouts.delete` (where `customTimeouts.delete` is set, with that)" in said


async def test_an_artifact_s_delete_waits_for_its_users_as_long_as_the_engine_says(door: Door) -> None:
    artifact = await door.create(llama() | ITS_OWN, kind=ARTIFACT)
    await door.create(chat(artifact["versionId"]))

    said = await late(delete(door, ARTIFACT, artifact, 120.0), 120.0)

    assert "could not delete Artifact models/llama: it is used by" in said
    assert "`timeouts.delete`: how long to wait" in said


async def test_without_the_engine_s_the_program_s_own_count(door: Door) -> None:
    made = await door.create(chat(await version(door), timeouts={"delete": 240.0}))
    door.outside.cluster.pods_linger = True

    said = await late(delete(door, WORKLOAD, made, 0.0), 240.0)

    assert "did not finish within 4 min" in said
