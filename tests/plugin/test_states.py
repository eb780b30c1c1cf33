"""What the engine keeps of a resource, after work that ended well, failed, or was cut off before it began."""

import pytest

from inference_provider.manifests import labels
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE
from inference_provider.plugin.wire import received
from inference_provider.resources import artifact, replacement, workload
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD
from inference_provider.resources.world import Properties
from tests.plugin.door import Door, Refused, urn
from tests.resources.outside import chat, llama
from tests.support.fake_controllers import Fate


async def version(door: Door, image: str = "vllm/vllm:v1") -> object:
    """A version that exists."""
    made = await door.outside.artifact(llama(image))
    return made["versionId"]


async def test_the_engine_s_time_out_is_no_change_of_the_next_run(door: Door) -> None:
    inputs = chat(await version(door))

    outputs = await door.create(inputs, seconds=900.0)

    assert not (await door.diff(outputs, inputs)).diffs


async def test_a_create_that_was_cancelled_before_it_began_does_not_take_over_what_is_not_ours(door: Door) -> None:
    inputs = chat(await version(door))
    await door.create(inputs, stack="theirs")
    door.cancelled()

    with pytest.raises(Refused) as caught:
        await door.create(inputs, stack="ours")

    assert caught.value.kept() is None, "its own stack would destroy it"


async def test_the_same_with_an_artifact(door: Door) -> None:
    await door.create(llama(), kind=ARTIFACT, stack="theirs")
    door.cancelled()

    with pytest.raises(Refused) as caught:
        await door.create(llama(), kind=ARTIFACT, stack="ours")

    assert caught.value.kept() is None


async def test_a_create_that_was_cancelled_is_ours_when_an_earlier_run_of_ours_made_it(door: Door) -> None:
    inputs = chat(await version(door))
    await door.create(inputs)
    door.cancelled()

    with pytest.raises(Refused) as caught:
        await door.create(inputs)

    assert caught.value.kept() is not None


async def test_what_a_failed_update_was_asked_for_is_asked_for_again_after_a_refresh(door: Door) -> None:
    before = chat(await version(door))
    made = await door.create(before)
    after = chat(before["artifactId"], tags={"team": "a"}, service={"port": 81})
    door.cancelled()
    with pytest.raises(Refused) as caught:
        await door.update(made, after)
    kept = caught.value.kept()
    assert kept is not None
    door.session.cut = False

    outputs, _ = await door.refresh(received(kept.properties).values, before)

    assert set((await door.diff(outputs, after)).detailedDiff) >= {"tags.team", "service.port"}


async def test_a_state_of_something_half_made_deletes_nothing_that_others_have_finished_since(door: Door) -> None:
    inputs = chat(await version(door))
    await door.create(inputs, stack="theirs")
    await door.create({**llama(), "name": "other"}, kind=ARTIFACT, stack="theirs")
    half: Properties = {"incarnation": None}

    await workload.delete(door.outside.world(urn=urn(WORKLOAD)), "models/chat", half)
    await artifact.delete(door.outside.world(urn=urn(ARTIFACT)), "models/other", half)

    assert door.outside.cluster.named(SERVICE, "chat")
    assert any(
        each["metadata"]["labels"].get(labels.ARTIFACT) == "other" for each in door.outside.cluster.all_of(CONFIG_MAP)
    )


async def test_it_deletes_what_its_own_run_has_finished_and_could_not_say(door: Door) -> None:
    await door.create(chat(await version(door)))

    await workload.delete(door.outside.world(urn=urn(WORKLOAD)), "models/chat", {"incarnation": None})

    assert not door.outside.pods()


async def test_a_replacement_that_was_cut_off_at_first_is_called_off_with_it(door: Door) -> None:
    before = await version(door)
    await door.create(chat(before, replacement={"driver": "external"}))
    newer = await version(door, "vllm/vllm:v2")
    door.outside.controllers.fate = lambda _: Fate(ready_after=None)
    door.session.patience = 30.0
    with pytest.raises(Refused) as caught:
        await door.create({"workloadId": "models/chat", "candidateArtifactId": newer}, kind=REPLACEMENT)
    kept = caught.value.kept()
    assert kept is not None
    assert any("-r2-" in each for each in door.outside.pods())

    await replacement.delete(door.outside.world(), "models/chat", received(kept.properties).values)

    assert not any("-r2-" in each for each in door.outside.pods())
