"""Two runs want the same Workload at once: one works, the other is told who does, and both stacks stay usable."""

from pathlib import Path

from tests.e2e.loading import ENDLESS, let_load
from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.moments import Roll, holder, leftovers, reach
from tools.interrupt.stage import watching


def test_the_second_of_two_ups_is_told_who_is_at_work_and_since_when(
    stack: Stack, tmp_path: Path, simulated_cluster: Cluster
) -> None:
    stack.declare(artifact=artifact(), workload=workload(2))
    stack.must_up("--skip-preview")
    stack.declare(artifact=ENDLESS, workload=workload(2))
    # The same project and stack on another machine, whose backend knows nothing of the first one.
    other = Stack(tmp_path / "other", stack.parts, stack.kubeconfig, stack.namespace).start()
    other.declare(artifact=ENDLESS, workload=workload(2))
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        roll = Roll.of(stage, replicas=2)
        with stack.started_up() as running:
            assert reach(stage, roll, "loading", within=60), running.text()
            at_work = holder(stage)
            since, _, _ = str(stage.of("Lease")["chat"]["spec"]["acquireTime"]).partition(".")
            assert f"/{running.providers()[0].pid}/" in at_work
            refused = other.up("--skip-preview")
            assert refused.has(f"LockHeld: Workload {stack.namespace}/chat is being worked on by {at_work}", since)
            assert "Traceback" not in refused.text
            assert holder(stage) == at_work, "it was not taken away"
            let_load(stage, simulated_cluster.client(), "r2", pods=2)
            assert running.ended(within=60) == 0, running.text()
        assert (stack.outputs()["revision"], stage.fewest) == ("r2", 2)
        # To the cluster both are one stack: the other's Artifact is this one, made anew, and the next run notes that.
        stack.must_up("--skip-preview")
        assert stack.preview("--expect-no-changes").code == 0

        other.must_up("--skip-preview")
        assert other.outputs()["revision"] == "r2"
        assert (len(stage.moves), stage.fewest) == (2, 2), "nothing rolled twice"
        assert leftovers(stage, wanted="r2") == []
