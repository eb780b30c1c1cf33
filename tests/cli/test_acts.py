"""`pulumi-inference undo`, `resume`, `cancel`, `stop`, `start`: asked first, done under the lock, told afterwards."""

import pytest

from inference_provider.errors import LockHeld
from inference_provider.manifests.kinds import POD, SERVICE
from inference_provider.resources.world import Properties
from inference_provider.rollout.hold import Hold, hold_of
from tests.cli.desk import Desk
from tests.cli.test_status import serving


def twice(desk: Desk) -> tuple[Properties, Properties]:
    """A Workload that was changed once: r2 serves, r1 is kept."""
    first = serving(desk)
    return first, serving(desk, "vllm/vllm:v2", olds=first)


def held(desk: Desk) -> Hold | None:
    """What stands on the Workload's Service."""
    return hold_of(desk.cluster.named(SERVICE, "chat"))


def revision(desk: Desk) -> object:
    """Which one serves."""
    return desk.cluster.named(SERVICE, "chat")["metadata"]["annotations"]["pulumi-inference.dev/active"]


def test_undo_asks_with_what_will_happen_and_then_does_it(desk: Desk) -> None:
    first, second = twice(desk)
    desk.answers = [True]

    said = desk.types("undo", "chat", "--reason", "answers slowly")

    assert said.exit_code == 0, said.output
    kept = str(first["activeArtifactId"])
    assert desk.asked == [f"Take models/chat back from r2 to r1 ({kept}, 2 of 2 pods ready)?"]
    assert said.stdout.splitlines() == [
        f"models/chat is running: r1 ({kept}) serves, 2 of 2 pods ready",
        "r2 is held: `pulumi-inference resume chat` lifts that, as does any other version in the program",
    ]
    hold = held(desk)
    assert hold is not None
    assert (hold.kind, hold.revision, hold.by, hold.reason) == ("undo", "r2", "ann", "answers slowly")
    assert "held: ann took r2 back at" in desk.types("status", "chat").stdout
    assert "  undo  " in desk.types("status").stdout
    assert second["revision"] == "r2"


def test_whoever_says_no_changes_nothing(desk: Desk) -> None:
    twice(desk)
    writes = desk.cluster.writes
    desk.answers = [False]

    said = desk.types("undo", "chat")

    assert (said.exit_code, said.stderr) == (1, "refused: nothing was changed\n")
    assert (revision(desk), desk.cluster.writes) == ("r2", writes)


@pytest.mark.parametrize("verb", ["undo", "cancel", "stop"])
def test_where_nobody_can_be_asked_yes_must_be_said(desk: Desk, verb: str) -> None:
    said = desk.types(verb, "chat")

    assert (said.exit_code, said.stdout, desk.targets) == (2, "", [])
    assert said.stderr == f"error: `{verb}` asks first, and here is nobody to be asked: add --yes\n"


def test_without_a_kept_version_undo_says_what_to_do_instead(desk: Desk) -> None:
    serving(desk)

    said = desk.types("undo", "chat", "--yes")

    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.splitlines()[-1].startswith("error: no earlier version of Workload models/chat is kept")


def test_resume_lifts_what_undo_left(desk: Desk) -> None:
    twice(desk)
    desk.types("undo", "chat", "-y")

    said = desk.types("resume", "chat")

    assert said.exit_code == 0, said.output
    assert held(desk) is None
    assert said.stdout.endswith("\nThe next `pulumi up` does what the program says\n")
    assert desk.types("resume", "chat").stderr.splitlines()[-1].startswith("error: Workload models/chat is not held")


def test_stop_asks_and_start_brings_the_pods_back(desk: Desk) -> None:
    serving(desk)
    desk.answers = [True]

    stopped = desk.types("stop", "chat", "--reason", "costs")

    assert desk.asked == [
        "Stop models/chat? Nobody answers at http://chat.models.svc.cluster.local until it is started again."
    ]
    assert stopped.exit_code == 0, stopped.output
    assert stopped.stdout.startswith("models/chat is stopped: r1 (models/llama@")
    assert ") has no pods\n" in stopped.stdout
    assert "r1 is held: `pulumi-inference start chat` lifts that" in stopped.stdout
    assert not desk.cluster.all_of(POD)
    assert "r1 is stopped" in desk.types("status", "chat").stdout

    started = desk.types("start", "chat")

    assert started.exit_code == 0, started.output
    assert started.stdout.startswith("models/chat is running: r1 (models/llama@")
    assert len(desk.cluster.all_of(POD)) == 2
    assert held(desk) is None


def test_in_a_quiet_night_there_is_nothing_to_cancel_and_no_question(desk: Desk) -> None:
    serving(desk)
    desk.answers = []

    said = desk.types("cancel", "chat")

    assert (said.exit_code, desk.asked) == (1, [])
    assert said.stderr == "error: no replacement of Workload models/chat is under way: r1 serves\n"


def test_while_a_pulumi_up_runs_the_others_wait_their_turn(desk: Desk) -> None:
    twice(desk)
    desk.cluster.lock_error = LockHeld("Workload models/chat is being worked on by root@vm/1/a since 03:00")

    said = desk.types("undo", "chat", "--yes")

    assert (said.exit_code, revision(desk)) == (4, "r2")
    assert said.stderr.splitlines()[-1] == "error: Workload models/chat is being worked on by root@vm/1/a since 03:00"


def test_a_name_that_is_not_there_is_found_out_before_anybody_is_asked(desk: Desk) -> None:
    serving(desk)
    desk.answers = [True]

    assert "There are: chat" in desk.types("stop", "chta").stderr
    assert desk.asked == []


def test_ctrl_c_says_what_is_left_and_how_to_look(desk: Desk) -> None:
    desk.closed = KeyboardInterrupt()

    said = desk.types("undo", "chat", "-n", "models", "--yes")

    assert said.exit_code == 130
    assert said.stderr.startswith("interrupted: what serves goes on serving, and the lock is given back.")
    assert "`pulumi-inference status chat -n models` shows how far it came" in said.stderr
