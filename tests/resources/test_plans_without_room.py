"""What a preview says when there are not enough GPUs for both versions."""

from collections.abc import Mapping

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, POD
from inference_provider.resources import workload
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import MODEL, FakeScheduler, batch_pod

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)
NEEDS = f"needs 4 × {MODEL} (2 pods × 2)"


async def served(outside: Outside, *nodes: int, **more: object) -> Properties:
    """A Workload that serves with four GPUs; its outputs."""
    FakeScheduler(outside.cluster, outside.controllers, *nodes)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    return await outside.workload(chat(first["versionId"], runtime=HARDWARE, **more))


async def next_version(outside: Outside, surge: Mapping[str, object], **more: object) -> Properties:
    """The program that asks for another image."""
    known = await outside.artifact(llama("vllm/vllm:v2"), {"name": "llama"})
    wanted = chat(known["versionId"], namespace="models", runtime=HARDWARE, replacement=dict(surge), **more)
    return (await workload.check(outside.world(), {}, wanted)).inputs


async def warned(outside: Outside, olds: Properties, news: Properties) -> str:
    """The one warning of the preview."""
    outside.heard.warnings.clear()
    await plan_line(outside.world(), olds, news, workload.diff(olds, news))
    (said,) = outside.heard.warnings
    return said


@pytest.mark.parametrize("surge", ["require", "recreate"])
async def test_an_update_is_refused_for_the_reason_that_its_preview_gave(outside: Outside, surge: str) -> None:
    olds = await served(outside, 4)
    news = await next_version(outside, {"surge": surge}) | {"runtime": runtime(replicas=2, gpu=4, gpuModel=MODEL)}

    said = await warned(outside, olds, news)
    with pytest.raises(InferenceError) as caught:
        await outside.workload(news, olds)

    assert said.startswith("it will be refused: there is no room for the new version")
    assert f": {said.removeprefix('it will be refused: ')}. Nothing was changed; r1 serves" in caught.value.message


async def test_an_outage_is_said_beforehand_and_how_long_it_may_be(outside: Outside) -> None:
    olds = await served(outside, 4)

    said = await warned(outside, olds, await next_version(outside, {"surge": "recreate", "warmupDurationMinutes": 10}))

    # A minute to end, half an hour to load as no startup probe says less, a tenth of that more, ten to warm up.
    assert said == (
        "there will be an outage: r1 ends before the new version starts, and nobody serves for up to about 44 min, "
        f"since there is room for one only: it {NEEDS}: none free on 1 node; 4 missing"
    )


async def test_an_outage_that_nobody_can_rule_out_is_said_too(outside: Outside) -> None:
    olds = await served(outside, 4)
    news = await next_version(outside, {"surge": "recreate"})
    refused = Forbidden("list", kind="Node", namespace=None, name="", said="not you")
    outside.cluster.faults.append(Fault("list", NODE, refused))

    assert (await warned(outside, olds, news)).endswith("since nobody can count free GPUs")


async def test_a_bounded_wait_says_its_bound(outside: Outside) -> None:
    olds = await served(outside, 4)

    said = await warned(outside, olds, await next_version(outside, {"surgeWaitMinutes": 20}))

    assert said == f"it will wait for room, for 20 min at the longest: {NEEDS}: none free on 1 node; 4 missing"


async def test_a_kept_version_that_will_end_early_is_named(outside: Outside) -> None:
    keeping: Properties = {"keepOldVersionMinutes": 60.0}
    olds = await served(outside, 8)
    olds = await outside.workload(await next_version(outside, keeping), olds)
    known = await outside.artifact(llama("vllm/vllm:v3"), {"name": "llama"})
    news = chat(known["versionId"], namespace="models", runtime=HARDWARE, replacement={"surge": "require"})

    said = await warned(outside, olds, news)

    assert said == "r1 ends before its time, as its GPUs are needed: then there is no going back to it at once"


async def test_whose_pods_may_be_pushed_out_is_named(outside: Outside) -> None:
    outside.cluster.put(POD, batch_pod("train-0", gpus=4))
    outside.cluster.put(POD, batch_pod("train-1", gpus=4, priority=2_000_000))
    olds = await served(outside, 12, importance="high")

    said = await warned(outside, olds, await next_version(outside, {"surge": "preempt"}, importance="high"))

    assert said == (
        "it will push out pods of lower importance, out of batch/train-0 (1 pod, 4 GPUs); never pods of this Workload: "
        f"{NEEDS}: none free on 1 node; 4 missing"
    )


async def test_a_cluster_full_of_equals_is_waited_for(outside: Outside) -> None:
    olds = await served(outside, 4)

    said = await warned(outside, olds, await next_version(outside, {"surge": "preempt"}))

    assert said.startswith("it will wait for room, as no pods of lower importance run: needs 4")


async def test_a_more_important_version_pushes_out_nobody_as_its_own_pods_would_go_first(outside: Outside) -> None:
    olds = await served(outside, 4, importance="low")

    said = await warned(outside, olds, await next_version(outside, {"surge": "preempt"}, importance="critical"))

    assert "push out nobody: importance critical is above that of r1, whose pods would go first" in said


async def test_a_preview_counts_as_many_pods_as_serve_now(outside: Outside) -> None:
    olds = await served(outside, 8)
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 3)

    said = await warned(outside, olds, await next_version(outside, {}))

    assert "needs 6 × " in said


async def test_falling_back_to_nothing_is_said_to_be_waiting(outside: Outside) -> None:
    olds = await served(outside, 4)

    said = await warned(outside, olds, await next_version(outside, {"surge": "fallback"}))

    assert said.startswith("it will wait for room, as there is no second resource bundle to fall back to: needs 4")
