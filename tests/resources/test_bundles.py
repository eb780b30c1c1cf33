"""Resource bundles as a program sees them: what differs, what a preview says of it, what comes out."""

import asyncio

import pytest

from inference_provider.converge import orders
from inference_provider.converge.orders import Order
from inference_provider.manifests.kinds import NODE
from inference_provider.resources import replacement, workload
from inference_provider.resources.preview import plan_line
from inference_provider.resources.status import status
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_controllers import Fate
from tests.support.fake_scheduler import MODEL, FakeScheduler, gpu_node

H100: Properties = {"name": "h100", "gpu": 2.0, "gpuModel": MODEL, "pricePerHour": 8.0}
A100: Properties = {"name": "a100", "gpu": 2.0, "gpuModel": "A100", "pricePerHour": 3.0}
L4: Properties = {"name": "l4", "gpu": 4.0, "gpuModel": "L4"}


def runtime(*bundles: Properties) -> Properties:
    """Two pods that may have these bundles."""
    return {"containerGroups": [{"replicaCount": 2.0, "resourceBundles": list(bundles)}]}


async def program(outside: Outside, version: str, *bundles: Properties, surge: str = "fallback") -> Properties:
    """The Workload with a version of its Artifact."""
    known = await outside.artifact(llama(f"vllm/vllm:{version}"), {"name": "llama"} if version != "v1" else None)
    wanted = chat(known["versionId"], runtime=runtime(*(bundles or (H100, A100))), replacement={"surge": surge})
    return (await workload.check(outside.world(), {}, wanted)).inputs


async def served(outside: Outside, h100: int, a100: int) -> tuple[Properties, Properties, FakeScheduler]:
    """The program, and the outputs of its first run, on nodes with so many GPUs."""
    scheduler = FakeScheduler(outside.cluster, outside.controllers, h100)
    outside.cluster.put(NODE, gpu_node("other-1", "A100", a100))
    inputs = await program(outside, "v1")
    return inputs, await outside.workload(inputs), scheduler


async def previewed(outside: Outside, olds: Properties, news: Properties) -> str:
    """The plan line, and what was said before it."""
    outside.heard.infos.clear()
    outside.heard.warnings.clear()
    line = await plan_line(outside.world(), olds, news, workload.diff(olds, news))
    return "\n".join([*outside.heard.infos, *outside.heard.warnings, str(line)])


async def test_the_stack_says_which_bundle_it_is_and_what_it_costs(outside: Outside) -> None:
    _, outputs, _ = await served(outside, 2, 4)

    assert (outputs["resolvedBundles"], outputs["hourlyCost"]) == ({"default": "a100"}, 6.0)
    seen = await status(outside.world(), "models", "chat")
    assert [each.bundles for each in seen.versions] == [{"default": "a100"}]


async def test_what_something_costs_is_unknown_as_long_as_one_price_is(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 4)
    outputs = await outside.workload(await program(outside, "v1", {**H100, "pricePerHour": None}))

    assert (outputs["resolvedBundles"], outputs["hourlyCost"]) == ({"default": "h100"}, None)


async def test_a_preview_says_which_bundle_an_update_would_fall_back_to_and_why(outside: Outside) -> None:
    _, olds, _ = await served(outside, 4, 4)
    news = await program(outside, "v2")

    said = await previewed(outside, olds, news)

    assert said.startswith(
        f"the new version of Workload models/chat takes bundle a100: h100 needs 4 × {MODEL} (2 pods × 2): none free"
    )
    assert "needs 4 × A100 (2 pods × 2): 4 free on other-1, beside those in use" in said
    outside.heard.infos.clear()
    assert (await outside.workload(news, olds))["resolvedBundles"] == {"default": "a100"}
    assert said.splitlines()[0] in outside.heard.infos, "the update says the same"


async def test_a_preview_of_a_fallback_without_room_says_that_it_will_wait(outside: Outside) -> None:
    _, olds, _ = await served(outside, 4, 2)

    said = await previewed(outside, olds, await program(outside, "v2"))

    assert "waits for bundle h100, as none has room" in said
    assert f"it will wait for room: needs 4 × {MODEL}" in said


async def test_without_fallback_a_preview_counts_the_first_bundle_only(outside: Outside) -> None:
    _, olds, _ = await served(outside, 2, 8)

    said = await previewed(outside, olds, await program(outside, "v2", surge="wait"))

    assert said.startswith(f"it will wait for room: needs 4 × {MODEL} (2 pods × 2): 2 free on gpu-1")
    assert "A100" not in said


