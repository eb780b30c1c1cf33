"""What sends the requests of a warm-up, from inside of the cluster, and what became of them.

Started as ``python3 -c <this file> <what to do, as JSON> <where to leave the result>`` in an image that knows nothing
of ours, so it needs Python 3.8 or newer and nothing else. It ends with 0 however the requests went: whether that is
good enough is judged by whoever started it.
"""

from __future__ import annotations

import http.client
import itertools
import json
import math
import socket
import sys
import threading
import time
from pathlib import Path

#: How long the Service may take to answer at all: its pods are ready, but not every node has heard of them (seconds).
KNOCK_SECONDS = 30.0
#: Between two knocks (seconds).
PAUSE_SECONDS = 0.2
#: A container may leave 4,096 bytes behind.
LONGEST_REASON = 300


class Tally:
    """What became of the requests, counted by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: list[float] = []
        self._first: str | None = None
        self._errors = 0

    def add(self, seconds: float, failure: str | None) -> None:
        """Count one request."""
        with self._lock:
            if failure is None:
                self._times.append(seconds)
                return
            self._errors += 1
            self._first = self._first or failure[:LONGEST_REASON]

    def result(self) -> dict[str, object]:
        """The counts, and how long the good answers took (seconds)."""
        return {
            "count": len(self._times) + self._errors,
            "errors": self._errors,
            "p50": _percentile(self._times, 0.5),
            "p95": _percentile(self._times, 0.95),
            "firstError": self._first,
        }


def _percentile(times: list[float], part: float) -> float | None:
    """The time within which that part of the answers had ended."""
    return round(sorted(times)[math.ceil(part * len(times)) - 1], 4) if times else None


def warm(order: dict[str, object]) -> dict[str, object]:
    """Send all requests; those that could not be sent have failed."""
    count, at_a_time = int(str(order["requests"])), int(str(order["concurrency"]))
    tally, tickets = Tally(), itertools.count()
    closed = _knock(order)
    if closed is not None:
        for _ in range(count):
            tally.add(0.0, closed)
        return tally.result()

    def work() -> None:
        while next(tickets) < count:  # one step of the interpreter: no two threads get the same ticket
            began = time.monotonic()
            failure = _ask(order)
            tally.add(time.monotonic() - began, failure)

    threads = [threading.Thread(target=work) for _ in range(min(at_a_time, count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally.result()


def _knock(order: dict[str, object]) -> str | None:
    """Wait until the address takes connections; why it does not, in the end."""
    address = (str(order["host"]), int(str(order["port"])))
    ends = time.monotonic() + float(str(order.get("knockSeconds", KNOCK_SECONDS)))
    while True:
        try:
            socket.create_connection(address, timeout=5.0).close()
        except OSError as error:
            if time.monotonic() >= ends:
                return f"nothing answers at {address[0]}:{address[1]}: {_words(error)}"
            time.sleep(PAUSE_SECONDS)
        else:
            return None


def _ask(order: dict[str, object]) -> str | None:
    """Send one request, on a connection of its own so that every pod gets its share; why it failed, or None."""
    limit, late = float(str(order["timeoutSeconds"])), threading.Event()
    connection = http.client.HTTPConnection(str(order["host"]), int(str(order["port"])), timeout=limit)
    try:
        connection.connect()
        connection.sock.settimeout(None)
        timer = threading.Timer(limit, _cut, (connection.sock, late))
        timer.daemon = True
        timer.start()
        try:
            failure = _exchange(connection, order)
        finally:
            timer.cancel()
    except (OSError, ValueError, http.client.HTTPException) as error:
        failure = _words(error)
    finally:
        connection.close()
    return f"no whole answer within {limit:g} s" if late.is_set() else failure


def _cut(sock: socket.socket, late: threading.Event) -> None:
    """End an exchange that takes too long, wherever it stands: a time-out of a socket begins anew with every byte."""
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended at this very moment
        return


def _exchange(connection: http.client.HTTPConnection, order: dict[str, object]) -> str | None:
    body, headers = order.get("body"), {"Connection": "close", "User-Agent": "pulumi-inference-warm-up"}
    if body is None:
        connection.request("GET", str(order["path"]), headers=headers)
    else:
        headers["Content-Type"] = "application/json"
        connection.request("POST", str(order["path"]), body=str(body).encode(), headers=headers)
    answer = connection.getresponse()
    while answer.read(65536):  # streamed answers have ended when their last byte is here
        continue
    if answer.status >= 400:
        return f"{answer.status} {answer.reason}"
    return f"its answer broke off, {answer.length} bytes before its end" if answer.length else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def main(arguments: list[str]) -> None:
    """Do what the first argument says, and leave the result where the second says, and in the log."""
    text = json.dumps(warm(json.loads(arguments[0])))
    sys.stdout.write(text + "\n")
    Path(arguments[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
