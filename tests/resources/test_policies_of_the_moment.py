"""Which rules count for pods that are made now: those of the moment when they are made, and those that a run makes."""

import asyncio
from collections.abc import Coroutine

import pytest

from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import SERVICE
from inference_provider.resources import policy, replacement, workload
from inference_provider.resources.world import Properties, World
from tests.resources.outside import Outside, runtime
from tests.resources.ruled import EU, affinity, gpu_chat, inside, made, node, verdicts
from tests.support.fake_scheduler import FakeScheduler

GROUP = {"containers": [{"name": "vllm", "image": "vllm/vllm:v2", "primary": True, "port": 8000.0}]}
WIDE = {**EU, "locations": [{"type": "continent", "name": "eu"}, {"type": "country", "name": "US"}]}


def regions(outside: Outside, name: str) -> set[str]:
    """Every region that a Deployment's pods may be in."""
    return {value for term in affinity(outside, name) for each in term["matchExpressions"] for value in each["values"]}


async def declared(world: World, inputs: Properties) -> Properties:
    """A Policy as this run's program says it by now; the inputs as check leaves them."""
    checked = await policy.check(world, WIDE, inputs)
    assert not checked.faults, checked.faults
    return checked.inputs


async def rolled(outside: Outside, world: World, out: Properties) -> Properties:
    """The same Workload with two GPUs, checked and updated by one run."""
    checked = await workload.check(world, out, {**await gpu_chat(outside), "runtime": runtime(gpu=2.0)})
    assert not checked.faults, checked.faults
    return await workload.update(world, "models/chat", checked.inputs, out)


@pytest.fixture
async def out(outside: Outside) -> Properties:
    """A Workload in Virginia, where a second node in Ireland is empty."""
    FakeScheduler(outside.cluster, outside.controllers)
    node(outside, "eastus")
    node(outside, "northeurope", name="gpu-2")
    return await outside.workload(await gpu_chat(outside))


async def test_a_rule_that_the_same_run_tightens_later_holds_already(outside: Outside, out: Properties) -> None:
    await made(outside, WIDE)
    world = outside.world()
    await declared(world, EU)

    done = await rolled(outside, world, out)

    assert "northeurope" in regions(outside, "chat-r2")
    assert "eastus" not in regions(outside, "chat-r2")
    assert [(each["policy"], each["verdict"]) for each in verdicts(done)] == [("models/eu-only", "allowed")]


async def test_a_rule_that_the_same_run_loosens_later_holds_until_then(outside: Outside, out: Properties) -> None:
    await made(outside, inside("IE"))
    world = outside.world()
    later = await declared(world, WIDE)

    await rolled(outside, world, out)
    assert regions(outside, "chat-r2") == {"northeurope"}

    await policy.update(world, "models/eu-only", later, {})
    again = await workload.update(world, "models/chat", {**await gpu_chat(outside), "namespace": "models"}, out)
    assert (again["revision"], "eastus" in regions(outside, "chat-r3")) == ("r3", True)


async def test_a_run_that_moves_a_rule_elsewhere_is_told_what_to_wait_for(outside: Outside, out: Properties) -> None:
    await made(outside, inside("US"))
    world = outside.world()
    await declared(world, inside("IE"))

    with pytest.raises(InferenceError) as refusal:
        await rolled(outside, world, out)

    assert "nothing is left by eu-only (US)" in refusal.value.message
    assert "This run changes Policy models/eu-only" in refusal.value.message
    assert "r1 serves on" in refusal.value.message


async def test_what_a_policy_is_called_is_no_other_rule(outside: Outside, out: Properties) -> None:
    await made(outside, inside("IE"))
    world = outside.world()
    await declared(world, inside("IE", displayName="Ireland"))

    done = await rolled(outside, world, out)

    assert len(verdicts(done)) == 1


async def _waits(outside: Outside, update: Coroutine[object, object, Properties]) -> Properties:
    """An update whose lock somebody else has; a Policy comes meanwhile."""
    anchor = outside.cluster.named(SERVICE, "chat")
    async with outside.cluster.lock("models", "chat", owner=anchor, wait=0.0):
        run = asyncio.create_task(update)
        await asyncio.sleep(1)
        await made(outside, EU)
    return await run


async def test_a_policy_that_comes_while_an_update_waits_for_its_turn_holds_it(
    outside: Outside, out: Properties
) -> None:
    done = await _waits(outside, rolled(outside, outside.world(), out))

    assert done["revision"] == "r2"
    assert {"northeurope"} <= regions(outside, "chat-r2")
    assert "eastus" not in regions(outside, "chat-r2")
    assert [each["verdict"] for each in verdicts(done)] == ["allowed"]


async def test_a_policy_that_comes_while_a_replacement_waits_for_its_turn_holds_it(
    outside: Outside, out: Properties
) -> None:
    driven = {**await gpu_chat(outside, replacement={"driver": "external"}), "namespace": "models"}
    await workload.update(outside.world(), "models/chat", driven, out)
    newer = await outside.artifact({"name": "llama", "spec": {"containerGroups": [GROUP]}}, {"name": "llama"})
    moved: Properties = {"workloadId": "models/chat", "candidateArtifactId": newer["versionId"]}

    async def replaced() -> Properties:
        return (await replacement.create(outside.world(), moved))[1]

    await _waits(outside, replaced())

    assert "northeurope" in regions(outside, "chat-r2")
    assert "eastus" not in regions(outside, "chat-r2")
