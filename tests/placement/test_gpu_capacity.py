"""What is free, read from nodes and pods."""

from typing import Any

import pytest

from inference_provider.placement.capacity import NodeFree, free_gpus
from inference_provider.placement.fit import Demand
from inference_provider.placement.gpu_requests import gpus_of
from inference_provider.placement.waiting import waiting_demands

Body = dict[str, Any]
H100 = "NVIDIA-H100-80GB-HBM3"


def node(name: str, gpus: int, *, model: str = H100, ready: str = "True", **spec: object) -> Body:
    labels = {"nvidia.com/gpu.product": model, "nvidia.com/gpu.memory": "81559"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
        "status": {"allocatable": {"nvidia.com/gpu": str(gpus)}, "conditions": [{"type": "Ready", "status": ready}]},
    }


def container(gpus: int | None, **more: str) -> Body:
    return {"resources": {"limits": {"nvidia.com/gpu": str(gpus)}} if gpus is not None else {}, **more}


def pod(gpus: int, *, on: str | None, phase: str = "Running", leaving: bool = False, **spec: object) -> Body:
    metadata = {"deletionTimestamp": "2026-11-20T10:00:00Z"} if leaving else {}
    place = {"nodeName": on} if on else {}
    return {
        "metadata": metadata,
        "spec": {"containers": [container(gpus)], **place, **spec},
        "status": {"phase": phase},
    }


def test_terminating_pods_hold_their_gpus_and_finished_ones_do_not() -> None:
    pods = [
        pod(2, on="a"),
        pod(1, on="a", leaving=True),
        pod(4, on="a", phase="Succeeded"),
        pod(4, on="a", phase="Failed"),
        pod(8, on=None, phase="Pending"),
        pod(8, on="elsewhere"),
    ]

    (found,) = free_gpus([node("a", 8)], pods)
    assert found == NodeFree("a", H100, allocatable=8, used=3, memory_mib=81559)
    assert found.free == 5


def test_a_node_whose_device_broke_has_none_free_rather_than_less() -> None:
    (found,) = free_gpus([node("a", 7)], [pod(8, on="a")])

    assert found.free == 0


@pytest.mark.parametrize(
    "unusable",
    [
        node("x", 8, ready="False"),
        node("x", 8, ready="Unknown"),
        node("x", 8, unschedulable=True),
        node("x", 8, taints=[{"key": "team", "value": "b", "effect": "NoSchedule"}]),
        node("x", 8, taints=[{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]),
        node("x", 0),
        {"metadata": {"name": "x"}},
        {**node("x", 8), "metadata": {"name": "x", "deletionTimestamp": "2026-11-20T10:00:00Z"}},
    ],
)
def test_a_node_that_cannot_take_our_pods_does_not_count(unusable: Body) -> None:
    assert [one.name for one in free_gpus([unusable, node("a", 8)], [])] == ["a"]


@pytest.mark.parametrize(
    "taint",
    [
        {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
        {"key": "spot", "effect": "PreferNoSchedule"},
    ],
)
def test_a_taint_that_our_pods_can_live_with_does_not_matter(taint: Body) -> None:
    assert len(free_gpus([node("a", 8, taints=[taint])], [])) == 1


def test_only_the_wanted_model_and_memory_are_counted() -> None:
    nodes = [node("b", 8), node("a", 4, model="NVIDIA-L4"), {**node("c", 2), "metadata": {"name": "c"}}]

    assert [one.name for one in free_gpus(nodes, [])] == ["a", "b", "c"]
    assert [one.name for one in free_gpus(nodes, [], model="NVIDIA-L4")] == ["a"]
    assert [one.name for one in free_gpus(nodes, [], memory_mib=80_000)] == ["a", "b"]
    assert free_gpus(nodes, [], memory_mib=90_000) == ()


@pytest.mark.parametrize(
    ("init", "main", "gpus"),
    [
        ([], [1, 2], 3),
        ([(4, "")], [1], 4),
        ([(1, "Always")], [2], 3),
        ([(1, "Always"), (3, "")], [2], 4),
        ([(3, ""), (1, "Always")], [1], 3),
        ([(None, "")], [None], 0),
    ],
)
def test_a_pod_takes_what_the_scheduler_counts(
    init: list[tuple[int | None, str]], main: list[int | None], gpus: int
) -> None:
    spec = {
        "initContainers": [container(count, restartPolicy=policy) for count, policy in init],
        "containers": [container(count) for count in main],
    }

    assert gpus_of({"spec": spec}) == gpus


def test_pods_without_a_node_are_demands() -> None:
    pods = [
        pod(2, on=None, phase="Pending", nodeSelector={"nvidia.com/gpu.product": H100}),
        pod(1, on=None, phase="Pending"),
        pod(0, on=None, phase="Pending"),
        pod(1, on=None, phase="Pending", leaving=True),
        pod(1, on="a"),
    ]

    assert waiting_demands(pods) == (Demand(1, 2, H100), Demand(1, 1))
