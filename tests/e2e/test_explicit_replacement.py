"""A Replacement beside its Workload, with the real CLI: begun, looked at, refused, taken out of the program."""

from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Stack

EXTERNAL: Arguments = {"driver": "external"}


def declare(stack: Stack, version: str, *, driver: Arguments = EXTERNAL, **settings: object) -> None:
    """The Workload, and a Replacement that brings it to a version of the Artifact."""
    stack.declare(
        artifact=artifact(server(version)),
        workload=workload(gpu=0, replacement=driver),
        replacement={"keep_old_version_minutes": 5, **settings},
    )


def test_a_replacement_rolls_its_workload_and_is_taken_out_again(stack: Stack) -> None:
    declare(stack, "v1")
    stack.must_up("--skip-preview")
    assert stack.outputs()["replacementStatus"] == "completed"

    declare(stack, "v2")
    assert stack.preview().has("Workload", "rolls from r1", "because of artifactId")
    stack.must_up("--skip-preview")
    after = stack.outputs()
    assert (after["replacementRevision"], after["replacementStatus"]) == ("r2", "completed")
    assert stack.preview("--expect-no-changes").code == 0

    stack.declare(artifact=artifact(server("v2")), workload=workload(gpu=0))
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r2", "what serves is not touched"
