"""Manual promotion with the real CLI: staged, looked at, promoted by its number, and gone back from."""

import json

from tests.e2e.programs import Arguments, artifact, server, workload
from tests.e2e.stack import Stack


def program(stack: Stack, version: str, **settings: object) -> None:
    """The same Workload with another version, or with another word about it."""
    manual: Arguments = {"keep_old_version_minutes": 5, "promotion": "manual", **settings}
    stack.declare(artifact=artifact(server(version)), workload=workload(gpu=0, replacement=manual))


def outputs(stack: Stack) -> dict[str, object]:
    """What the stack says."""
    found: dict[str, object] = json.loads(stack.run("stack", "output", "--json").text)
    return found


def test_a_version_is_staged_promoted_by_its_number_and_put_back_while_staged(stack: Stack) -> None:
    program(stack, "v1")
    stack.must_up()
    program(stack, "v2")
    assert stack.preview().has("rolls from r1", "it then waits for promotion")
    up = stack.must_up()
    assert up.has("r2 is ready and waits for promotion; r1 serves", '`promote: "r2"`')
    assert outputs(stack)["revision"] == "r1"

    assert stack.run("preview", "--expect-no-changes").code == 0, "the same program has nothing to do"

    program(stack, "v2", promote="r2")
    assert stack.preview().has("r2", "takes over from r1: its pods run already, no load, no further GPUs")
    stack.must_up()
    assert outputs(stack)["revision"] == "r2"

    program(stack, "v3", promote="r2")
    assert stack.must_up().has("r3 is ready and waits", "promote names r2, which is not what waits")
    program(stack, "v2", promote="r2")
    assert stack.preview().has("r3", "is cancelled and removed; r2 serves on")
    stack.must_up()
    assert stack.run("preview", "--expect-no-changes").code == 0
