"""Was this folder made from these very sources already? Then it is used again; otherwise it is made, once.

The folders lie in the cache, under a name that changes with every source; two runs do not make the same one twice.
Those that nobody has used for a month are swept when another one is made beside them.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tools.store import Store, locked

#: What programs leave in a source folder; it belongs to no source.
LEAVINGS = frozenset({"__pycache__", "node_modules", "bin", "build", "dist", ".mypy_cache"})
#: How long a folder stays that nobody uses (seconds): branches come back, and so do the sources of last week.
UNUSED_SECONDS = 30 * 24 * 3600.0
_DIGEST = re.compile(r"[0-9a-f]{16}")


def made_once(store: Store, room: str, sources: Mapping[str, Path | str], make: Callable[[Path], None]) -> Path:
    """The folder that ``make`` fills from ``sources``: files, folders or plain words, by what they are for."""
    final = store.root / room / digest(sources)
    with locked(store.root / "locks" / f"{room}-{final.name}.lock", busy=lambda: None):
        if not final.exists():
            with store.publish(final) as unfinished:
                make(unfinished)
            sweep_unused(final.parent, now=time.time())
        os.utime(final)  # when it was used last
    return final


def sweep_unused(room: Path, *, now: float) -> None:
    """Remove the folders of this room that nobody has used for a month; ``now`` is the clock's (seconds)."""
    for folder in room.iterdir():
        if _DIGEST.fullmatch(folder.name) and now - folder.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def digest(sources: Mapping[str, Path | str]) -> str:
    """A name that is another one whenever any of the sources is."""
    found = hashlib.sha256()
    for name, source in sorted(sources.items()):
        if isinstance(source, str):
            found.update(f"{name}={source}\0".encode())
            continue
        for path in sorted(files_of(source)):
            found.update(f"{name}/{path.relative_to(source)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def files_of(source: Path) -> Iterator[Path]:
    """The file itself, or every file in the folder that somebody wrote or generated."""
    if source.is_file():
        yield source
        return
    for path in source.rglob("*"):
        inside = path.relative_to(source).parts
        if path.is_file() and not any(part in LEAVINGS or part.endswith(".egg-info") for part in inside):
            yield path
