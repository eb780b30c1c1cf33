"""What a preview says when a quota of the namespace leaves too little for both versions."""

from collections.abc import Mapping

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import DEPLOYMENT, NODE, RESOURCE_QUOTA
from inference_provider.manifests.priority import priority_class_name
from inference_provider.resources.plan import plan_of
from inference_provider.resources.workload import diff
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import Surge, SurgeOutcome
from tests.resources.outside import Outside, chat, llama
from tests.resources.test_plans_without_room import HARDWARE, next_version, served, warned
from tests.support.fake_cluster import Fault

GPUS = "requests.nvidia.com/gpu"
#: Four GPUs serve, and four more are needed.
SHORT = "needs 4 GPUs, and the namespace's quota gpu-budget leaves 2 of 6"

REFUSED = "there is no room for the new version beside r1, and `replacement.surge` is `require`"
ENDS = "r1 ends before the new version starts, and nobody serves for up to about 34 min"


async def limited(outside: Outside, hard: str, used: str = "4", **spec: object) -> None:
    """The namespace has a quota of GPUs."""
    meta = {"name": "gpu-budget", "namespace": "models"}
    status = {"hard": {GPUS: hard}, "used": {GPUS: used}}
    quota = {"metadata": meta, "spec": {"hard": {GPUS: hard}, **spec}, "status": status}
    await outside.cluster.create(RESOURCE_QUOTA, quota)


@pytest.mark.parametrize(
    ("surge", "said"),
    [
        ({"surge": "wait"}, f"it will wait for room: {SHORT}"),
        ({"surge": "wait", "surgeWaitMinutes": 20}, f"it will wait for room, for 20 min at the longest: {SHORT}"),
        (
            {"surge": "require"},
            f"it will be refused: {REFUSED}. It {SHORT}",
        ),
        ({"surge": "preempt"}, f"it will wait for room: {SHORT}"),
        (
            {"surge": "recreate"},
            f"there will be an outage: {ENDS}, since there is room for one only: it {SHORT}",
        ),
    ],
    ids=["wait", "bounded", "require", "preempt", "recreate"],
)
async def test_a_quota_is_told_beforehand_though_nodes_have_room(
    outside: Outside, surge: Mapping[str, object], said: str
) -> None:
    olds = await served(outside, 16)
    await limited(outside, "6")
    assert await warned(outside, olds, await next_version(outside, surge)) == said


async def test_an_update_is_refused_for_the_quota_that_its_preview_named(outside: Outside) -> None:
    olds = await served(outside, 16)
    await limited(outside, "6")
    news = await next_version(outside, {"surge": "require"})
    with pytest.raises(InferenceError, match=f"It {SHORT}. Nothing was changed; r1 serves"):
        await outside.workload(news, olds)


async def room_of(outside: Outside, olds: Properties, news: Properties) -> Surge | None:
    """What the plan says of room."""
    return (await plan_of(outside.world(), olds, news, diff(olds, news))).surge


async def test_a_quota_is_told_though_nobody_may_look_at_nodes(outside: Outside) -> None:
    olds = await served(outside, 16)
    news = await next_version(outside, {})
    await limited(outside, "6")
    outside.cluster.faults.append(Fault("list", NODE, Forbidden("list", kind="Node", namespace=None, name="*")))
    assert await room_of(outside, olds, news) == Surge(SurgeOutcome.WAITS, f"it will wait for room: {SHORT}")


async def test_where_nobody_may_look_at_quotas_nothing_is_said_of_them(outside: Outside) -> None:
    olds = await served(outside, 16)
    news = await next_version(outside, {})
    await limited(outside, "6")
    outside.cluster.faults.append(Fault("list", RESOURCE_QUOTA, Forbidden("list", kind="", namespace="", name="*")))
    assert await room_of(outside, olds, news) == Surge(SurgeOutcome.FREE)


@pytest.mark.parametrize(("importance", "outcome"), [("high", SurgeOutcome.WAITS), ("low", SurgeOutcome.FREE)])
async def test_a_quota_of_one_importance_counts_for_that_alone(
    outside: Outside, importance: str, outcome: SurgeOutcome
) -> None:
    olds = await served(outside, 16)
    wanted = {"scopeName": "PriorityClass", "operator": "In", "values": [priority_class_name("high")]}
    await limited(outside, "3", used="0", scopeSelector={"matchExpressions": [wanted]})
    found = await room_of(outside, olds, await next_version(outside, {}, importance=importance))
    assert found is not None
    assert found.outcome is outcome


async def test_a_kept_version_gives_its_part_of_the_quota(outside: Outside) -> None:
    olds = await served(outside, 16)
    olds = await outside.workload(await next_version(outside, {"keepOldVersionMinutes": 60.0}), olds)
    await limited(outside, "8", used="8")
    known = await outside.artifact(llama("vllm/vllm:v3"), {"name": "llama"})
    news = chat(known["versionId"], namespace="models", runtime=HARDWARE, replacement={"surge": "preempt"})
    found = await room_of(outside, olds, news)
    assert found is not None
    assert found.outcome is SurgeOutcome.ENDS_KEPT
    done = await outside.workload(news, olds)
    assert done["revision"] == "r3"
    assert {each["metadata"]["name"] for each in outside.cluster.all_of(DEPLOYMENT)} == {"chat-r2", "chat-r3"}


async def test_what_the_api_server_would_not_even_make_is_told_beforehand(outside: Outside) -> None:
    olds = await served(outside, 16)
    meta = {"name": "objects", "namespace": "models"}
    deployments = {"count/deployments.apps": "1"}
    status = {"hard": deployments, "used": deployments}
    await outside.cluster.create(RESOURCE_QUOTA, {"metadata": meta, "spec": {"hard": deployments}, "status": status})
    assert await room_of(outside, olds, await next_version(outside, {})) == Surge(
        SurgeOutcome.REFUSED,
        "it will be refused: it needs 1 Deployment, and the namespace's quota objects leaves 0 of 1",
    )
