"""What a record says of a replacement's pods: how many were ready when, what they asked of nodes, where they ran."""

import asyncio
import json

import pytest

from inference_provider.converge.wanted import Wanted
from inference_provider.domain.faults import parse_workload
from inference_provider.errors import Forbidden, LockLost, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import NODE
from inference_provider.rollout.pods_over_time import PodsOverTime, read
from tests.converge.stage import Stage
from tests.support.blueprints import gpus, wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate


def pods(stage: Stage, revision: int) -> PodsOverTime:
    """What is on record of pods."""
    found = read(annotation(stage.record(revision), labels.PODS))
    assert found is not None
    return found


def counts(seen: PodsOverTime) -> list[dict[str, tuple[int, int]]]:
    """Ready and wanted by revision, without the times."""
    return [{name: (one.ready, one.wanted) for name, one in each.pods.items()} for each in seen.points]


def places(stage: Stage, revision: int) -> object:
    """What is on record of nodes."""
    return json.loads(annotation(stage.record(revision), labels.NODES) or "null")


def on_gpus(image: str) -> Wanted:
    """A version that asks for a GPU model."""
    plain = wanted(image)
    runtime = parse_workload(
        {"name": "llama", "artifactId": "models/llama@0123456789ab", "runtime": gpus(2, model="H100")}
    )
    hardware = {"default": hardware_of(runtime.runtime.group("default"))}
    return Wanted(
        type(plain.blueprint)(**(vars(plain.blueprint) | {"hardware": hardware})),
        plain.face,
        plain.counts,
        plain.settings,
        plain.facts,
    )


async def test_both_versions_pods_are_counted_when_they_change(stage: Stage) -> None:
    stage.fate_of({"v2": Fate(ready_after=40)})
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))

    seen = pods(stage, 2)
    assert counts(seen) == [{"r1": (2, 2), "r2": (0, 2)}, {"r1": (2, 2), "r2": (2, 2)}]
    ready = next(each.at for each in seen.points if each.pods.get("r2") and each.pods["r2"].ready)
    assert 39 <= ready - seen.points[0].at <= 41


async def test_a_run_that_carries_on_counts_on_where_the_interrupted_one_stopped(stage: Stage) -> None:
    stage.fate_of({"v2": Fate(ready_after=40)})
    await stage.create(wanted("v1"))
    running = asyncio.ensure_future(stage.update(wanted("v2")))
    await stage.sees(lambda: len(stage.pods(2)) == 2)
    await asyncio.sleep(10)
    stage.cluster.lock_state.lost = True
    with pytest.raises(LockLost):
        await running
    stage.cluster.lock_state.lost = False
    before = pods(stage, 2)

    await stage.update(wanted("v2"))

    after = pods(stage, 2)
    assert after.since == before.since
    assert after.points[: len(before.points) - 1] == before.points[:-1]
    assert counts(after)[-1]["r2"] == (2, 2)
    assert [each.at for each in after.points] == sorted(each.at for each in after.points)


async def test_what_was_asked_of_nodes_and_where_the_pods_came_to_run_is_on_record(stage: Stage) -> None:
    meta = {"name": "gpu-1", "labels": {"nvidia.com/gpu.product": "H100", "cloud.google.com/gke-nodepool": "big"}}
    stage.cluster.put(NODE, {"metadata": meta})
    await stage.create(on_gpus("v1"))

    asked = json.loads(stage.record(1)["data"]["asked"])
    assert asked == {
        "default": {"gpus": 2, "nodes": [{"key": "nvidia.com/gpu.product", "operator": "In", "values": ["H100"]}]}
    }
    assert places(stage, 1) == {"gpu-1": {"pods": 2, "pool": "big", "gpuModel": "H100"}}


async def test_without_the_right_to_see_nodes_their_names_are_on_record(stage: Stage) -> None:
    refusal = Forbidden("get", kind="Node", namespace=None, name="gpu-1", said="no right")
    stage.cluster.faults.append(Fault("find", NODE, refusal))

    await stage.create(wanted("v1"))

    assert places(stage, 1) == {"gpu-1": {"pods": 2}}


async def test_of_what_failed_the_record_says_where_it_ran(stage: Stage) -> None:
    stage.fate_of({"v2": Fate(ready_after=None)})
    await stage.create(wanted("v1"))
    with pytest.raises(RolloutFailed):
        await stage.update(wanted("v2"))

    assert places(stage, 2) == {"gpu-1": {"pods": 2}}
    assert counts(pods(stage, 2))[-1] == {"r1": (2, 2), "r2": (0, 2)}


async def test_a_step_back_is_asked_of_nodes_as_the_version_was_that_comes_back(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    await stage.update(wanted("v1"))

    assert stage.record(3)["data"]["asked"] == stage.record(1)["data"]["asked"]
    assert places(stage, 3) == {"gpu-1": {"pods": 2}}
    assert counts(pods(stage, 3))[-1].keys() == {"r1", "r2"}
