"""What is refused before anything is touched, and what is filled in."""

import pytest

from inference_provider.errors import InferenceError, InputError
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama

PINNED = "vllm/vllm@sha256:" + "a" * 64


async def test_a_tag_becomes_a_digest_and_the_version_is_known_beforehand(outside: Outside) -> None:
    checked = await artifact.check(outside.world(), {}, llama())

    assert checked.faults == ()
    assert checked.inputs["namespace"] == "models"
    assert str(checked.inputs["versionId"]).startswith("models/llama@")
    images = checked.inputs["images"]
    assert isinstance(images, dict)
    assert images["vllm/vllm:v1"].startswith("vllm/vllm@sha256:")


async def test_the_version_that_was_foretold_is_the_one_that_is_made(outside: Outside) -> None:
    foretold = (await artifact.check(outside.world(), {}, llama())).inputs["versionId"]

    assert (await outside.artifact(llama()))["versionId"] == foretold


async def test_a_draft_keeps_its_tag_with_a_warning_when_the_registry_is_down(outside: Outside) -> None:
    outside.registry.down = True

    checked = await artifact.check(outside.world(), {}, llama())

    assert checked.inputs["images"] == {"vllm/vllm:v1": "vllm/vllm:v1"}
    assert outside.heard.warnings == [
        "could not resolve vllm/vllm:v1: the registry does not answer; the draft keeps the tag vllm/vllm:v1"
    ]


@pytest.mark.parametrize(("field", "value"), [("pinImages", "always"), ("status", "locked")])
async def test_what_must_be_pinned_is_refused_with_its_path(outside: Outside, field: str, value: str) -> None:
    outside.registry.down = True

    checked = await artifact.check(outside.world(), {}, {**llama(), field: value})

    assert [fault.path for fault in checked.faults] == ["spec.containerGroups[0].containers[0].image"]
    assert "the registry does not answer" in checked.faults[0].reason
    with pytest.raises(InputError, match=r"containers\[0\].image: could not resolve"):
        await artifact.create(outside.world(), checked.inputs)


async def test_an_image_with_a_digest_needs_no_registry_to_be_locked(outside: Outside) -> None:
    outside.registry.down = True

    assert (await artifact.check(outside.world(), {}, llama(PINNED, status="locked"))).faults == ()


async def test_a_tag_that_moved_never_rolls_unasked(outside: Outside) -> None:
    first = await outside.artifact(llama())
    outside.registry.moved, outside.registry.asked = 1, []

    again = await artifact.check(outside.world(), first, llama())

    assert again.inputs["versionId"] == first["versionId"]
    assert outside.registry.asked == []
    other = await artifact.check(outside.world(), first, llama("vllm/vllm:v2"))
    assert outside.registry.asked == ["vllm/vllm:v2"]
    assert other.inputs["versionId"] != first["versionId"]


async def test_a_draft_that_kept_its_tag_rolls_only_when_it_must_be_pinned(outside: Outside) -> None:
    outside.registry.down = True
    first = await outside.artifact(llama())
    outside.registry.down = False

    again = await artifact.check(outside.world(), first, llama())
    assert again.inputs["versionId"] == first["versionId"]

    locked = await artifact.check(outside.world(), first, llama(status="locked"))
    assert locked.inputs["versionId"] != first["versionId"]


async def test_the_version_of_the_preview_is_made_whatever_the_registry_does_meanwhile(outside: Outside) -> None:
    outside.registry.down = True
    checked = await artifact.check(outside.world(), {}, llama())
    outside.registry.down = False

    _, made = await artifact.create(outside.world(), checked.inputs)

    assert made["versionId"] == checked.inputs["versionId"]


async def test_another_description_keeps_the_version(outside: Outside) -> None:
    first = await outside.artifact(llama())

    checked = await artifact.check(outside.world(), first, llama(description="for people"))
    second = await outside.artifact(llama(description="for people"), first)

    assert checked.inputs["versionId"] == first["versionId"] == second["versionId"]
    assert second["description"] == "for people"


async def test_secrets_without_a_key_leave_the_version_unknown_at_first(outside: Outside) -> None:
    secret = llama(secretEnv={"TOKEN": "hunter2"})

    first = await artifact.check(outside.world(), {}, secret)
    assert "versionId" not in first.inputs
    made = await outside.artifact(secret)

    second = await artifact.check(outside.world(), made, secret)
    assert second.inputs["versionId"] == made["versionId"]
    other = await artifact.check(outside.world(), made, llama(secretEnv={"TOKEN": "other"}))
    assert other.inputs["versionId"] != made["versionId"]


async def test_every_mistake_of_an_artifact_is_named(outside: Outside) -> None:
    checked = await artifact.check(outside.world(), {}, {"name": "Llama", "spec": {"containerGroups": []}, "typo": 1})

    assert {fault.path for fault in checked.faults} == {"name", "spec.containerGroups", "typo"}


async def test_a_workload_knows_its_endpoint_before_it_exists(outside: Outside) -> None:
    version = "models/llama@0123456789ab"

    plain = await workload.check(outside.world(), {}, chat(version))
    balanced = await workload.check(outside.world(), {}, chat(version, service={"type": "LoadBalancer"}))

    assert plain.inputs["endpoint"] == "http://chat.models.svc.cluster.local"
    assert "endpoint" not in balanced.inputs


async def test_an_artifact_of_another_namespace_is_refused(outside: Outside) -> None:
    checked = await workload.check(outside.world(), {}, chat("other/llama@0123456789ab"))

    assert [fault.path for fault in checked.faults] == ["artifactId"]
    assert "put them into the same one" in checked.faults[0].reason


async def test_a_bare_artifact_id_is_refused_with_the_reason(outside: Outside) -> None:
    checked = await workload.check(outside.world(), {}, chat("models/llama"))

    assert "an Artifact's id never changes, so nothing would ever roll" in checked.faults[0].reason


async def test_a_version_that_nobody_made_is_refused_before_anything_is_touched(outside: Outside) -> None:
    with pytest.raises(InputError, match="there is no version models/llama@0123456789ab"):
        await outside.workload(chat("models/llama@0123456789ab"))

    assert not [call for call in outside.cluster.calls if call.startswith("create Service")]


async def test_a_runtime_for_containers_that_are_not_there_is_refused(outside: Outside) -> None:
    made = await outside.artifact(llama())
    wrong = {"containerGroups": [{"containers": [{"name": "server", "resourceAllocation": {"cpu": 1}}]}]}

    with pytest.raises(InferenceError, match="has no container `server`; it has `vllm`"):
        await outside.workload(chat(made["versionId"], runtime=wrong))


async def test_names_that_do_not_fit_together_are_refused(outside: Outside) -> None:
    body: Properties = {
        "name": "big",
        "spec": {"containerGroups": [{"name": "g" * 40, "containers": llama_container()}]},
    }
    made = await outside.artifact(body)

    with pytest.raises(InputError, match="longer than 63; shorten one"):
        await outside.workload({"name": "w" * 40, "artifactId": made["versionId"], "runtime": {}})


def llama_container() -> list[dict[str, object]]:
    """One primary container."""
    return [{"name": "vllm", "image": PINNED, "primary": True, "port": 8000}]
