"""Lines on a resource's row: how many statuses there are, which is seen last, and what a hanging engine may cost."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from typing import cast

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from inference_provider.seam.reporting import ARRIVAL_SECONDS, STATUS_EVERY, EngineReporter, Pace, address_in
from tests.support.virtual_time import VirtualLoop

URN = "urn:pulumi:dev::shop::inference:index:Workload::chat"
#: What a resource does with its row: seconds pass, a status, a line that stays, or a call ends and another begins.
acts = st.one_of(
    st.floats(0.0, 3.0), st.sampled_from(["loading 1", "loading 2", "switching", "removing", "+ a line", "next call"])
)


class Line:
    """One line on its way, which arrives at once or never."""

    def __init__(self, *, arrives: bool) -> None:
        self.arrives, self.waited = arrives, 0.0

    def result(self, timeout: float) -> None:
        """Wait for it."""
        if not self.arrives:
            self.waited = min(timeout, 0.4)
            time.sleep(self.waited)
            raise grpc.FutureTimeoutError


class Row:
    """An engine that writes down when each line came."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.lines: list[tuple[float, str, bool]] = []
        self.sent: list[Line] = []
        self.hangs = hangs
        self.clock: Callable[[], float] = time.monotonic
        self.Log = self  # the engine's call

    def future(self, request: engine_pb2.LogRequest, timeout: float) -> Line:
        """A line comes."""
        assert timeout > 0
        self.lines.append((self.clock(), request.message, request.ephemeral))
        self.sent.append(Line(arrives=not self.hangs))
        return self.sent[-1]

    @property
    def statuses(self) -> list[tuple[float, str]]:
        """Those that replace each other, without the taking away."""
        return [(at, text) for at, text, ephemeral in self.lines if ephemeral and text]


async def lived(story: list[float | str], row: Row) -> None:
    """Do that, and wait on for a moment."""
    pace = Pace()
    row.clock = asyncio.get_running_loop().time
    report = reporter(row, pace)
    for act in story:
        if isinstance(act, float):
            await asyncio.sleep(act)
        elif act.startswith("+"):
            report.info(act)
        elif act == "next call":
            report.clear()
            report.status("too late")
            report = reporter(row, pace)
        else:
            report.status(act)
    wanted = next((act for act in reversed(story) if isinstance(act, str) and not act.startswith("+")), "next call")
    await asyncio.sleep(STATUS_EVERY)
    if wanted != "next call":
        assert row.statuses[-1][1] == wanted, "what is waited for is seen, however soon it came after something else"
    report.clear()


def reporter(row: Row, pace: Pace, *, quiet: bool = False) -> EngineReporter:
    """One call's."""
    return EngineReporter(cast("engine_pb2_grpc.EngineStub", row), URN, pace=pace, quiet=quiet)


@given(st.lists(acts, max_size=20))
def test_no_resource_shows_more_than_one_status_a_second_and_the_last_one_is_seen(story: list[float | str]) -> None:
    row = Row()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(lived(story, row))

    times = [at for at, _ in row.statuses]
    assert all(later - earlier >= STATUS_EVERY - 1e-6 for earlier, later in pairwise(times))
    assert all(text != "too late" for _, text in row.statuses), "its call had ended"


def test_nothing_is_shown_while_refreshing_but_lines_that_stay() -> None:
    row = Row()
    report = reporter(row, Pace(), quiet=True)

    report.status("loading")
    report.warn("somebody scaled it")
    report.clear()

    assert [text for _, text, _ in row.lines] == ["somebody scaled it"]


def test_a_resource_is_warned_of_the_same_thing_once_in_a_run() -> None:
    row, pace = Row(), Pace()

    for each in ("no room", "no room", "somebody scaled it"):
        reporter(row, pace).warn(each)
    reporter(row, Pace()).warn("no room")

    assert [text for _, text, _ in row.lines] == ["no room", "somebody scaled it", "no room"]


def test_an_engine_that_hangs_holds_up_the_end_of_a_call_once_and_not_for_each_line() -> None:
    row = Row(hangs=True)
    report = reporter(row, Pace())
    report.status("loading")
    for _ in range(50):
        report.info("a line")

    report.clear()

    assert sum(line.waited for line in row.sent) <= ARRIVAL_SECONDS


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["127.0.0.1:41234"], "127.0.0.1:41234"),
        (["--logtostderr", "-v=3", "--tracing", "http://127.0.0.1:1", "localhost:41234"], "localhost:41234"),
        (["[::1]:41234", "tests/seam/test_reporting.py::test_nothing"], "[::1]:41234"),
        (["tests/seam/test_reporting.py::test_nothing", "-k", "a:b", "C:\\pulumi", "::1", ":80"], None),
        ([], None),
    ],
)
def test_nothing_but_a_host_and_a_port_is_taken_for_the_engine(arguments: list[str], address: str | None) -> None:
    """Who watches an engine that there never was ends its own process."""
    assert address_in(arguments) == address
