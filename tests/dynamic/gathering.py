"""A dynamic provider whose deletions wait for one another; a process of Pulumi's own runs it."""

import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from pulumi.dynamic import ResourceProvider

#: Nobody waits longer than this (seconds).
LONG = 60.0


class Gathering(ResourceProvider):
    """Whoever comes in stays until the file ``go`` is there; ``most`` says how many were in at once."""

    _counting: ClassVar[threading.Lock] = threading.Lock()
    _inside: ClassVar[set[str]] = set()

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Come in, wait, go."""
        folder = Path(_props["folder"])
        with self._counting:
            self._inside.add(_id)
            _note(folder / "most", len(self._inside))
        deadline = time.monotonic() + LONG
        while not (folder / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._counting:
            self._inside.discard(_id)


def _note(file: Path, count: int) -> None:
    file.write_text(str(max(count, int(file.read_text()) if file.exists() else 0)))
