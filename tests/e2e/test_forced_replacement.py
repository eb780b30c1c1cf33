"""Whatever Pulumi is told to make anew, what serves goes on serving; what belongs to somebody else is left to them."""

from pathlib import Path

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.stage import Stage, watching

ARTIFACT = "urn:pulumi:dev::shop::pulumi-python:dynamic/inference:Artifact::llama"
WORKLOAD = "urn:pulumi:dev::shop::pulumi-python:dynamic/inference:Workload::chat"
LEFT_ALONE = "was created anew since"


def pods_of(stage: Stage, revision: str) -> set[str]:
    """The uids of a revision's pods."""
    return {pod["metadata"]["uid"] for pod in stage.pods(revision)}


def everything(stage: Stage) -> list[str]:
    """Whatever there is in the namespace that Kubernetes itself has not put there."""
    kinds = ("Service", "Deployment", "Pod", "Job", "Lease", "ConfigMap")
    return [name for kind in kinds for name in stage.of(kind) if name != "kube-root-ca.crt"]


def test_what_is_replaced_by_force_serves_on_with_the_same_pods(stack: Stack, simulated_cluster: Cluster) -> None:
    stack.declare(artifact=artifact(), workload=workload(2))
    stack.must_up("--skip-preview")
    stamps = [stack.outputs()["incarnation"]]
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        pods = pods_of(stage, "r1")
        forced = stack.must_up("--skip-preview", "--replace", ARTIFACT, "--replace", WORKLOAD)
        assert forced.has("Workload", LEFT_ALONE), forced.text
        assert forced.has("Artifact", LEFT_ALONE)
        stamps.append(stack.outputs()["incarnation"])

        for urn in (ARTIFACT, WORKLOAD):
            assert stack.run("state", "taint", urn, "--yes").code == 0
        assert stack.must_up("--skip-preview").has("Workload", LEFT_ALONE)
        stamps.append(stack.outputs()["incarnation"])
        assert len(set(stamps)) == 3, "each one that was made by force says so"
        assert pods_of(stage, "r1") == pods
        assert (stage.moves, stage.fewest) == ([], 2)

        assert stack.destroy().code == 0
        assert everything(stage) == []


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


def test_another_name_in_the_program_needs_an_alias(stack: Stack, simulated_cluster: Cluster) -> None:
    named = workload(name="chat")
    stack.declare(artifact=artifact(), workload=named)
    stack.must_up("--skip-preview")
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        pods = pods_of(stage, "r1")
        stack.declare(artifact=artifact(), workload=named, resource="talk")
        refused = stack.up("--skip-preview")
        assert refused.code != 0
        assert refused.has("NameTaken", f"Service {stack.namespace}/chat", f"alias {WORKLOAD}"), refused.text

        stack.declare(artifact=artifact(), workload=named, resource="talk", options=_alias(WORKLOAD))
        stack.must_up("--skip-preview")
        assert stack.preview("--expect-no-changes").code == 0
        assert pods_of(stage, "r1") == pods
        assert (stage.moves, stage.fewest) == ([], 1)
        assert stack.destroy().code == 0
        assert everything(stage) == []


def _alias(urn: str) -> dict[str, dict[str, list[str]]]:
    return {"workload": {"aliases": [urn]}}


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
