"""Striking a command: its processes are found although their parents die, and nobody else's are touched."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.interrupt.processes import of_session
from tools.interrupt.running import Blow, Running, started

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read from /proc")

#: A CLI with a provider below a shell script; it says that it takes interrupts in, and ends at the second one.
CLI = """
import signal, subprocess, sys
provider = ["sh", "-c", f"{sys.executable} -c 'import time; time.sleep(60)' pulumi.dynamic; true"]
taken = []
def interrupted(*_):
    taken.append(1)
    print("^C received", flush=True)
    if len(taken) == 2:
        sys.exit(8)
signal.signal(signal.SIGINT, interrupted)
running = subprocess.Popen(provider, process_group=0)
while True:
    signal.pause()
"""


@pytest.mark.parametrize(
    ("blow", "code", "left"),
    [("cli", -signal.SIGKILL, 1), ("provider", None, 0), ("both", -signal.SIGKILL, 0), ("interrupt twice", 8, 1)],
)
def test_a_blow_hits_whom_it_should(tmp_path: Path, blow: Blow, code: int | None, left: int) -> None:
    with _running(tmp_path) as running:
        running.strike(blow)
        assert running.ended(within=5 if code is not None else 0.2) == code
        assert len(running.providers()) == left
    assert of_session(running.process.pid) == [], "nothing outlives the block"


def test_an_orphan_is_waited_for(tmp_path: Path) -> None:
    with _running(tmp_path) as running:
        running.strike("cli")
        assert running.orphan_seconds(within=0.2) is None
        running.providers()[0].kill()
        assert running.orphan_seconds(within=5) is not None


@contextmanager
def _running(folder: Path) -> Iterator[Running]:
    """The command, once its provider lives."""
    command = [sys.executable, "-c", CLI]
    with started(command, folder=folder, environment=os.environ, log=folder / "log") as running:
        while not running.providers():
            assert running.process.poll() is None, running.text()
        yield running
