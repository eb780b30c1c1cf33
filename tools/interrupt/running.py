"""How is a command of the CLI struck while it runs? In a session of its own, by the pids that belong to it."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.interrupt.processes import Process, of_session

Blow = Literal["cli", "provider", "both", "interrupt", "interrupt twice"]
BLOWS: tuple[Blow, ...] = ("cli", "provider", "both", "interrupt", "interrupt twice")

#: What the CLI prints when it has taken an interrupt in.
TAKEN_IN = "^C received"
#: Between two looks, and what killed processes may take to be gone (seconds).
_LOOK_EVERY, _TO_DIE = 0.02, 10.0


@dataclass(frozen=True)
class Running:
    """A command under way. ``log`` gets everything that it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    def processes(self) -> list[Process]:
        """Everything of it that lives: the CLI, the language host, the program, the provider."""
        self.process.poll()
        return of_session(self.process.pid)

    def providers(self) -> list[Process]:
        """The provider processes that live, orphaned or not."""
        return [each for each in self.processes() if each.is_provider]

    def strike(self, blow: Blow) -> None:
        """Kill (-9) the CLI, the provider or both, or press Ctrl-C once or twice."""
        if blow in ("interrupt", "interrupt twice"):
            self._interrupt()
            if blow == "interrupt twice" and self.says(TAKEN_IN, within=5.0):
                self._interrupt()
            return
        doomed = self.providers() if blow in ("provider", "both") else []
        if blow in ("cli", "both"):
            self.process.kill()
        for each in doomed:
            each.kill()

    def _interrupt(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def says(self, text: str, *, within: float) -> bool:
        """Wait until it has printed this or has ended; False when neither came within so many seconds."""
        return _until(lambda: self.process.poll() is not None or text in self.text(), within=within)

    def text(self) -> str:
        """What it printed so far."""
        return self.log.read_text(errors="replace")

    def ended(self, *, within: float) -> int | None:
        """Its exit code, or None when it still runs after so many seconds."""
        try:
            return self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            return None

    def orphan_seconds(self, *, within: float) -> float | None:
        """How long the provider still lived from now on; None when it lives after so many seconds."""
        began = time.monotonic()
        gone = _until(lambda: not self.providers(), within=within)
        return time.monotonic() - began if gone else None

    def end(self) -> None:
        """Kill whatever is left of it, and return when it is gone."""
        deadline = time.monotonic() + _TO_DIE
        while (left := self.processes()) and time.monotonic() < deadline:
            for each in left:
                each.kill()
            time.sleep(_LOOK_EVERY)
        self.process.wait()


@contextmanager
def started(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Start a command in a session of its own; nothing of it lives when the block is left."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Running(process, log)
    try:
        yield running
    finally:
        running.end()


def _until(holds: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY)
    return True
