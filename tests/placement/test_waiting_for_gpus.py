"""What a proton that waits for GPUs still needs."""

from inference_provider.manifests import labels
from inference_provider.manifests.kinds import Body
from inference_provider.placement.fit import Demand
from inference_provider.placement.waiting import outstanding

H100 = "NVIDIA-H100-80GB-HBM3"


def pod(group: str, gpus: int, *, node: str = "", leaving: bool = False) -> Body:
    """A pod of a group with whole GPUs of one model."""
    wants = {"matchExpressions": [{"key": "nvidia.com/gpu.product", "operator": "In", "values": [H100]}]}
    chosen = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [wants]}}
    container = {"name": "server", "resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}
    placed: Body = {"nodeName": node} if node else {}
    spec: Body = {"containers": [container], "affinity": {"nodeAffinity": chosen}} | placed
    meta: Body = {"labels": {labels.GROUP: group}} | ({"deletionTimestamp": "2026-01-01T00:00:00Z"} if leaving else {})
    return {"metadata": meta, "spec": spec}


def test_pods_that_are_not_made_yet_are_needed_too() -> None:
    assert outstanding([pod("worker", 8)], {"worker": 3}) == Demand(3, 8, H100)


def test_pods_that_have_their_node_need_nothing_more() -> None:
    pods = [pod("worker", 8, node="gpu-1"), pod("worker", 8)]
    assert outstanding(pods, {"worker": 2}) == Demand(1, 8, H100)


def test_a_pod_on_its_way_out_does_not_count_as_placed() -> None:
    pods = [pod("worker", 8, node="gpu-1", leaving=True), pod("worker", 8)]
    assert outstanding(pods, {"worker": 2}) == Demand(2, 8, H100)


def test_the_largest_pods_are_what_is_waited_for() -> None:
    pods = [pod("router", 0), pod("prefill", 2), pod("decode", 8)]
    assert outstanding(pods, {"router": 1, "prefill": 2, "decode": 2}) == Demand(2, 8, H100)


def test_nobody_waits_when_all_pods_have_a_node() -> None:
    assert outstanding([pod("worker", 8, node="gpu-1")], {"worker": 1}) is None


def test_a_scaled_down_group_still_shows_the_pod_that_waits() -> None:
    assert outstanding([pod("worker", 8)], {"worker": 0}) == Demand(1, 8, H100)