@pytest.mark.parametrize(
    "bundles",
    [(A100, H100), (A100,), (H100, L4, A100), ({**H100, "gpu": 1.0}, A100), (H100, {**A100, "pricePerHour": 1.0})],
)
async def test_a_change_that_leaves_the_pods_their_hardware_is_in_place(
    outside: Outside, bundles: tuple[Properties, ...]
) -> None:
    inputs, olds, _ = await served(outside, 2, 4)
    news = {**inputs, "runtime": runtime(*bundles)}
    assert workload.diff(olds, news).changed, "there is something to write down"

    said = await previewed(outside, olds, news)
    outputs = await outside.workload(news, olds)

    assert "in place; no pod restarts" in said
    assert (outputs["revision"], outputs["resolvedBundles"]) == ("r1", {"default": "a100"})


@pytest.mark.parametrize("bundles", [(H100,), (H100, {**A100, "memory": "8Gi"})])
async def test_a_change_that_takes_the_hardware_from_the_pods_rolls(
    outside: Outside, bundles: tuple[Properties, ...]
) -> None:
    inputs, olds, _ = await served(outside, 2, 8)
    outside.cluster.put(NODE, gpu_node("gpu-2", MODEL, 4))
    news = {**inputs, "runtime": runtime(*bundles)}

    said = await previewed(outside, olds, news)
    outputs = await outside.workload(news, olds)

    assert "Workload models/chat rolls from r1" in said
    assert "because of runtime.containerGroups[0].resourceBundles[1]" in said
    assert outputs["revision"] == "r2"


async def test_a_preview_counts_the_bundle_that_an_interrupted_update_has_begun_with(outside: Outside) -> None:
    _, olds, scheduler = await served(outside, 4, 4)
    scheduler.load = {"vllm": Fate(ready_after=200)}
    news = await program(outside, "v2")
    run = asyncio.create_task(outside.workload(news, olds))
    await asyncio.sleep(100)
    run.cancel()
    await asyncio.wait({run})
    outside.cluster.put(NODE, gpu_node("gpu-2", MODEL, 8))

    said = await previewed(outside, olds, news)

    assert MODEL not in said
    assert (await outside.workload(news, olds))["resolvedBundles"] == {"default": "a100"}


async def test_a_refresh_shows_the_bundles_that_a_run_gave_which_told_nobody(outside: Outside) -> None:
    inputs, olds, _ = await served(outside, 2, 8)
    other = {**inputs, "runtime": runtime(H100, {**A100, "memory": "8Gi"})}
    await outside.workload(other, olds)

    seen = await workload.read(outside.world(), "models/chat", olds)

    assert seen is not None
    assert [path for path in workload.diff(seen, inputs).changed if workload.rolls(path)] == [
        "runtime.containerGroups[0].resourceBundles[1].memory"
    ]
    assert workload.diff(seen, other).changed == ()


async def test_a_refresh_shows_nothing_where_the_stack_allows_what_runs(outside: Outside) -> None:
    inputs, olds, _ = await served(outside, 2, 8)

    seen = await workload.read(outside.world(), "models/chat", olds)

    assert seen is not None
    assert workload.diff(seen, inputs).changed == ()


async def test_a_replacement_of_its_own_falls_back_too_and_knows_its_revision(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 4)
    outside.cluster.put(NODE, gpu_node("other-1", "A100", 4))
    inputs = await program(outside, "v1")
    await outside.workload({**inputs, "replacement": {"driver": "external"}})
    newer = (await outside.artifact(llama("vllm/vllm:v2"), {"name": "llama"}))["versionId"]
    asked: Properties = {"workloadId": "models/chat", "candidateArtifactId": newer, "surge": "fallback"}

    _, outputs = await replacement.create(outside.world(), asked)

    assert (outputs["status"], outputs["revision"]) == ("completed", "r2")
    (serves,) = [each for each in (await status(outside.world(), "models", "chat")).versions if each.role == "active"]
    assert serves.bundles == {"default": "a100"}


async def test_a_version_that_is_withheld_is_said_to_be_so_on_its_lesser_bundle(outside: Outside) -> None:
    _, olds, _ = await served(outside, 4, 4)
    news = await program(outside, "v2") | {"replacement": {"surge": "fallback", "keepOldVersionMinutes": 60.0}}
    olds = await outside.workload(news, olds)
    await orders.undo(Order(outside.cluster, "models", "chat", "ann", "latency", 600, outside.heard))

    said = await previewed(outside, olds, news)

    assert "stays as it is: ann took r2 back" in said
