"""Images against a real OCI registry on loopback: pinned when a version is made, and never moved unasked."""

from inference_provider.integrations.registry import Registry
from inference_provider.resources import artifact as resource
from inference_provider.resources.world import Checked, Properties
from tests.live.programs import artifact, server
from tests.live.stand import Stand
from tests.support.registry import LocalRegistry


def tagged(registry: LocalRegistry, tag: str = "v1", **more: object) -> Properties:
    """An Artifact whose image is a tag of the registry."""
    return artifact(server() | {"image": f"{registry.host}/models/llama:{tag}"}, **more)


async def check(stand: Stand, olds: Properties, news: Properties) -> Checked:
    """Check against the real registry (one that nobody cached)."""
    async with Registry() as images:
        return await resource.check(stand.world(images=images), olds, news)


async def test_a_tag_becomes_the_digest_it_had_when_the_version_was_made(stand: Stand, registry: LocalRegistry) -> None:
    digest = registry.push("models/llama", "v1")
    checked = await check(stand, {}, tagged(registry))
    image = f"{registry.host}/models/llama:v1"
    assert checked.inputs["images"] == {image: f"{image}@{digest}"}


async def test_a_tag_that_moved_rolls_nothing_unasked(stand: Stand, registry: LocalRegistry) -> None:
    registry.push("models/llama", "moving")
    first = await check(stand, {}, tagged(registry, "moving"))
    registry.push("models/llama", "moving")
    same = await check(stand, first.inputs, tagged(registry, "moving"))
    assert same.inputs["versionId"] == first.inputs["versionId"]
    anew = await check(stand, {}, tagged(registry, "moving"))
    assert anew.inputs["versionId"] != first.inputs["versionId"]


async def test_locking_needs_the_registry_and_names_the_container(stand: Stand, registry: LocalRegistry) -> None:
    registry.push("models/llama", "v1")
    refused = await check(stand, {}, tagged(registry, "unheard-of", status="locked"))
    (fault,) = refused.faults
    assert fault.path == "spec.containerGroups[0].containers[0].image"
    assert "unheard-of" in fault.reason


async def test_a_draft_keeps_its_tag_when_nobody_answers_and_says_so(stand: Stand) -> None:
    away = artifact(server() | {"image": "127.0.0.1:1/models/llama:v1"})
    checked = await check(stand, {}, away)
    assert checked.inputs["images"] == {"127.0.0.1:1/models/llama:v1": "127.0.0.1:1/models/llama:v1"}
    assert any("the draft keeps the tag" in line for line in stand.lines.lasting)
    locked = await check(stand, {}, away | {"status": "locked"})
    assert "could not be reached" in locked.faults[0].reason


async def test_an_image_with_a_digest_needs_no_registry(stand: Stand) -> None:
    pinned = f"127.0.0.1:1/models/llama@sha256:{'c' * 64}"
    checked = await check(stand, {}, artifact(server() | {"image": pinned}, status="locked"))
    assert checked.inputs["images"] == {pinned: pinned}
    assert not checked.faults
