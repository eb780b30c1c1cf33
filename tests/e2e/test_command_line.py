"""`pulumi-inference` beside the real `pulumi`: what a person says at night, and what the next `up` makes of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Run, Stack
from tools.cluster import Cluster
from tools.interrupt.moments import Roll, leftovers, reach
from tools.interrupt.stage import watching

REPLICAS = 2


def wants(stack: Stack, version: str) -> None:
    """Write a program that names a version."""
    stack.declare(artifact=artifact(server(version)), workload=workload(REPLICAS, gpu=0))


def said_by(run: Run, *parts: str) -> None:
    """A command that went well and says this in one line."""
    assert run.code == 0, run.text
    assert run.has(*parts), run.text


@contextmanager
def no_room(cluster: Cluster, namespace: str) -> Iterator[None]:
    """During the block there can be no further pods: what comes up waits for ever."""
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    client = cluster.client()
    quota = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": str(REPLICAS)}}}
    client.request("POST", path, body=quota)
    yield
    client.request("DELETE", f"{path}/full")


def test_an_up_that_somebody_cancels_ends_in_a_sentence_and_rolls_once_it_is_resumed(
    stack: Stack, simulated_cluster: Cluster
) -> None:
    wants(stack, "v1")
    stack.must_up("--skip-preview")
    wants(stack, "v2")
    with watching(simulated_cluster.client(), stack.namespace, "chat") as stage:
        roll = Roll.of(stage, replicas=REPLICAS)
        with no_room(simulated_cluster, stack.namespace), stack.started_up() as running:
            assert reach(stage, roll, "entombed", within=60), running.text()
            said_by(stack.person("status", "chat"), "worked on by", f"/{running.providers()[0].pid}/")
            cancelled = stack.person("cancel", "chat", "--yes", "--reason", "not tonight")
            said_by(cancelled, f"{stack.namespace}/chat is running: r1", f"{REPLICAS} of {REPLICAS} pods ready")
            said_by(cancelled, "r2 is held", f"`pulumi-inference resume chat -n {stack.namespace}` lifts that")
            code = running.ended(within=60)
            stepped_back = Run(0 if code else 1, running.text())
        said_by(stepped_back, "Cancelled: ", "cancelled r2", "(not tonight)", "r1 still serves", "resume chat")
        assert "Traceback" not in stepped_back.text

        said_by(stack.up("--skip-preview"), "warning: ", "stays as it is", "cancelled r2", "(not tonight)")
        assert (stage.active, stage.moves) == ("r1", [])
        assert stage.until(lambda seen: not leftovers(seen, wanted="r1"), within=20)

        said_by(stack.person("resume", "chat"), "The next `pulumi up` does what the program says")
        stack.must_up("--skip-preview")
        assert stack.preview("--expect-no-changes").code == 0
        assert (stage.active, stage.fewest) == ("r3", REPLICAS)


def test_what_was_stopped_stays_so_until_somebody_starts_it(stack: Stack) -> None:
    wants(stack, "v1")
    stack.must_up("--skip-preview")
    said_by(stack.person("stop", "chat", "--yes", "--reason", "too dear"), "has no pods")
    said_by(stack.up("--skip-preview"), "stays as it is", "stopped the Workload", "(too dear)", "start chat")
    assert stack.outputs()["status"] == "stopped"
    said_by(stack.person("start", "chat"), f"{REPLICAS} of {REPLICAS} pods ready")
    stack.must_up("--skip-preview")
    assert stack.preview("--expect-no-changes").code == 0
    assert stack.outputs()["status"] == "running"
