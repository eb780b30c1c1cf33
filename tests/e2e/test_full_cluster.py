"""A node whose GPUs are few, with the real CLI: refused, waiting, with an outage announced.

The Workload wants T4s, of which one node has four; somebody else's batch job holds some of them.
"""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.programs import Arguments, artifact, server
from tests.e2e.stack import Run, Stack
from tools.cluster import Cluster
from tools.cluster.client import Answer, ApiClient

MODEL, NODE, GPUS = "Tesla-T4", "gpu-t4-1", 4
#: Everything here is done within a fraction of this, on any machine (seconds).
PATIENCE = 120.0


class Neighbour:
    """Somebody else's batch job, in a namespace that is not the Workload's business."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def takes(self, gpus: int) -> None:
        """One pod with so many GPUs, which runs until somebody ends it."""
        limits = {"cpu": "1", "nvidia.com/gpu": str(gpus)}
        container = {"name": "train", "image": "example/train:v1", "resources": {"limits": limits}}
        spec = {"containers": [container], "nodeSelector": {"nvidia.com/gpu.product": MODEL}}
        body: Answer = {"metadata": {"name": "train"}, "spec": spec | {"tolerations": [{"operator": "Exists"}]}}
        self._client.request("POST", self._path, body=body)
        until(lambda: self.node == NODE, "the batch job has a node")

    def leaves(self) -> None:
        """Its GPUs fall free."""
        self._client.request("DELETE", f"{self._path}/train")

    @property
    def node(self) -> str | None:
        """Where it runs; None when it does not."""
        there = self._client.request("GET", f"{self._path}?fieldSelector=metadata.name%3Dtrain")["items"]
        living = [pod for pod in there if "deletionTimestamp" not in pod["metadata"]]
        return next((pod["spec"].get("nodeName") for pod in living), None)

    _path = "/api/v1/namespaces/default/pods"


def until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


@pytest.fixture
def neighbour(simulated_cluster: Cluster) -> Iterator[Neighbour]:
    """Nobody has a T4 before the story, and the neighbour has left after it."""
    client = simulated_cluster.client()
    until(lambda: not _on_the_node(client), "the node is empty")
    found = Neighbour(client)
    yield found
    if found.node is not None:
        found.leaves()


def _on_the_node(client: ApiClient) -> list[str]:
    pods = client.request("GET", f"/api/v1/pods?fieldSelector=spec.nodeName={NODE}")["items"]
    limits = [(pod, each["resources"].get("limits", {})) for pod in pods for each in pod["spec"]["containers"]]
    return [pod["metadata"]["name"] for pod, held in limits if "nvidia.com/gpu" in held]


def declare(stack: Stack, version: str, *, gpus: int, surge: str = "wait") -> None:
    """The Workload with one pod of so many T4s, and a way to find room for its next version."""
    hardware = {"cpu": 1, "memory": "1Gi", "gpu": gpus, "gpu_model": MODEL}
    group: Arguments = {"replica_count": 1, "containers": [{"name": "vllm", "resource_allocation": hardware}]}
    settings: Arguments = {"surge": surge, "drain_seconds": 1}
    workload: Arguments = {"runtime": {"container_groups": [group]}, "replacement": settings}
    stack.declare(artifact=artifact(server(version)), workload=workload)


def serves(stack: Stack, *, gpus: int) -> None:
    """Its first version does."""
    declare(stack, "v1", gpus=gpus)
    stack.must_up("--skip-preview")


def test_a_version_without_room_is_refused_or_waits_and_goes_on_when_gpus_fall_free(
    stack: Stack, neighbour: Neighbour
) -> None:
    serves(stack, gpus=2)
    neighbour.takes(1)
    missing = "needs 2 × Tesla-T4 (1 pod × 2): 1 free on gpu-t4-1; 2 missing"

    declare(stack, "v2", gpus=2, surge="require")
    refused = stack.up()
    before, _, after = refused.text.partition("Updating (")
    assert refused.code != 0
    assert Run(0, before).has("it will be refused: there is no room for the new version beside r1", missing)
    assert Run(0, after).has(missing, "Nothing was changed; r1 serves")
    assert " r2 " not in status(stack).text

    declare(stack, "v2", gpus=2)
    assert stack.preview().has("it will wait for room", "1 free on gpu-t4-1; 2 missing")
    with stack.started_up() as running:
        until(lambda: f"r2 waits for GPUs: {missing}" in running.text(), "pulumi up says that it waits")
        assert status(stack).has("r1 serves")
        neighbour.leaves()
        assert running.ended(within=PATIENCE) == 0, running.text()
    assert stack.outputs()["revision"] == "r2"


def test_an_outage_is_announced_before_the_old_version_makes_room(stack: Stack, neighbour: Neighbour) -> None:
    serves(stack, gpus=3)
    neighbour.takes(1)
    declare(stack, "v2", gpus=3, surge="recreate")

    up = stack.must_up()

    before, _, after = up.text.partition("Updating (")
    announced = "there will be an outage: r1 ends before the new version starts, and nobody serves for up to about"
    assert Run(0, before).has(announced, "there is room for one only")
    assert Run(0, after).has("r1 makes room for the new version: nobody serves until that is ready")
    assert (stack.outputs()["revision"], stack.outputs()["ready_replicas"]) == ("r2", 1)
    assert neighbour.node == NODE, "somebody else was pushed out"


def status(stack: Stack) -> Run:
    """What `pulumi-inference status` shows."""
    return stack.person("status", "chat")
