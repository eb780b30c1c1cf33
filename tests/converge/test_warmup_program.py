"""The program of a warm-up as it runs in the cluster: started as ``python3 -c``, against a server that answers."""

import inspect
import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from inference_provider.converge import warmup_program
from inference_provider.rollout.warmup import WarmupResult

Told = dict[str, object]


class Server(ThreadingHTTPServer):
    """Remembers what it was asked; no more connections than that wait at a time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.released = threading.Event()
        self.together = threading.Barrier(3)


class Answers(BaseHTTPRequestHandler):
    """The path says how it is answered."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer, or fail in one of the ways in which servers do."""
        self.server.asked[self.path] += 1
        count = self.server.asked[self.path]
        if self.path == "/flaky" and count <= 3:
            self.send_error(503)
        elif self.path == "/gone":
            self.connection.close()
        elif self.path == "/torn":
            self._begin(100)
            self.wfile.write(b"half")
            self.close_connection = True
        elif self.path == "/drips":
            self._begin(1_000_000)
            while not self.server.released.wait(0.02):
                self._drip()
        elif self.path == "/streamed":
            self._stream()
        else:
            if self.path == "/together":
                self.server.together.wait(10)
            self._begin(2)
            self.wfile.write(b"ok")

    def do_POST(self) -> None:
        """Take a body."""
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked[f"{self.path} {self.headers['Content-Type']}"] += 1
        self._begin(2)
        self.wfile.write(b"ok")

    def _begin(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drip(self) -> None:
        try:
            self.wfile.write(b".")
        except OSError:  # nobody listens any more
            self.server.released.set()

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in (b"data: a\n\n", b"data: b\n\n", b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server on loopback."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on loopback."""
    with serving() as found:
        yield found


def run(folder: Path, port: int, path: str, **more: object) -> WarmupResult:
    """Run the program as its Job does, and read what it leaves."""
    order: Told = {"host": "127.0.0.1", "port": port, "path": path, "body": None, "requests": 6, "concurrency": 2}
    text = json.dumps(order | {"timeoutSeconds": 20} | more)
    left = folder / "termination-log"
    command = [sys.executable, "-c", inspect.getsource(warmup_program), text, str(left)]
    subprocess.run(command, check=True, timeout=60)
    result = WarmupResult.parse(left.read_text())
    assert result is not None
    return result


def test_all_requests_are_sent_and_their_times_are_told(server: Server, tmp_path: Path) -> None:
    result = run(tmp_path, server.server_port, "/v1/models?verbose=1")

    assert (result.count, result.errors, result.first_error) == (6, 0, None)
    assert result.p50 is not None
    assert result.p95 is not None
    assert 0 < result.p50 <= result.p95
    assert server.asked == {"/v1/models?verbose=1": 6}


def test_a_body_is_posted_as_json(server: Server, tmp_path: Path) -> None:
    body = json.dumps({"prompt": "grüß dich, $(HOME)"})

    run(tmp_path, server.server_port, "/v1/completions", body=body, requests=2)

    assert server.bodies == [body.encode()] * 2
    assert server.asked == {"/v1/completions application/json": 2}


def test_as_many_as_were_asked_for_are_on_their_way_at_a_time(server: Server, tmp_path: Path) -> None:
    result = run(tmp_path, server.server_port, "/together", requests=3, concurrency=3)

    assert result.errors == 0


@pytest.mark.parametrize(
    ("path", "errors", "said"),
    [
        ("/flaky", 3, "503 Service Unavailable"),
        ("/gone", 6, "Remote end closed connection without response"),
        ("/torn", 6, "its answer broke off, 96 bytes before its end"),
    ],
)
def test_what_fails_is_counted_and_the_first_reason_told(
    server: Server, tmp_path: Path, path: str, errors: int, said: str
) -> None:
    result = run(tmp_path, server.server_port, path)

    assert (result.count, result.errors, result.first_error) == (6, errors, said)


def test_a_streamed_answer_has_ended_with_its_last_byte(server: Server, tmp_path: Path) -> None:
    assert run(tmp_path, server.server_port, "/streamed").errors == 0


def test_an_answer_that_drips_for_ever_is_cut_off(server: Server, tmp_path: Path) -> None:
    result = run(tmp_path, server.server_port, "/drips", requests=2, timeoutSeconds=0.3)

    assert (result.errors, result.p95, result.first_error) == (2, None, "no whole answer within 0.3 s")


def test_an_address_that_never_answers_fails_every_request(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        result = run(tmp_path, port, "/", knockSeconds=0.5)

    assert (result.count, result.errors) == (6, 6)
    assert f"nothing answers at 127.0.0.1:{port}: " in str(result.first_error)
