"""How is the real CLI run? Unattended, with everything it prints in a log, and the lines that matter handed back."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.demo.place import ROOT, STACK, DemoError

_TOOK = re.compile(r"inference:Workload \S+ (?:created|updated) \(([0-9.]+)(m?s)\)")

_TO_END = 30.0
"""Seconds that an interrupted CLI gets."""


@dataclass(frozen=True)
class Run:
    """A command of the CLI that went well."""

    seconds: float
    lines: tuple[str, ...]

    @property
    def plan(self) -> str | None:
        """The line with which a preview says what will roll."""
        return next((line.strip() for line in self.lines if line.strip().startswith("Workload ")), None)

    @property
    def workload_seconds(self) -> float | None:
        """What the Workload's own step took, as the CLI says it."""
        found = [match for line in self.lines if (match := _TOOK.search(line))]
        return float(found[-1][1]) / (1000 if found[-1][2] == "ms" else 1) if found else None

    def mentions(self, text: str) -> bool:
        """Whether a line holds it."""
        return any(text in line for line in self.lines)


@dataclass(frozen=True)
class Stack:
    """The demonstration's stack of the root project."""

    pulumi: Path
    environment: Mapping[str, str]
    log: Path

    def init(self) -> None:
        """Make the stack. Raises DemoError, as all methods do."""
        self.run("stack", "init", STACK)

    def configure(self, key: str, value: str) -> None:
        """`pulumi config set`; a key with dots reaches inside of an object."""
        self.run("config", "set", "--path", key, value)

    def preview(self) -> Run:
        """`pulumi preview`."""
        return self.run("preview", "--suppress-progress")

    def up(self) -> Run:
        """`pulumi up`; what it would do was shown before."""
        return self.run("up", "--yes", "--skip-preview", "--suppress-progress")

    def destroy(self) -> Run:
        """`pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", "--suppress-progress")

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        lines = self.run("stack", "output", "--json").lines
        first = next(number for number, line in enumerate(lines) if line.startswith("{"))
        found: dict[str, str] = json.loads("".join(lines[first : lines.index("}", first) + 1]))
        return found

    def run(self, *arguments: str) -> Run:
        """Any command. Raises DemoError with the CLI's own error."""
        command = [str(self.pulumi), *arguments, "--non-interactive", "--color", "never"]
        began = time.monotonic()
        code, text = self._finished(command)
        with self.log.open("a") as log:
            log.write(f"$ pulumi {' '.join(arguments)}\n{text}\n")
        lines = tuple(text.splitlines())
        if code:
            raise DemoError(f"`pulumi {arguments[0]}` failed: {_cause(lines)} Everything it said is in {self.log}.")
        return Run(time.monotonic() - began, lines)

    def _finished(self, command: list[str]) -> tuple[int, str]:
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C reaches us alone: the CLI takes a second interrupt for an order to drop everything.
            start_new_session=True,
        )
        try:
            text, _ = running.communicate()
        except KeyboardInterrupt:
            _end(running)
            raise
        return running.returncode, text


def _end(running: subprocess.Popen[str]) -> None:
    """Let the CLI end what it began."""
    running.send_signal(signal.SIGINT)
    try:
        running.communicate(timeout=_TO_END)
    except subprocess.TimeoutExpired:
        running.kill()


def _cause(lines: tuple[str, ...]) -> str:
    """The last error that the CLI names; the first ones often only say that there was one."""
    errors = [line.partition("error:")[2].strip() for line in lines if "error:" in line]
    return next((each.rstrip(".") + "." for each in reversed(errors) if each), "it gave no reason.")
