"""What a preview says when a quota of the namespace leaves too little for both versions."""

from collections.abc import Mapping

import pytest

from inference_provider.errors import Forbidden, InferenceError
from inference_provider.manifests.kinds import DEPLOYMENT, LIMIT_RANGE, NODE, RESOURCE_QUOTA
from inference_provider.manifests.priority import priority_class_name
from inference_provider.resources import births
from inference_provider.resources.plan import plan_of
from inference_provider.resources.workload import diff
from inference_provider.resources.world import Properties
from inference_provider.rollout.plan import QuotaPlan, Surge, SurgeOutcome
from tests.resources.outside import Outside, chat, llama, runtime
from tests.resources.test_plans_without_room import HARDWARE, next_version, served, warned
from tests.support.fake_cluster import Fault
from tests.support.fake_scheduler import MODEL, FakeScheduler

GPUS = "requests.nvidia.com/gpu"
#: Four GPUs serve, and four more are needed.
SHORT = "needs 4 GPUs, and the namespace's quota gpu-budget leaves 2 of 6"

REFUSED = "there is no room for the new version beside r1, and `replacement.surge` is `require`"
ENDS = "r1 ends before the new version starts, and nobody serves for up to about 34 min"


async def limited(outside: Outside, hard: str, used: str = "4", *, what: str = GPUS, **spec: object) -> None:
    """The namespace has a quota, of GPUs unless said otherwise."""
    meta = {"name": "gpu-budget", "namespace": "models"}
    status = {"hard": {what: hard}, "used": {what: used}}
    quota = {"metadata": meta, "spec": {"hard": {what: hard}, **spec}, "status": status}
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


ROOMY = runtime(replicas=2, gpu=2, gpuModel=MODEL, cpu=8.0, memory="64Gi")


@pytest.mark.parametrize(
    ("what", "hard", "used", "short"),
    [
        ("requests.cpu", "30", "16", "16 of requests.cpu, and the namespace's quota gpu-budget leaves 14 of 30"),
        ("limits.memory", "200Gi", "128Gi", "128Gi of limits.memory, and the namespace's quota gpu-budget leaves 72Gi"),
    ],
)
async def test_cpu_and_memory_of_surge_pods_are_told_as_gpus_are(
    outside: Outside, what: str, hard: str, used: str, short: str
) -> None:
    olds = await served(outside, 16, replacement={}) | {"runtime": ROOMY}
    await limited(outside, hard, used, what=what)
    waits = (await next_version(outside, {})) | {"runtime": ROOMY}
    assert f"it will wait for room: needs {short}" in await warned(outside, olds, waits)
    refused = (await next_version(outside, {"surge": "require"})) | {"runtime": ROOMY}
    assert f"it will be refused: {REFUSED}. It needs {short}" in await warned(outside, olds, refused)
    with pytest.raises(InferenceError, match=f"It needs {short}"):
        await outside.workload(refused, olds)


async def test_the_pod_of_a_warm_up_counts_beside_those_that_it_warms(outside: Outside) -> None:
    olds = await served(outside, 16)
    await limited(outside, "4", "2", what="pods")
    plain = await next_version(outside, {})
    assert await room_of(outside, olds, plain) == Surge(SurgeOutcome.FREE)
    warmed = await next_version(outside, {"warmup": {"path": "/v1/models"}})
    said = "it will wait for room: needs 3 pods, and the namespace's quota gpu-budget leaves 2 of 4"
    assert await room_of(outside, olds, warmed) == Surge(SurgeOutcome.WAITS, said)


async def test_a_bundle_that_a_quota_forbids_is_passed_over_in_the_preview_too(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 32)
    kinds = [{"name": each, "gpu": gpus, "gpuModel": MODEL} for each, gpus in (("whole", 8.0), ("half", 4.0))]
    given = {"containerGroups": [{"replicaCount": 1.0, "resourceBundles": kinds}]}
    first = await outside.artifact(llama("vllm/vllm:v1"))
    olds = await outside.workload(chat(first["versionId"], namespace="models", runtime=given))
    await limited(outside, "14", "8")
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    news = chat(second["versionId"], namespace="models", runtime=given, replacement={"surge": "fallback"})
    plan = await plan_of(outside.world(), olds, news, diff(olds, news))
    assert plan.bundle_said == (
        "the new version of Workload models/chat takes bundle half: whole needs 8 GPUs, and the namespace's quota "
        "gpu-budget leaves 6 of 14"
    )
    assert plan.surge == Surge(SurgeOutcome.FREE)


@pytest.mark.parametrize(
    ("surge", "fate"),
    [("wait", "wait for room"), ("require", "be refused, as `replacement.surge` is `require`")],
)
async def test_a_first_version_hears_of_a_quota_in_its_preview(outside: Outside, surge: str, fate: str) -> None:
    await limited(outside, "6")
    program: Properties = {"name": "chat", "runtime": HARDWARE, "replacement": {"surge": surge}}
    await births.announce(outside.world(), program, ("artifactId",))
    assert outside.heard.warnings == [f"Workload models/chat will {fate}: it {SHORT}"]


async def test_a_first_version_hears_nothing_where_one_of_its_bundles_will_do(outside: Outside) -> None:
    await limited(outside, "6")
    kinds = [{"name": each, "gpu": gpus, "gpuModel": MODEL} for each, gpus in (("whole", 8.0), ("half", 2.0))]
    program: Properties = {
        "name": "chat",
        "runtime": {"containerGroups": [{"replicaCount": 1.0, "resourceBundles": kinds}]},
    }
    await births.announce(outside.world(), program, ("artifactId",))
    assert outside.heard.warnings == []


async def test_a_plan_says_what_quotas_leave_though_it_is_enough(outside: Outside) -> None:
    olds = await served(outside, 16)
    await limited(outside, "10")
    news = await next_version(outside, {})
    plan = await plan_of(outside.world(), olds, news, diff(olds, news))
    assert plan.quotas == (QuotaPlan("gpu-budget", GPUS, needed="4", left="6", hard="10", fits=True),)
    assert plan.surge == Surge(SurgeOutcome.FREE)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (None, "it will be refused: quota gpu-budget wants limits.memory said, which container vllm does not say"),
        ({"default": {"memory": "1Gi"}}, None),
        ({"defaultRequest": {"memory": "1Gi"}}, "it will be refused: quota gpu-budget wants limits.memory said"),
    ],
    ids=["nobody says it", "a LimitRange says it", "a LimitRange says something else"],
)
async def test_a_container_that_does_not_say_what_a_quota_wants_said_is_told(
    outside: Outside, limits: Properties | None, said: str | None
) -> None:
    olds = await served(outside, 16)
    await limited(outside, "1Ti", "0", what="limits.memory")
    if limits is not None:
        meta, spec = {"name": "defaults", "namespace": "models"}, {"limits": [{"type": "Container", **limits}]}
        await outside.cluster.create(LIMIT_RANGE, {"metadata": meta, "spec": spec})
    found = await room_of(outside, olds, await next_version(outside, {}))
    assert found is not None
    assert (found.outcome is SurgeOutcome.REFUSED) == (said is not None)
    assert (found.said or "").startswith(said or "")
