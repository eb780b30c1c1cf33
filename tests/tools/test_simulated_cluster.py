"""Making, repairing and removing simulated clusters; their nodes."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pods import Pods, ready
from tools.cluster import DEFAULT_NODES, Cluster, ClusterError, NodeSpec, cluster, create, delete, find_node, lose_node
from tools.cluster.client import Answer
from tools.cluster.nodes import H100
from tools.cluster.state import command_line

SMALL = (NodeSpec("gpu-1", "eu-central-1", "eu-central-1a", "p5.48xlarge", "192", "2048Gi", H100, 8),)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Where a second cluster may be, beside the session's; its files are in a folder of its own."""
    place = cluster(f"second-{os.getpid()}", root=tmp_path_factory.mktemp("second"))
    yield place
    delete(place.name, root=place.root)


@pytest.fixture
def second(toolchain_bin: Path, beside: Cluster) -> Cluster:
    """It runs, with one node; that of the test before, if anything is left of it: making one takes seconds."""
    assert toolchain_bin.is_dir()
    return create(beside.name, nodes=SMALL, root=beside.root)


def _node(where: Cluster, name: str) -> Answer:
    return where.client().request("GET", f"/api/v1/nodes/{name}")


def _until_node(where: Cluster, name: str, *, status: str) -> Answer:
    deadline = time.monotonic() + 30
    while True:
        node = _node(where, name)
        if [each["status"] for each in node["status"]["conditions"] if each["type"] == "Ready"] == [status]:
            return node
        assert time.monotonic() < deadline, f"node {name} did not become {status}"
        time.sleep(0.05)


def test_there_are_three_kinds_of_gpu_in_two_regions(simulated_cluster: Cluster) -> None:
    nodes = simulated_cluster.client().request("GET", "/api/v1/nodes?labelSelector=nvidia.com/gpu.present")["items"]

    labels = [node["metadata"]["labels"] for node in nodes]
    assert len({each["nvidia.com/gpu.product"] for each in labels}) >= 3
    assert {each["topology.kubernetes.io/region"] for each in labels} == {"eu-central-1", "us-east-1"}
    for node in nodes:
        assert node["status"]["allocatable"]["nvidia.com/gpu"] == node["metadata"]["labels"]["nvidia.com/gpu.count"]


def test_a_gpu_node_says_what_gpu_feature_discovery_would(simulated_cluster: Cluster) -> None:
    labels = _node(simulated_cluster, "gpu-h100-1")["metadata"]["labels"]

    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert labels["nvidia.com/gpu.memory"] == "81559"
    assert labels["nvidia.com/gpu.family"] == "hopper"
    assert (labels["nvidia.com/gpu.compute.major"], labels["nvidia.com/gpu.compute.minor"]) == ("9", "0")


def test_everything_listens_on_loopback(simulated_cluster: Cluster) -> None:
    assert "https://127.0.0.1:" in simulated_cluster.kubeconfig.read_text()
    assert len(simulated_cluster.processes()) == 5


def test_creating_a_running_cluster_keeps_it(second: Cluster) -> None:
    before = second.processes()

    again = create(second.name, nodes=SMALL, root=second.root)

    assert again.processes() == before


def test_a_cluster_that_lost_its_processes_is_repaired_with_its_objects(second: Cluster) -> None:
    second.client().request("POST", "/api/v1/namespaces", body={"metadata": {"name": "kept"}})
    for pid in second.processes().values():
        os.kill(pid, signal.SIGKILL)

    repaired = create(second.name, nodes=SMALL, root=second.root)

    assert len(repaired.processes()) == 5
    assert repaired.client().request("GET", "/api/v1/namespaces/kept")["metadata"]["name"] == "kept"


def test_a_cluster_whose_files_are_damaged_is_made_again(second: Cluster) -> None:
    second.kill()
    second.kubeconfig.unlink()

    repaired = create(second.name, nodes=SMALL, root=second.root)

    assert repaired.alive()


def test_deleting_leaves_no_process_and_no_file(second: Cluster) -> None:
    pids = second.processes().values()

    assert delete(second.name, root=second.root) is True
    assert delete(second.name, root=second.root) is False

    assert not second.exists()
    assert [pid for pid in pids if command_line(pid)] == []


def test_a_pid_that_belongs_to_a_stranger_is_left_alone(tmp_path: Path) -> None:
    dead = cluster("stranger", root=tmp_path)
    (dead.work / "pids").mkdir(parents=True)
    (dead.work / "pids" / "etcd.pid").write_text(str(os.getpid()))

    assert dead.processes() == {}
    assert delete("stranger", root=tmp_path) is True


def test_a_lost_node_freezes_its_pods_until_it_is_found(simulated_cluster: Cluster, namespace: str) -> None:
    pods = Pods(simulated_cluster.client(), namespace)
    pods.start("server", spec={"nodeSelector": {"kubernetes.io/hostname": "gpu-t4-1"}})
    pods.until("server", ready)

    lose_node(simulated_cluster, "gpu-t4-1")
    _until_node(simulated_cluster, "gpu-t4-1", status="Unknown")
    assert not ready(pods.read("server"))
    pods.delete("server")
    assert pods.there("server")

    find_node(simulated_cluster, "gpu-t4-1")
    _until_node(simulated_cluster, "gpu-t4-1", status="True")
    deadline = time.monotonic() + 30
    while pods.there("server"):
        assert time.monotonic() < deadline, "the pod outlived its node's return"
        time.sleep(0.05)


def test_a_name_that_is_no_name_is_refused() -> None:
    with pytest.raises(ClusterError, match="lower-case letters"):
        cluster("../etc")


def test_asking_a_cluster_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"no simulated cluster 'absent'\. Make it with"):
        cluster("absent", root=tmp_path).client()


def test_the_default_nodes_hold_two_generations_of_the_quickstart() -> None:
    assert sum(spec.gpus for spec in DEFAULT_NODES if spec.gpu is H100 and spec.region == "eu-central-1") >= 8
