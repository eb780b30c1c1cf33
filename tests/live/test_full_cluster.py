"""The three nodes with H100s are full: one story for each way of ``replacement.surge``, with the real scheduler."""

import pytest

from inference_provider.errors import InferenceError, RolloutFailed
from inference_provider.manifests.kinds import DEPLOYMENT, POD, Body
from inference_provider.resources import workload as resource
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs, artifact, runtime, server, workload
from tests.live.stand import Stand

WHOLE_NODES = runtime(3, gpu=8)


pytestmark = pytest.mark.usefixtures("empty_nodes")


def surging(version: object, surge: str, *groups: Inputs, **more: object) -> Inputs:
    """The program with a way to find room; nothing is kept longer than it drains, unless that is said."""
    settings: Inputs = {"surge": surge, "drainSeconds": 1} | {
        key: more.pop(key) for key in ("surgeWaitMinutes", "keepOldVersionMinutes") if key in more
    }
    return workload(version, *(groups or (WHOLE_NODES,)), **({"replacement": settings} | more))


async def previewed(stand: Stand, olds: Properties, news: Inputs) -> str:
    """The plan line, and the warnings before it."""
    stand.lines.lasting.clear()
    wanted = (await resource.check(stand.world(), {}, news)).inputs
    line = await plan_line(stand.world(), olds, wanted, resource.diff(olds, wanted))
    return "\n".join([*stand.lines.lasting, str(line)])


def uid(pod: Body) -> str:
    """Which pod it is."""
    return str(pod["metadata"]["uid"])


async def test_required_room_that_is_not_there_refuses_in_preview_and_update(stand: Stand) -> None:
    outputs = await stand.create(workload(await stand.version(artifact()), WHOLE_NODES))
    before = await stand.pod_uids("r1")
    news = surging(await stand.version(artifact(server("v2"))), "require")

    said = await previewed(stand, outputs, news)
    assert "it will be refused: there is no room for the new version beside r1" in said
    assert "needs 24 × NVIDIA-H100-80GB-HBM3 (3 pods × 8): none free on 3 nodes; 24 missing" in said
    with pytest.raises(InferenceError, match="Nothing was changed; r1 serves"):
        await stand.update(news)

    assert await stand.names(DEPLOYMENT) == ["chat-r1"]
    assert await stand.pod_uids("r1") == before


async def test_a_wait_for_room_ends_and_the_candidate_is_removed(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), WHOLE_NODES))
    news = surging(await stand.version(artifact(server("v2"))), "wait", surgeWaitMinutes=0.02)

    with pytest.raises(RolloutFailed, match=r"24 missing. There was no room for 0.02 min, .* was removed"):
        await stand.update(news)

    assert await stand.names(DEPLOYMENT) == ["chat-r1"]


async def test_the_old_version_makes_room_and_comes_back_when_the_new_one_fails(stand: Stand) -> None:
    outputs = await stand.create(workload(await stand.version(artifact()), WHOLE_NODES))
    second = surging(await stand.version(artifact(server("v2"))), "recreate")

    said = await previewed(stand, outputs, second)
    assert "there will be an outage: r1 ends before the new version starts, and nobody serves for up to about" in said
    outputs = await stand.update(second)
    assert (outputs["revision"], outputs["readyReplicas"]) == ("r2", 3)
    assert await stand.names(DEPLOYMENT) == ["chat-r2"]

    bad = await stand.version(artifact(server("v3", env={"SIM_IMAGE_PULL_FAIL": "true"})))
    with pytest.raises(RolloutFailed, match=r"cannot pull .* r2 had made room for it, and serves again"):
        await stand.update(surging(bad, "recreate"))
    now = await stand.read()
    assert now is not None
    assert (now["revision"], now["readyReplicas"], now["status"]) == ("r2", 3, "running")


async def test_pods_of_lower_importance_are_pushed_out_and_our_own_never(stand: Stand) -> None:
    version = await stand.version(artifact())
    await stand.create(workload(version, runtime(2, gpu=8), name="embed"))
    one = runtime(1, gpu=8)
    outputs = await stand.create(workload(version, one, importance="high"))
    pods = {uid(pod): pod for pod in await stand.objects(POD)}
    serving = {
        each for each, pod in pods.items() if pod["metadata"]["labels"]["pulumi-inference.dev/workload"] == "chat"
    }
    newer = await stand.version(artifact(server("v2")))
    news = surging(newer, "preempt", one, importance="high", keepOldVersionMinutes=5)

    said = await previewed(stand, outputs, news)
    assert f"it will push out pods of lower importance, out of {stand.namespace}/embed (2 pods, 16 GPUs)" in said
    outputs = await stand.update(news)

    assert (outputs["revision"], outputs["readyReplicas"]) == ("r2", 1)
    left = {uid(pod) for pod in await stand.objects(POD)}
    gone = [pods[each] for each in pods.keys() - left]
    assert [pod["metadata"]["labels"]["pulumi-inference.dev/workload"] for pod in gone] == ["embed"]
    assert serving
    assert serving <= left
