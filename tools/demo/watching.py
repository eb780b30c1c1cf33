"""How is the cluster watched while the CLI works? By a thread that looks twice a second and prints what changed.

Below that stands what became of the requests so far, in a line that changes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tools.cluster.client import ApiError
from tools.demo.crowd import Counts, Crowd
from tools.demo.moment import Moment, Viewer, heading
from tools.demo.voice import Voice

EVERY = 0.5
"""Seconds between two looks."""


@dataclass
class Seen:
    """What the looks gave."""

    looks: int = 0
    missed: int = 0
    fewest: int | None = None
    """Fewest pods behind the endpoint, counted from the first look that showed any."""
    requests: Counts = field(default_factory=Counts)
    """What became of the requests meanwhile."""

    def note(self, moment: Moment) -> None:
        """Count one look."""
        self.looks += 1
        if self.fewest is not None or moment.serving:
            self.fewest = moment.serving if self.fewest is None else min(self.fewest, moment.serving)


@contextmanager
def watched(viewer: Viewer, voice: Voice, crowd: Crowd, *, then: str) -> Iterator[Seen]:
    """Watch during the block, in which ``then`` takes over, with a last look at its end, also when it fails."""
    seen, over, before = Seen(), threading.Event(), crowd.counts()

    def count() -> None:
        seen.requests = crowd.counts().since(before)
        voice.live(seen.requests.line(then))

    thread = threading.Thread(target=_watch, args=(viewer, voice, seen, over, count), daemon=True)
    voice.row(heading())
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        voice.settle()


def _watch(viewer: Viewer, voice: Voice, seen: Seen, over: threading.Event, count: Callable[[], None]) -> None:
    began, last, ending = time.monotonic(), None, False
    while True:
        try:
            moment = viewer.look()
        except (ApiError, OSError):
            seen.missed += 1
        else:
            seen.note(moment)
            if moment != last:
                voice.row(moment.row(time.monotonic() - began))
            last = moment
        count()
        if ending:
            return
        ending = over.wait(EVERY)
