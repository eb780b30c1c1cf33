"""Whatever Pulumi is told to make anew, what serves goes on serving; what belongs to somebody else is left to them."""

from pathlib import Path

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.stage import Stage, watching

WORKLOAD = "urn:pulumi:dev::shop::pulumi-python:dynamic/inference:Workload::chat"
LEFT_ALONE = "was created anew since"


def pods_of(stage: Stage, revision: str) -> set[str]:
    """The uids of a revision's pods."""
    return {pod["metadata"]["uid"] for pod in stage.pods(revision)}


def everything(stage: Stage) -> list[str]:
    """Whatever there is in the namespace that Kubernetes itself has not put there."""
    kinds = ("Service", "Deployment", "Pod", "Job", "Lease", "ConfigMap")
    return [name for kind in kinds for name in stage.of(kind) if name != "kube-root-ca.crt"]


def test_a_change_that_is_made_by_force_rolls_all_the_same(stack: Stack, simulated_cluster: Cluster) -> None:
    told = {"workload": {"replace_on_changes": ["artifactId", "runtime"]}}
    stack.declare(artifact=artifact(), workload=workload(2), options=told)
    stack.must_up("--skip-preview")
    before = stack.outputs()
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        stack.declare(artifact=artifact(server("v2")), workload=workload(2), options=told)
        # A dynamic provider cannot tell the engine which properties differ, so replaceOnChanges alone does nothing.
        assert stack.must_up("--skip-preview", "--replace", WORKLOAD).has("Workload", LEFT_ALONE)
        after = stack.outputs()
        assert (after["revision"], after["endpoint"]) == ("r2", before["endpoint"])
        assert after["incarnation"] != before["incarnation"]
        assert (stage.fewest, len(stage.moves)) == (2, 2), "widened, narrowed, and never below"
        assert len(pods_of(stage, "r1")) == 2, "the way back is open"


def test_another_stack_s_workload_is_left_to_it(stack: Stack, tmp_path: Path, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(), workload=workload())
    stack.must_up("--skip-preview")
    other = Stack(tmp_path / "other", stack.parts, stack.kubeconfig, stack.namespace, name="staging").start()
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        pods = pods_of(stage, "r1")
        other.declare(artifact=artifact(name="mine"), workload=workload())
        refused = other.up("--skip-preview")
        assert refused.has("NameTaken", f"Service {stack.namespace}/chat", WORKLOAD), refused.text
        assert other.destroy().code == 0
        assert pods_of(stage, "r1") == pods
        assert (stage.moves, stage.fewest) == ([], 1)


def test_what_could_not_be_replaced_by_force_can_still_be_destroyed(stack: Stack, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(), workload=workload(2))
    stack.must_up("--skip-preview")
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        pods = pods_of(stage, "r1")
        stack.declare(artifact=artifact(server("v2", env={"SIM_OOM": "true"})), workload=workload(2))
        failed = stack.up("--skip-preview", "--replace", WORKLOAD)
        assert failed.has("RolloutFailed", "ran out of memory", "r1 still serves"), failed.text
        assert pods_of(stage, "r1") == pods
        assert (stage.moves, stage.fewest) == ([], 2)
        assert stack.destroy().code == 0
        assert everything(stage) == [], "its incarnation was stamped last, so it still is the stack's"
