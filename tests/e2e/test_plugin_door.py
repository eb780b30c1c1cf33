"""What only the plugin can do: say what is there when something failed half-way, and stop when it is told to."""

import json
from typing import Any

from inference_provider.resources.outputs import Told
from inference_provider.resources.registry import ARTIFACT, WORKLOAD, Kind
from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.moments import Roll, reach
from tools.interrupt.stage import watching

QUICKLY = 20.0


def saved(stack: Stack, kind: Kind = WORKLOAD) -> dict[str, Any]:
    """A resource as the stack's state has it."""
    return next(each for each in resources(stack) if each["type"] == kind.token)


def resources(stack: Stack) -> list[dict[str, Any]]:
    """Everything in the stack's state."""
    found: list[dict[str, Any]] = json.loads(stack.exported())["deployment"]["resources"]
    return found


def told(stack: Stack, kind: Kind) -> Told:
    """Its computed outputs; fails when one is missing, too much, or of another type than the schema says."""
    outputs = saved(stack, kind)["outputs"]
    return kind.told.model_validate({name: outputs.get(name) for name in kind.outputs})


def test_a_failed_update_is_kept_as_a_partial_failure_with_its_reasons(plugged: Stack) -> None:
    plugged.declare(artifact=artifact(), workload=workload())
    plugged.must_up("--skip-preview")
    for kind in (ARTIFACT, WORKLOAD):
        told(plugged, kind)
    plugged.declare(artifact=artifact(server("v2", env={"SIM_OOM": "true"})), workload=workload())

    failed = plugged.up("--skip-preview")

    assert failed.code != 0
    assert failed.has("* r2 did not become ready", "ran out of memory at its limit of 1Gi", "r1 still serves")
    assert failed.has("* Last lines of vllm")
    assert "Traceback" not in failed.text
    kept = saved(plugged)
    assert kept["outputs"]["revision"] == "r1", "the state says what serves"
    assert "ran out of memory" in kept["initErrors"][0]

    plugged.declare(artifact=artifact(), workload=workload())
    plugged.must_up("--skip-preview")
    assert "initErrors" not in saved(plugged)
    assert plugged.preview("--expect-no-changes").code == 0


def test_ctrl_c_stops_at_once_and_the_next_up_takes_the_same_pods(plugged: Stack, simulated_cluster: Cluster) -> None:
    plugged.declare(artifact=artifact(), workload=workload())
    plugged.must_up("--skip-preview")
    plugged.declare(artifact=artifact(server("v2", env={"SIM_LOAD_TIME": "20s"})), workload=workload())

    with watching(simulated_cluster.client(), plugged.namespace, "chat") as stage:
        with plugged.started_up() as running:
            assert reach(stage, Roll.of(stage, replicas=1), "loading", within=60), running.text()
            running.strike("interrupt")
            assert running.ended(within=QUICKLY) not in (None, 0)
            assert "The next `pulumi up` carries on from there" in running.text()
        pods = {pod["metadata"]["uid"] for pod in stage.pods("r2")}
        assert len(pods) == 1
        assert saved(plugged)["outputs"]["revision"] == "r1"

        plugged.must_up("--skip-preview")

        assert {pod["metadata"]["uid"] for pod in stage.pods("r2")} == pods, "nothing is loaded twice"
        assert saved(plugged)["outputs"]["revision"] == "r2"


def test_a_first_create_that_was_interrupted_is_known_to_the_stack_carried_on_and_destroyed(
    plugged: Stack, simulated_cluster: Cluster
) -> None:
    plugged.declare(artifact=artifact(server(env={"SIM_LOAD_TIME": "15s"})), workload=workload())
    with watching(simulated_cluster.client(), plugged.namespace, "chat") as stage:
        with plugged.started_up() as running:
            assert stage.until(lambda seen: bool(seen.pods("r1")), within=60), running.text()
            running.strike("interrupt")
            assert running.ended(within=QUICKLY) not in (None, 0)
        half = saved(plugged)
        assert half["initErrors"]
        assert half["outputs"].get("incarnation") is None, "it counts as unfinished"

        plugged.must_up("--skip-preview")
        assert saved(plugged)["outputs"]["incarnation"]
        assert plugged.preview("--expect-no-changes").code == 0

        gone = plugged.destroy()

        assert gone.code == 0, gone.text
        assert stage.until(lambda seen: not seen.pods("r1"), within=QUICKLY)


def test_what_is_there_can_be_imported_and_nothing_changes_afterwards(plugged: Stack) -> None:
    plugged.declare(
        artifact=artifact(description="the model"), workload=workload(2, description="chat", tags={"a": "b"})
    )
    plugged.must_up("--skip-preview")
    before = [told(plugged, kind) for kind in (ARTIFACT, WORKLOAD)]
    for kind in (WORKLOAD, ARTIFACT):
        assert plugged.run("state", "delete", saved(plugged, kind)["urn"], "--yes").code == 0

    for kind, name in ((ARTIFACT, "llama"), (WORKLOAD, "chat")):
        place = f"{plugged.namespace}/{name}"
        taken = plugged.run("import", kind.token, name, place, "--generate-code=false", "--protect=false", "--yes")
        assert taken.code == 0, taken.text

    assert [told(plugged, kind) for kind in (ARTIFACT, WORKLOAD)] == before
    unchanged = plugged.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text


def test_what_is_not_there_cannot_be_imported(plugged: Stack) -> None:
    missing = plugged.run(
        "import", WORKLOAD.token, "chat", f"{plugged.namespace}/chat", "--generate-code=false", "--yes"
    )

    assert missing.code != 0
    assert "does not exist" in missing.text, missing.text
