"""What only the plugin can do: keep a first create that was interrupted, and take over what is there."""

from typing import Any

from inference_provider.resources.outputs import Told
from inference_provider.resources.registry import ARTIFACT, WORKLOAD, Kind
from tests.e2e.loading import ENDLESS, let_load
from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack
from tools.cluster import Cluster
from tools.interrupt.stage import watching

QUICKLY = 20.0


def saved(stack: Stack, kind: Kind = WORKLOAD) -> dict[str, Any]:
    """A resource as the stack's state has it."""
    return next(each for each in resources(stack) if each["type"] == kind.token)


def resources(stack: Stack) -> list[dict[str, Any]]:
    """Everything in the stack's state."""
    return stack.resources()


def told(stack: Stack, kind: Kind) -> Told:
    """Its computed outputs; fails when one is missing, too much, or of another type than the schema says."""
    outputs = saved(stack, kind)["outputs"]
    return kind.told.model_validate({name: outputs.get(name) for name in kind.outputs})


def test_a_first_create_that_was_interrupted_is_known_to_the_stack_carried_on_and_destroyed(
    plugged: Stack, simulated_cluster: Cluster
) -> None:
    plugged.declare(artifact=ENDLESS, workload=workload())
    with watching(simulated_cluster.client(), plugged.namespace, "chat") as stage:
        with plugged.started_up() as running:
            assert stage.until(lambda seen: bool(seen.pods("r1")), within=60), running.text()
            running.strike("interrupt")
            assert running.ended(within=QUICKLY) not in (None, 0)
        half = saved(plugged)
        assert half["initErrors"]
        assert half["outputs"].get("incarnation") is None, "it counts as unfinished"

        let_load(stage, simulated_cluster.client(), "r1", pods=1)
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
