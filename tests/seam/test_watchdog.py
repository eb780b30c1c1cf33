"""What a provider process notices of its engine: a real gRPC server stands for it, on loopback."""

import threading
from collections.abc import Iterator, Sequence
from concurrent import futures

import grpc
import pytest

from inference_provider.seam.watchdog import Watchdog

#: Far more than anything here takes (seconds).
LONG = 20.0


class Engine:
    """Something that listens as an engine does, and can be ended at once."""

    def __init__(self, options: Sequence[tuple[str, int]] = ()) -> None:
        self.server = grpc.server(futures.ThreadPoolExecutor(1), options=list(options))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def end(self) -> None:
        """Close every connection and listen no more."""
        self.server.stop(grace=None).wait(LONG)


@pytest.fixture
def engine() -> Iterator[Engine]:
    started = Engine()
    yield started
    started.end()


def test_an_engine_that_ends_is_missed_at_once(engine: Engine) -> None:
    orphaned = threading.Event()
    Watchdog(engine.address, orphaned.set).start()
    assert not orphaned.wait(0.5)

    engine.end()

    assert orphaned.wait(LONG)


def test_an_engine_that_was_gone_before_the_first_look_is_missed_too(engine: Engine) -> None:
    orphaned = threading.Event()
    engine.end()

    Watchdog(engine.address, orphaned.set).start()

    assert orphaned.wait(LONG)


def test_a_channel_that_only_went_idle_is_no_reason_to_stop() -> None:
    impatient = Engine([("grpc.max_connection_idle_ms", 100), ("grpc.max_connection_age_ms", 200)])
    orphaned = threading.Event()
    Watchdog(impatient.address, orphaned.set).start()

    assert not orphaned.wait(2.0), "every one of several lost connections was made again"

    impatient.end()
    assert orphaned.wait(LONG)
