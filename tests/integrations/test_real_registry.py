"""Against a real OCI registry on this machine."""

from pathlib import Path

from inference_provider.errors import RegistryError
from inference_provider.integrations.registry import Registry
from tests.support.registry import LocalRegistry


async def test_a_tag_is_resolved_to_what_was_pushed(registry: LocalRegistry) -> None:
    digest = registry.push("models/llama", "v1")
    image = f"{registry.host}/models/llama:v1"

    async with Registry() as ours:
        assert await ours.resolve(image) == f"{image}@{digest}"


async def test_what_was_resolved_can_be_resolved_again(registry: LocalRegistry) -> None:
    registry.push("models/llama", "v1")
    async with Registry() as ours:
        pinned = await ours.resolve(f"{registry.host}/models/llama:v1")

        assert await ours.resolve(pinned) == pinned


async def test_one_missing_image_does_not_spoil_the_others(registry: LocalRegistry) -> None:
    digest = registry.push("models/llama", "latest")
    there, absent, nowhere = f"{registry.host}/models/llama", f"{registry.host}/models/llama:v9", "127.0.0.1:1/a:b"

    async with Registry() as ours:
        answers = await ours.resolve_all([there, absent, nowhere, there])

    assert list(answers) == [there, absent, nowhere]
    assert answers[there] == f"{there}@{digest}"
    refused, unreachable = answers[absent], answers[nowhere]
    assert isinstance(refused, RegistryError)
    assert f'image "{absent}"' in refused.message
    assert "manifest unknown (404). Check the repository and the tag" in refused.message
    assert isinstance(unreachable, RegistryError)
    assert "registry 127.0.0.1:1 could not be reached" in unreachable.message


async def test_a_moved_tag_keeps_its_first_digest_for_one_run(registry: LocalRegistry) -> None:
    image = f"{registry.host}/models/moving:v1"
    registry.push("models/moving", "v1")
    async with Registry() as ours:
        before = await ours.resolve(image)
        moved = registry.push("models/moving", "v1")

        assert await ours.resolve(image) == before
    async with Registry() as later:
        assert await later.resolve(image) == f"{image}@{moved}"


async def test_an_environment_without_any_login_is_enough_for_a_public_image(
    registry: LocalRegistry, tmp_path: Path
) -> None:
    digest = registry.push("models/llama", "v1")
    async with Registry.from_environment({"DOCKER_CONFIG": str(tmp_path)}) as ours:
        assert await ours.resolve(f"{registry.host}/models/llama:v1") == f"{registry.host}/models/llama:v1@{digest}"
