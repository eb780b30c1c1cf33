"""Which processes belong to a command that we started? Those of its session, read from /proc (Linux)."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.state import command_line

#: What the process of a dynamic provider was started with.
PROVIDER = "pulumi.dynamic"
#: The file that the plugin is started from.
PLUGIN = "pulumi-resource-inference"


@dataclass(frozen=True)
class Process:
    """One living process."""

    pid: int
    command: str

    @property
    def is_provider(self) -> bool:
        """Whether it runs dynamic providers, or is our plugin; the shell script of the former does not count."""
        return PROVIDER in self.command.split() or f"/{PLUGIN}" in self.command

    def kill(self) -> None:
        """kill -9; one that is gone already is fine."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def of_session(leader: int) -> list[Process]:
    """Every living process of the session that ``leader`` began, itself included, also after its death.

    A process keeps its session when its parent dies, so orphans are found, and nobody else's processes ever are.
    """
    pids = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())
    return [Process(pid, command_line(pid).strip()) for pid in sorted(pids) if _is_alive_in(leader, pid)]


def _is_alive_in(session: int, pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    # The second field is the name in brackets, and may hold blanks: state, parent, group and session come after it.
    state, _, _, found, *_ = text.rpartition(")")[2].split()
    return int(found) == session and state not in ("Z", "X")
