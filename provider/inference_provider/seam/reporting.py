"""Lines on the resource's own row of ``pulumi up``: statuses that replace each other, and lines that stay."""

import asyncio
import contextlib
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

#: A person reads no faster than this (seconds between two statuses of one resource).
STATUS_EVERY = 1.0
#: How long a line may take to the engine (seconds).
LINE_SECONDS = 5.0
#: How long a call that is over waits for the last of its lines to arrive (seconds); a hanging engine holds nobody up.
ARRIVAL_SECONDS = 2.0


class Pace:
    """When did each resource last show a status, and what was it warned of? One pace serves all calls of a run: they
    follow upon each other quickly, and look at the same things.
    """

    def __init__(self, every: float = STATUS_EVERY) -> None:
        """``every``: seconds between two statuses of one resource."""
        self._every = every
        self._shown: dict[str, float] = {}
        self._warned: set[tuple[str, str]] = set()

    def wait(self, urn: str, now: float) -> float:
        """Seconds until the next one may be shown; 0 or less means now."""
        return self._shown[urn] + self._every - now if urn in self._shown else 0.0

    def shown(self, urn: str, now: float) -> None:
        """One has been."""
        self._shown[urn] = now

    def warns(self, urn: str, text: str) -> bool:
        """Whether this is no warning that the resource has had; from now on it has."""
        new = (urn, text) not in self._warned
        self._warned.add((urn, text))
        return new


class EngineReporter:
    """Sends lines to the engine under a resource's URN; never fails, because a line is never worth a rollout."""

    def __init__(
        self,
        engine: engine_pb2_grpc.EngineStub | None,
        urn: str,
        *,
        pace: Pace | None = None,
        quiet: bool = False,
        hidden: Callable[[str], str] = str,
    ) -> None:
        """``quiet``: no statuses at all, as while refreshing. ``hidden`` takes out of a line what nobody may read."""
        self._engine, self._urn, self._pace, self._quiet = engine, urn, pace or Pace(), quiet
        self._hidden = hidden
        self._wanted, self._shown = "", ""
        self._later: asyncio.TimerHandle | None = None
        self._over = False
        self._one = threading.Lock()  # statuses come from the loop of the work, the end from whoever waited for it
        self._pending: deque[grpc.Future[Any]] = deque(maxlen=100)

    def status(self, text: str) -> None:
        """Show what is being waited for, unless it is shown; what comes too early is shown in time, or the newer."""
        with self._one:
            if self._quiet or self._over:
                return
            self._wanted = text
            if self._later is None:
                self._show()

    def info(self, text: str) -> None:
        """A line that stays."""
        self._send(text, engine_pb2.INFO, ephemeral=False)

    def warn(self, text: str) -> None:
        """A warning that stays; once, though diff and preview both come upon it."""
        if self._pace.warns(self._urn, text):
            self._send(text, engine_pb2.WARNING, ephemeral=False)

    @property
    def spoke(self) -> bool:
        """Whether there is anything to wait for, to take away, or still to be shown."""
        return bool(self._pending or self._shown or self._later)

    def clear(self) -> None:
        """Nothing is shown after this; wait a little for the lines to arrive, and take the last status away.

        Called where waiting hurts nobody but the caller.
        """
        with self._one:
            self._over = True
        until = time.monotonic() + ARRIVAL_SECONDS
        self._arrived(until)
        if self._shown:
            self._send("", engine_pb2.INFO, ephemeral=True)
            self._arrived(until)

    def _show(self) -> None:
        """The wanted status now, or as soon as it may be."""
        loop = _running_loop()
        now = loop.time() if loop else time.monotonic()
        wait = self._pace.wait(self._urn, now)
        if self._wanted == self._shown:
            return
        if wait > 0:
            self._later = loop.call_later(wait, self._in_time) if loop else None
            return
        self._pace.shown(self._urn, now)
        self._shown = self._wanted
        self._send(self._wanted, engine_pb2.INFO, ephemeral=True)

    def _in_time(self) -> None:
        with self._one:
            self._later = None
            if not self._over:
                self._show()

    def _arrived(self, until: float) -> None:
        for line in self._pending:
            with contextlib.suppress(grpc.RpcError, grpc.FutureTimeoutError):  # the engine is gone or busy
                line.result(timeout=max(0.0, until - time.monotonic()))
        self._pending.clear()

    def _send(self, text: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool) -> None:
        if self._engine is None:
            return
        said = self._hidden(text)
        request = engine_pb2.LogRequest(severity=severity, message=said, urn=self._urn, ephemeral=ephemeral)
        # Never waited for here: this runs on the loop that renews the locks of all Workloads.
        self._pending.append(self._engine.Log.future(request, timeout=LINE_SECONDS))


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that we are called on; nothing can be shown later where there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


#: A host and a port, and nothing else: whoever takes other words for the engine's ends when nobody listens there.
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*[A-Za-z0-9]):[0-9]{1,5}")
_lock = threading.Lock()
_engines: dict[str, engine_pb2_grpc.EngineStub] = {}


def engine_address() -> str | None:
    """Where the engine that started this process listens: the last argument that is an address.

    Flags may precede it, and one of them (``--tracing``) has an address of its own.
    """
    return address_in(sys.argv[1:])


def address_in(arguments: Sequence[str]) -> str | None:
    """The last of them that is a host and a port."""
    return next((each for each in reversed(arguments) if _ADDRESS.fullmatch(each)), None)


def engine() -> engine_pb2_grpc.EngineStub | None:
    """The engine that started this process, or None."""
    address = engine_address()
    return engine_at(address) if address is not None else None


def engine_at(address: str) -> engine_pb2_grpc.EngineStub:
    """The engine that listens there; the connection is made once."""
    with _lock:
        if address not in _engines:
            _engines[address] = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        return _engines[address]
