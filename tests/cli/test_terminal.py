"""Progress for a person: one line in place on a terminal, a line for each change anywhere else."""

import asyncio
import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from inference_provider.cli import visit
from inference_provider.cli.terminal import TerminalReporter
from inference_provider.seam.errand import Target


def reported(*, terminal: bool) -> str:
    """What a stream gets of a short operation."""
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, highlight=False, markup=False, _environ={})
    with TerminalReporter(console) as report:
        for text in ("starting r2 beside r1", "r2: 0 of 2 pods ready", "r2: 0 of 2 pods ready", ""):
            report.status(text)
        report.info("[b] is kept")
        report.warn("it will wait")
        report.status("removing r1")
    return out.getvalue()


def test_without_a_terminal_each_change_is_a_line() -> None:
    assert reported(terminal=False).splitlines() == [
        "starting r2 beside r1",
        "r2: 0 of 2 pods ready",
        "[b] is kept",
        "warning: it will wait",
        "removing r1",
    ]


def test_on_a_terminal_the_status_is_taken_away_and_lines_stay() -> None:
    said = reported(terminal=True)

    assert "r2: 0 of 2 pods ready" in said
    assert "\x1b[2K" in said, "the line is written over"
    assert said.endswith("\x1b[?25h") or said.rstrip().endswith("\x1b[2K"), "the cursor is back on an empty line"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_interrupts_lets_the_work_give_back_what_it_holds(number: signal.Signals) -> None:
    given_back: list[str] = []

    async def work() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            given_back.append("the lock")

    with asyncio.Runner() as runner, pytest.raises(KeyboardInterrupt):
        visit.run(runner, work())

    assert given_back == ["the lock"]


def test_a_hangup_that_nohup_has_shut_out_interrupts_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        async def work() -> str:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0)
            return "done"

        with asyncio.Runner() as runner:
            assert visit.run(runner, work()) == "done"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_kubeconfig_s_content_is_not_shown_with_its_target() -> None:
    assert "token" not in repr(Target(kubeconfig="users: [{user: {token: hunter2}}]"))
