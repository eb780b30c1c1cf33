"""A `pulumi up` that is killed or interrupted on its way: who serves goes on serving; one more `up` mends the rest."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.moments import Roll, leftovers, reach
from tools.interrupt.running import Blow, Running
from tools.interrupt.stage import Stage, watching

REPLICAS = 2
#: An orphaned provider notices within a second or two; this is what it may take on a very busy machine (seconds).
NOTICED = 10.0
#: Traffic that was on its way when the blow fell may still arrive (seconds).
UNDER_WAY = 2.0


@contextmanager
def serving(stack: Stack, cluster: Cluster) -> Iterator[Stage]:
    """A Workload that serves with its first version, and a program that wants the second one, which has to load."""
    stack.declare(artifact=artifact(), workload=workload(REPLICAS))
    stack.must_up("--skip-preview")
    stack.declare(artifact=artifact(server("v2", env={"SIM_LOAD_TIME": "1s"})), workload=workload(REPLICAS))
    with watching(cluster.client(), stack.namespace, "chat") as stage:
        yield stage


@contextmanager
def struck(stack: Stack, stage: Stage, blow: Blow, moment: str) -> Iterator[Running]:
    """An update that was struck when it had come to a moment; it has ended, but for orphans."""
    roll = Roll.of(stage, replicas=REPLICAS)
    with stack.started_up() as running:
        assert reach(stage, roll, moment, within=60), running.text()
        running.strike(blow)
        at = time.monotonic()
        assert running.ended(within=60) is not None, "the CLI ends"
        assert running.orphan_seconds(within=NOTICED) is not None, "its provider ends by itself"
        if blow != "interrupt":
            assert [move - at for move in stage.moves if move - at > UNDER_WAY] == []
        yield running


def settled(stack: Stack, stage: Stage, revision: str) -> None:
    """Nothing is left to do, nothing is left over, and there never were fewer endpoints than the old version had."""
    assert stack.preview("--expect-no-changes").code == 0
    assert stack.outputs()["revision"] == revision
    stage.until(lambda seen: not leftovers(seen, wanted=revision), within=20)
    assert leftovers(stage, wanted=revision) == []
    assert stage.fewest == REPLICAS
    assert stage.serving() == REPLICAS


def pods_of(stage: Stage, revision: str) -> set[str]:
    """The uids of a revision's pods."""
    return {pod["metadata"]["uid"] for pod in stage.pods(revision)}


def test_what_was_killed_right_after_the_switch_goes_back_with_the_old_program_and_leaves_nothing(
    stack: Stack, simulated_cluster: Cluster
) -> None:
    with serving(stack, simulated_cluster) as stage:
        pods = pods_of(stage, "r1")
        with struck(stack, stage, "both", "narrowed") as running:
            assert "Traceback" not in running.text()
        assert stack.run("cancel", "--yes").code == 0
        stack.declare(artifact=artifact(), workload=workload(REPLICAS))
        stack.must_up("--skip-preview")
        settled(stack, stage, "r1")
        assert pods_of(stage, "r1") == pods


def test_two_interrupts_amid_the_switch_and_the_next_up_ends_it(stack: Stack, simulated_cluster: Cluster) -> None:
    with serving(stack, simulated_cluster) as stage:
        with struck(stack, stage, "interrupt twice", "widened"):
            pods = pods_of(stage, "r1")
        stack.run("cancel", "--yes")
        stack.must_up("--skip-preview")
        settled(stack, stage, "r2")
        assert pods_of(stage, "r1") == pods, "the way back is open"
