"""One story, two doors: an `up` that is interrupted or killed, and the next one that takes the very same pods."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.e2e.doors import Door, Doors
from tests.e2e.loading import ENDLESS, let_load
from tests.e2e.programs import artifact, workload
from tools.interrupt.moments import Roll, leftovers, reach
from tools.interrupt.running import TAKEN_IN, Blow, Running
from tools.interrupt.stage import Stage

REPLICAS = 2
#: A provider that nobody waits for notices within a second or two; this is for a very busy machine (seconds).
NOTICED = 20.0


def nothing(stage: Stage, running: Running) -> None:
    """Nothing happens between the blow and the end."""
    del stage, running


@contextmanager
def struck(stack: Door, blow: Blow, then: Callable[[Stage, Running], None] = nothing) -> Iterator[tuple[Stage, str]]:
    """A Workload serves, its second version loads, the `up` is struck, something happens, it ends; what it said."""
    stack.declare(artifact=artifact(), workload=workload(REPLICAS))
    stack.must_up("--skip-preview")
    stack.declare(artifact=ENDLESS, workload=workload(REPLICAS))
    with stack.watched() as stage:
        roll = Roll.of(stage, replicas=REPLICAS)
        with stack.started_up() as running:
            assert reach(stage, roll, "loading", within=60), running.text()
            running.strike(blow)
            then(stage, running)
            assert running.ended(within=60) not in (None, 0), "the CLI ends"
            assert running.orphan_seconds(within=NOTICED) is not None, "its provider ends by itself"
            said = running.text()
        yield stage, said


def carried_on(stack: Door, stage: Stage) -> None:
    """One more `up` takes the pods that are there, and then nothing is left to do and nothing is left over."""
    pods = stack.pods("r2")
    assert len(pods) == REPLICAS
    with stack.on_its_own("counts"):
        stack.must_up("--skip-preview")
    assert stack.pods("r2") == pods, "nothing is loaded twice"
    assert stack.preview("--expect-no-changes").code == 0
    assert stack.outputs()["revision"] == "r2"
    assert stage.until(lambda seen: not leftovers(seen, wanted="r2"), within=20)
    assert (stage.fewest, stage.serving()) == (REPLICAS, REPLICAS)


def test_a_ctrl_c_stops_the_plugin_at_once_and_lets_the_dynamic_provider_finish(doors: Doors) -> None:
    doors.tell(is_interrupted)


def is_interrupted(stack: Door) -> None:
    def loads(stage: Stage, running: Running) -> None:
        assert running.says(TAKEN_IN, within=60), running.text()
        let_load(stage, stack.cluster, "r2", pods=REPLICAS)

    # Pulumi tells a dynamic provider nothing of a Ctrl-C: the CLI waits for it.
    waits = loads if stack.door == "dynamic" else nothing
    with struck(stack, "interrupt", waits) as (stage, said):
        if stack.door == "plugin":
            assert "The next `pulumi up` carries on from there" in said
            assert stage.active == "r1"
            let_load(stage, stack.cluster, "r2", pods=REPLICAS)
        else:
            assert "update canceled" in said
            assert stage.active == "r2"
        carried_on(stack, stage)


def test_the_cli_is_killed_and_an_orphan_moves_no_traffic(doors: Doors) -> None:
    doors.tell(is_killed)


def is_killed(stack: Door) -> None:
    with struck(stack, "cli") as (stage, _):
        assert stage.moves == []
        refused = stack.up("--skip-preview")
        assert refused.has("the stack is currently locked"), refused.text
        assert stack.run("cancel", "--yes").code == 0
        let_load(stage, stack.cluster, "r2", pods=REPLICAS)
        carried_on(stack, stage)
