"""How does a command get to its cluster, and how does it leave when somebody presses Ctrl-C?

Work runs on an event loop of this command. Ctrl-C cancels it, so that a lock is given back before the command ends;
a second Ctrl-C ends it at once. A terminal that is closed, and a polite kill, count as Ctrl-C.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import typer

from inference_provider.cli.terminal import remarks
from inference_provider.converge.ports import Reporter
from inference_provider.seam.errand import Errand, Target, errand

T = TypeVar("T")

#: Signals that mean the same as Ctrl-C: they ask to end, and leave time to give back what is held.
POLITE = tuple(each for each in signal.Signals if each.name in ("SIGTERM", "SIGHUP"))


class Visit(Protocol):
    """A cluster that answers."""

    @property
    def errand(self) -> Errand: ...

    def do(self, work: Coroutine[object, object, T]) -> T:
        """Do asynchronous work to its end. Raises KeyboardInterrupt after it was cancelled."""
        ...


class Surroundings(Protocol):
    """What a command finds around itself; tests bring their own."""

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def home(self) -> Path: ...

    @property
    def folder(self) -> Path: ...

    def visit(self, target: Target, report: Reporter) -> AbstractContextManager[Visit]: ...

    def now(self) -> datetime: ...

    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        ...

    def confirm(self, question: str) -> bool: ...


@dataclass(frozen=True)
class Here:
    """The real surroundings: this machine, and the clusters of its kubeconfig."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    home: Path = field(default_factory=Path.home)
    folder: Path = field(default_factory=Path.cwd)

    @contextlib.contextmanager
    def visit(self, target: Target, report: Reporter) -> Iterator[Visit]:
        """Connect, and close every connection at the end. Raises a ClusterError sentence when that cannot be done."""
        with asyncio.Runner() as runner:
            going = errand(target, report)
            there = run(runner, _enter(going))
            try:
                yield _Visit(there, runner)
            finally:
                runner.run(_leave(going))

    def now(self) -> datetime:
        """This machine's clock."""
        return datetime.now(UTC)

    def interactive(self) -> bool:
        """Somebody sits at both ends."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str) -> bool:
        """Ask on stderr, so that stdout stays for answers; no is the default."""
        remarks().print(question)
        return typer.confirm("Go on?", err=True)


def surroundings(ctx: typer.Context) -> Surroundings:
    """What a command finds around itself: what it was started with, or this machine."""
    given: Surroundings | None = ctx.obj
    return Here() if given is None else given


@dataclass(frozen=True)
class _Visit:
    errand: Errand
    runner: asyncio.Runner

    def do(self, work: Coroutine[object, object, T]) -> T:
        return run(self.runner, work)


def run(runner: asyncio.Runner, work: Coroutine[object, object, T]) -> T:
    """Do work to its end. Raises KeyboardInterrupt for polite signals too; Ctrl-C itself is the runner's."""
    try:
        return runner.run(_politely(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _politely(work: Coroutine[object, object, T]) -> T:
    """Let polite signals cancel the work. One that was ignored when we began (nohup) stays ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    heard = [each for each in POLITE if signal.getsignal(each) is not signal.SIG_IGN]
    with contextlib.suppress(NotImplementedError):  # Windows has no such signals
        for each in heard:
            loop.add_signal_handler(each, _cancel, task)
    try:
        return await work
    finally:
        with contextlib.suppress(NotImplementedError):
            for each in heard:
                loop.remove_signal_handler(each)


async def _enter(going: contextlib.AbstractAsyncContextManager[Errand]) -> Errand:
    return await going.__aenter__()


async def _leave(going: contextlib.AbstractAsyncContextManager[Errand]) -> None:
    await going.__aexit__(None, None, None)


def _cancel(task: asyncio.Task[object] | None) -> None:
    if task is not None:
        task.cancel()
