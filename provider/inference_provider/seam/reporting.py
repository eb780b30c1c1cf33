"""Lines on the resource's own row of ``pulumi up``: statuses that replace each other, and lines that stay."""

import contextlib
import sys
import threading
import time
from collections import deque
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

#: A person reads no faster than this (seconds between two statuses of one resource).
STATUS_EVERY = 0.5
#: How long a line may take to the engine (seconds).
LINE_SECONDS = 5.0


class EngineReporter:
    """Sends lines to the engine under a resource's URN; never fails, because a line is never worth a rollout."""

    def __init__(
        self, engine: engine_pb2_grpc.EngineStub | None, urn: str, *, every: float = STATUS_EVERY, quiet: bool = False
    ) -> None:
        """``every``: seconds between two statuses. ``quiet``: no statuses at all, as while refreshing."""
        self._engine, self._urn, self._every, self._quiet = engine, urn, every, quiet
        self._last, self._at = "", 0.0
        self._pending: deque[grpc.Future[Any]] = deque(maxlen=100)

    def status(self, text: str) -> None:
        """Show what is being waited for; the same text is not sent twice, nor more often than ``every``."""
        now = time.monotonic()
        if self._quiet or text == self._last or (now - self._at < self._every and text):
            return
        self._last, self._at = text, now
        self._send(text, engine_pb2.INFO, ephemeral=True)

    def info(self, text: str) -> None:
        """A line that stays."""
        self._send(text, engine_pb2.INFO, ephemeral=False)

    def warn(self, text: str) -> None:
        """A warning that stays."""
        self._send(text, engine_pb2.WARNING, ephemeral=False)

    @property
    def spoke(self) -> bool:
        """Whether there is anything to wait for, or to take away."""
        return bool(self._pending or self._last)

    def clear(self) -> None:
        """Take the last status away, once all lines have arrived. Called where waiting hurts nobody but the caller."""
        self._arrived()
        if self._last:
            self.status("")
            self._arrived()

    def _arrived(self) -> None:
        for line in self._pending:
            with contextlib.suppress(grpc.RpcError, grpc.FutureTimeoutError):  # the engine is gone or busy
                line.result(timeout=LINE_SECONDS)
        self._pending.clear()

    def _send(self, text: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool) -> None:
        if self._engine is None:
            return
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=self._urn, ephemeral=ephemeral)
        # Never waited for here: this runs on the loop that renews the locks of all Workloads.
        self._pending.append(self._engine.Log.future(request, timeout=LINE_SECONDS))


_lock = threading.Lock()
_engines: dict[str, engine_pb2_grpc.EngineStub] = {}


def engine_address() -> str | None:
    """Where the engine that started this process listens: the last argument that is an address.

    Flags may precede it, and one of them (``--tracing``) has an address of its own.
    """
    addresses = (each for each in reversed(sys.argv[1:]) if ":" in each and not each.startswith("-"))
    return next(addresses, None)


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
