"""`status --watch`: in place on a terminal, a changed line at a time without one, and a clean end."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

from rich.console import Console
from rich.text import Text

from inference_provider.cli.changes import changes, facts
from inference_provider.cli.watching import Picture
from inference_provider.errors import Unavailable
from inference_provider.manifests.kinds import LEASE, SERVICE
from inference_provider.resources.status import Status
from tests.cli.desk import Desk
from tests.cli.test_looks import ACTIVE, CANDIDATE, KEPT, SERVING
from tests.cli.test_status import lease, serving
from tests.support.fake_cluster import Fault


def press_ctrl_c() -> None:
    """What the loop meets when somebody does."""
    raise KeyboardInterrupt


def in_time(desk: Desk, *happenings: tuple[float, Callable[[], object]]) -> None:
    """Let things happen so many seconds after a command has begun."""
    for seconds, happening in happenings:
        desk.loop.call_later(seconds, happening)


def without_times(stdout: str) -> list[str]:
    """The lines after their times."""
    return [re.sub(r"^\d\d:\d\d:\d\d UTC  ", "", line) for line in stdout.splitlines()]


def test_without_a_terminal_everything_is_said_once_and_then_each_change(desk: Desk) -> None:
    serving(desk)
    in_time(
        desk,
        (7, lambda: desk.outside.controllers.set_ready("chat-r1-001", ready=False)),
        (30, lambda: desk.outside.controllers.set_ready("chat-r1-001", ready=True)),
        (60, press_ctrl_c),
    )

    said = desk.types("status", "chat", "-w")

    assert (said.exit_code, said.stderr) == (0, "")
    lines = without_times(said.stdout)
    assert lines[:3] == ["models/chat is running", "traffic goes to r1", "r1 is active: 2 of 2 pods ready"]
    after = lines[lines.index("create r1 completed after 0 s") + 1 :]
    assert [line for line in after if "chat-r1-001: " in line or line.startswith("r1")] == [
        "r1 is active: 1 of 2 pods ready; chat-r1-001: container vllm is loading",
        "chat-r1-001: loading on gpu-1",
        "r1 is active: 2 of 2 pods ready",
        "chat-r1-001: ready on gpu-1",
    ]


def test_a_workload_that_goes_away_ends_the_watch(desk: Desk) -> None:
    serving(desk)
    in_time(desk, (3, lambda: desk.cluster.remove(SERVICE, "models", "chat")))

    said = desk.types("status", "chat", "--watch")

    assert (said.exit_code, said.stderr) == (0, "Workload chat is gone\n")


def test_a_name_that_is_not_there_is_no_watch(desk: Desk) -> None:
    assert desk.types("status", "chat", "-w").exit_code == 3


def test_while_the_cluster_does_not_answer_it_is_asked_again(desk: Desk) -> None:
    serving(desk)
    silent = Unavailable("list", kind="Pod", namespace="models", name="*", said="no answer")
    in_time(desk, (2, lambda: desk.cluster.faults.append(Fault("find", SERVICE, silent))), (30, press_ctrl_c))

    said = desk.types("status", "chat", "-w")

    assert said.exit_code == 0
    assert said.stderr == ("the cluster does not answer, and is asked again: could not list Pod models/*: no answer\n")


def test_a_program_gets_a_document_for_each_change_and_none_for_a_sign_of_life(desk: Desk) -> None:
    serving(desk)
    desk.does(desk.cluster.create(LEASE, lease("root@vm/1/a")))

    def alive() -> None:
        desk.cluster.put(LEASE, {**lease("root@vm/1/a", renewed="2026-11-21T03:00:13Z")})

    in_time(
        desk,
        (5, alive),
        (10, lambda: desk.outside.controllers.set_ready("chat-r1-001", ready=False)),
        (30, press_ctrl_c),
    )

    said = desk.types("status", "chat", "-w", "-o", "json")

    assert [json.loads(line)["ready"] for line in said.stdout.splitlines()] == [2, 1]


def test_all_workloads_are_watched_a_line_each(desk: Desk) -> None:
    serving(desk)
    in_time(
        desk,
        (5, lambda: desk.outside.controllers.set_ready("chat-r1-001", ready=False)),
        (20, press_ctrl_c),
    )

    said = desk.types("list", "-A", "-w")

    assert said.exit_code == 0
    assert [line.partition(": ")[2] for line in without_times(said.stdout)] == [
        "r1, 2 of 2 pods ready, traffic to r1",
        "r1, 1 of 2 pods ready, traffic to r1",
    ]


def test_what_changed_is_said_and_what_is_gone() -> None:
    kept = replace(SERVING, versions=(ACTIVE, CANDIDATE))

    assert list(changes(facts(SERVING), facts(kept))) == [
        "r3 is coming up: 0 of 2 pods ready; chat-r3-6fbddf5879-648fh: container server has no room on any of 8 nodes",
        "chat-r3-6fbddf5879-648fh: no node (4 × GPU)",
        "r1 is gone",
    ]
    assert KEPT.revision == "r1"


def test_on_a_terminal_the_picture_is_drawn_over_itself_and_stays_at_the_end() -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=10, _environ={})
    picture = Picture[Status](console, lambda seen: Text(f"{seen.ready} ready"))

    with picture:
        picture.sees(SERVING)
        picture.sees(replace(SERVING, ready=1))
        picture.lost("no answer")
        picture.sees(replace(SERVING, ready=2))

    said = out.getvalue()
    assert "\x1b[2K" in said, "lines are written over"
    assert said.index("1 ready") < said.index("the cluster does not answer") < said.rindex("2 ready")
    assert said.rstrip("\n").endswith("\x1b[?25h"), "the cursor is back"
