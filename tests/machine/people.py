"""Other people on the same nodes: they take GPUs, and leave again."""

from inference_provider.manifests.kinds import NODE, POD
from inference_provider.placement.gpu_requests import gpus_of
from inference_provider.rollout.fleet import Fleet, observe
from tests.machine.witness import anchors
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_mirror import FakeMirror
from tests.support.fake_scheduler import batch_pod


def crowd(cluster: FakeCluster, *, left: int, rank: int) -> None:
    """Take every GPU that is free now but ``left``, with pods of one GPU and this priority each."""
    free = [name for name, count in _free(cluster).items() for _ in range(count)]
    for name in free[: max(0, len(free) - left)]:
        cluster.put(POD, batch_pod(f"train-{cluster.version}", gpus=1, node=name, priority=rank))


def go(cluster: FakeCluster) -> None:
    """Everybody else leaves."""
    for pod in cluster.all_of(POD):
        if pod["metadata"]["namespace"] == "batch":
            cluster.remove(POD, "batch", pod["metadata"]["name"])


def fleets(cluster: FakeCluster) -> list[Fleet]:
    """Every Workload that is there."""
    return [observe(each, FakeMirror(cluster, "models", each["metadata"]["name"]).objects) for each in anchors(cluster)]


def broken(fleet: Fleet) -> bool:
    """Whether what should serve cannot: a part of it is gone, or it was started while nobody was served."""
    active = fleet.active
    return active is not None and (bool(active.missing) or "vllm/bad" in str(active.deployments))


def _free(cluster: FakeCluster) -> dict[str, int]:
    nodes = cluster.all_of(NODE)
    free = {each["metadata"]["name"]: int(each["status"]["allocatable"]["nvidia.com/gpu"]) for each in nodes}
    for pod in cluster.all_of(POD):
        node = pod["spec"].get("nodeName")
        if node in free:
            free[node] -= gpus_of(pod)
    return free
