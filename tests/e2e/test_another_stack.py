"""What belongs to another stack is left to it."""

from pathlib import Path

from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.stage import Stage, watching


def pods_of(stage: Stage, revision: str) -> set[str]:
    """The uids of a revision's pods."""
    return {pod["metadata"]["uid"] for pod in stage.pods(revision)}


def test_another_stack_s_workload_is_left_to_it(stack: Stack, tmp_path: Path, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    other = Stack(tmp_path / "other", stack.parts, stack.kubeconfig, stack.namespace, name="staging").start()
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        pods = pods_of(stage, "r1")
        other.declare(artifact=artifact(name="mine"), workload=workload())
        refused = other.up("--skip-preview")
        assert refused.has("NameTaken", f"Service {stack.namespace}/chat", stack.urn("Workload", "chat")), refused.text
        assert other.destroy().code == 0
        assert pods_of(stage, "r1") == pods
        assert (stage.moves, stage.fewest) == ([], 1)
