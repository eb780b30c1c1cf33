"""Is the engine that started this process still there?

After ``kill -9`` of the CLI nobody ends its providers: they would work on, and move traffic minutes later. The
parent's pid does not tell (the parent is a shell script, which survives), but the engine's gRPC channel does.
"""

import os
import socket
import threading
from collections.abc import Callable

import grpc

#: How long an engine whose channel went quiet may take to answer on a new one (seconds).
ANSWER_SECONDS = 5.0
#: How this process ends when its engine is gone; nobody reads it.
ORPHANED = 75


class Watchdog:
    """Calls ``orphaned`` once, in a thread of its own, when nobody listens at the engine's ``address`` any more."""

    def __init__(self, address: str, orphaned: Callable[[], None]) -> None:
        self._address, self._orphaned = address, orphaned
        self._quiet = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="engine-watchdog", daemon=True).start()

    def _watch(self) -> None:
        while self._listens():
            self._quiet.clear()
            with grpc.insecure_channel(self._address) as channel:
                if not self._connected(channel):
                    break
                self._quiet.wait()
        self._orphaned()

    def _listens(self) -> bool:
        """Whether anything accepts connections there: a dead engine's port refuses them at once."""
        host, _, port = self._address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
        except OSError:
            return False
        return True

    def _connected(self, channel: grpc.Channel) -> bool:
        """Connect, and have every later loss of the connection told. An idle channel may only be quiet: ask anew."""
        ready = threading.Event()

        def heard(state: grpc.ChannelConnectivity) -> None:
            if state is grpc.ChannelConnectivity.READY:
                ready.set()
            elif ready.is_set():
                self._quiet.set()

        channel.subscribe(heard, try_to_connect=True)
        return ready.wait(ANSWER_SECONDS)


def end_process() -> None:
    """End this process now: its gRPC server would wait for calls that nobody makes."""
    os._exit(ORPHANED)
