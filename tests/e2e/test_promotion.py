"""Manual promotion with the real CLI: staged, looked at, promoted by its number."""

from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Stack


def program(stack: Stack, version: str, **settings: object) -> None:
    """The same Workload with another version, or with another word about it."""
    manual: Arguments = {"keep_old_version_minutes": 5, "promotion": "manual", **settings}
    stack.declare(artifact=artifact(server(version)), workload=workload(gpu=0, replacement=manual))


def test_a_version_is_staged_and_takes_over_when_its_number_is_said(stack: Stack) -> None:
    program(stack, "v1")
    stack.must_up("--skip-preview")
    program(stack, "v2")
    up = stack.must_up("--skip-preview")
    assert up.has("r2 is ready and waits for promotion; r1 serves", '`promote: "r2"`')
    assert stack.outputs()["revision"] == "r1"
    assert stack.preview("--expect-no-changes").code == 0, "the same program has nothing to do"

    program(stack, "v2", promote="r2")
    assert stack.preview().has("r2", "takes over from r1: its pods run already, no load, no further GPUs")
    stack.must_up("--skip-preview")
    assert stack.outputs()["revision"] == "r2"
