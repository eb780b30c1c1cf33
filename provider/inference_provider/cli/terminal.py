"""Where lines go: what was asked for to stdout, everything else to stderr; in place on a terminal, plain elsewhere."""

import os
import sys
from types import TracebackType
from typing import Self

import typer
from rich.console import Console, RenderableType
from rich.status import Status as Spinner
from rich.text import Text

#: Nothing is wrapped for a program that reads: lines stay whole for grep.
ENDLESS = 10_000


def answer(shown: RenderableType) -> None:
    """Print what a command was asked for; without the blanks at the ends of lines when a program reads."""
    console = answers()
    if console.is_terminal:
        console.print(shown)
        return
    with console.capture() as capture:
        console.print(shown)
    typer.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def answers() -> Console:
    """For what a command was asked for."""
    return _console(stderr=False)


def remarks() -> Console:
    """For errors, questions and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    free = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(stderr=stderr, width=ENDLESS if free else None, highlight=False, markup=False, emoji=False)


class TerminalReporter:
    """Shows what is being waited for: one line that changes on a terminal, else a line for each change.

    Use as a context manager: what changes in place is gone at its end.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner: Spinner | None = None
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def status(self, text: str) -> None:
        """Show what is being waited for; an empty text takes it away."""
        if text == self._last:
            return
        self._last = text
        if not self._console.is_terminal:
            if text:
                self._console.print(text)
        elif not text:
            self._stop()
        elif self._spinner is None:
            self._spinner = self._console.status(Text(text))
            self._spinner.start()
        else:
            self._spinner.update(Text(text))

    def info(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text)

    def warn(self, text: str) -> None:
        """A warning that stays."""
        self._console.print(Text.assemble(("warning: ", "yellow"), text))

    def _stop(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
