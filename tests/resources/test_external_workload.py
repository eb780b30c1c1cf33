"""A Workload that a Replacement drives: what its own program still says, and what it says no more."""

import asyncio

import pytest

from inference_provider.errors import InputError
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT
from inference_provider.resources import replacement, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, llama, runtime
from tests.resources.test_replacement import CHAT, created, program, serves, to


async def moved_on(outside: Outside) -> tuple[Properties, object]:
    """A Replacement has brought the second version, and the first one's content is pruned: outputs, first version."""
    out, first, second = await serves(outside)
    await created(outside, to(second, keepOldVersionMinutes=0.0, drainSeconds=0.0))
    await asyncio.sleep(60)
    await outside.cluster.delete(CONFIG_MAP, "models", f"artifact-{str(first).rpartition('/')[2].replace('@', '-')}")
    return out, first


async def test_it_is_scaled_although_the_version_it_was_born_with_is_pruned(outside: Outside) -> None:
    out, first = await moved_on(outside)

    after = await outside.workload(program(first, runtime=runtime(replicas=3)), out)

    assert (after["revision"], after["readyReplicas"]) == ("r2", 3)


async def test_a_deleted_part_of_what_serves_is_made_again_by_the_workload_itself(outside: Outside) -> None:
    out, first, second = await serves(outside)
    out_of_it = await created(outside, to(second, runtime=runtime(cpu=2.0)))
    third = await outside.artifact(llama("vllm/vllm:v3"), {**llama("vllm/vllm:v2"), "versionId": second})
    staging = to(third["versionId"], promotion="manual")
    await replacement.update(outside.world(), CHAT, staging, out_of_it)
    before = outside.cluster.named(DEPLOYMENT, "chat-r2")["spec"]["template"]
    await outside.cluster.delete(DEPLOYMENT, "models", "chat-r2")
    await asyncio.sleep(60)

    assert any("is gone" in each for each in await workload.found(outside.world(), CHAT, out))
    after = await outside.workload(program(first, runtime=runtime(replicas=2)), out)

    assert (after["revision"], after["readyReplicas"]) == ("r2", 2)
    assert outside.cluster.named(DEPLOYMENT, "chat-r2")["spec"]["template"] == before
    assert after["candidateProtonIds"] == ["models/chat-r3"], "what waits is the Replacement's"


async def test_its_groups_are_held_against_what_serves(outside: Outside) -> None:
    out, first = await moved_on(outside)
    other: Properties = {"containerGroups": [{"name": "decode", "replicaCount": 2.0}]}
    with pytest.raises(InputError, match="decode"):
        await outside.workload(program(first, runtime=other), out)


async def test_a_version_that_was_never_there_is_refused_at_birth(outside: Outside) -> None:
    await outside.artifact(llama())
    with pytest.raises(InputError, match="there is no version"):
        await outside.workload(program("models/llama@000000000000"))
