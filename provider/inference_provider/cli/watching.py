"""How does a status go on being shown? In place on a terminal, a line for each change elsewhere, JSON for a program."""

import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Generic, Self, TypeVar

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from inference_provider.cli.call import Call
from inference_provider.cli.changes import changes
from inference_provider.cli.terminal import TerminalReporter, answers, remarks
from inference_provider.cli.times import moment
from inference_provider.cli.written import as_json
from inference_provider.resources.following import Onlooker
from inference_provider.resources.status import Status
from inference_provider.seam.errand import Errand

T = TypeVar("T")

_SILENT = "the cluster does not answer, and is asked again:"


@dataclass(frozen=True)
class Shown(Generic[T]):
    """The same in three ways: drawn for a terminal, as sentences by subject, and as a value for a program."""

    draw: Callable[[T], RenderableType]
    facts: Callable[[T], Mapping[str, str]]
    value: Callable[[T], object]


def watch(
    call: Call, shown: Shown[T], following: Callable[[Errand, Onlooker[T]], Coroutine[object, object, None]]
) -> bool:
    """Show what is followed until it is gone (True), or until Ctrl-C (False), which is how a watch ends: no failure."""
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        report = stack.enter_context(TerminalReporter(remarks()))
        visit = stack.enter_context(call.here.visit(call.target, report))
        console = answers()
        onlooker: Onlooker[T]
        if call.json:
            onlooker = Documents(shown.value)
        elif console.is_terminal:
            onlooker = stack.enter_context(Picture(console, shown.draw))
        else:
            onlooker = Lines(shown.facts, call.here.now)
        visit.do(following(visit.errand, onlooker))
        return True
    return False


class Picture(Generic[T]):
    """Drawn over itself. Use as a context manager: at its end the last picture stays, and the cursor is back.

    While it is watched it is cut at the end of the screen; what stays at the end is whole.
    """

    def __init__(self, console: Console, draw: Callable[[T], RenderableType]) -> None:
        self._draw = draw
        self._shown: RenderableType = Text()
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def sees(self, seen: T) -> None:
        """Draw what is there now."""
        self._shown = self._draw(seen)
        self._live.update(self._shown, refresh=True)

    def lost(self, why: str) -> None:
        """What was seen last still stands; above it, that nobody answers."""
        self._live.update(Group(Text(f"{_SILENT} {why}", "bold red"), self._shown), refresh=True)


class Lines(Generic[T]):
    """A line for each change, with its time."""

    def __init__(self, facts: Callable[[T], Mapping[str, str]], now: Callable[[], datetime]) -> None:
        self._facts, self._now = facts, now
        self._before: Mapping[str, str] = {}

    def sees(self, seen: T) -> None:
        """Say what has changed."""
        found = self._facts(seen)
        at = self._now()
        for line in changes(self._before, found):
            typer.echo(f"{moment(at.isoformat(), at)}  {line}")
        self._before = found

    def lost(self, why: str) -> None:
        """On stderr: it is not about the Workload."""
        remarks().print(f"{_SILENT} {why}")


class Documents(Generic[T]):
    """One JSON document on a line for each change. That a lock's holder still lives is none."""

    def __init__(self, value: Callable[[T], object]) -> None:
        self._value, self._before = value, ""

    def sees(self, seen: T) -> None:
        """Write it, if it is another one than before."""
        steady = (
            replace(seen, lock=replace(seen.lock, renewed=None)) if isinstance(seen, Status) and seen.lock else seen
        )
        if (now := as_json(steady)) != self._before:
            typer.echo(as_json(self._value(seen), on_one_line=True))
        self._before = now

    def lost(self, why: str) -> None:
        """On stderr, where it is in no program's way."""
        remarks().print(f"{_SILENT} {why}")
