"""Who holds a lock, by name: readable, never the same twice, and known to be dead at once by its own machine.

``ann@laptop/4711/3f9c2a-1b7d04-9e2a`` is user, host, process, then a hash of the machine's boot and of the namespace in
which that process number means something, when the process began, and chance. Where /proc does not tell, as on macOS,
nobody is ever called dead: the lock falls free by standing still.
"""

import getpass
import hashlib
import os
import re
import secrets
import socket
from pathlib import Path

_NAMED = re.compile(r".*/(?P<process>[0-9]+)/(?P<place>[0-9a-f]+)-(?P<began>[0-9a-f]+)-[0-9a-f]+")


def new_name() -> str:
    """A name for a new holder in this process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    process = os.getpid()
    place, began = _place() or "0", _began(process) or "0"
    return f"{user}@{socket.gethostname()}/{process}/{place}-{began}-{secrets.token_hex(2)}"


def is_dead(name: str) -> bool:
    """Whether the holder was a process of this very machine that is gone; False whenever that cannot be told."""
    found = _NAMED.fullmatch(name)
    place = _place()
    if found is None or place is None or found["place"] != place or found["began"] == "0":
        return False
    return _began(int(found["process"])) != found["began"]


def _place() -> str | None:
    """The boot of this machine and the namespace of its process numbers, in short; None where nobody says."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").readlink()
    except OSError:
        return None
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:6]


def _began(process: int) -> str | None:
    """When a process began, in ticks since boot (hexadecimal); None when there is no such process, or a zombie."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else f"{int(fields[19]):x}"
