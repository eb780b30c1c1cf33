"""What does a command of the CLI take: seconds, and the memory and processor time of its provider process?"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.interrupt.running import Running

#: Between two looks at the provider (seconds): as much of its processor time may be missed at its end.
LOOK_EVERY = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Of one command: seconds on the clock; of its provider: the most memory it held (MiB), and processor seconds."""

    seconds: float
    peak: float
    processor: float


class CommandFailed(Exception):
    """A command that was to be measured failed, or took too long; the message is the end of what it said."""


def spent_by(running: Running, *, began: float, within: float) -> Spent:
    """Wait until it ends, and look at its provider meanwhile (Linux). ``began`` is on the monotonic clock.

    Raises CommandFailed, also when it still runs after ``within`` seconds.
    """
    peak, processor, provider = 0.0, 0.0, 0
    while (code := running.ended(within=LOOK_EVERY)) is None:
        if time.monotonic() - began > within:
            raise CommandFailed(f"it still ran after {within:.0f} s:\n{running.text()[-9000:]}")
        provider = provider or next((each.pid for each in running.providers()), 0)
        if provider and (seen := _seen(provider)) is not None:
            peak, processor = max(peak, seen[0]), seen[1]  # one that has just ended has no memory any more
    seconds = time.monotonic() - began
    if code:
        raise CommandFailed(f"it ended with {code}:\n{running.text()[-9000:]}")
    return Spent(seconds, peak, processor)


def _seen(pid: int) -> tuple[float, float] | None:
    """Peak memory in MiB and processor seconds so far; None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        stat = (folder / "stat").read_text()
    except OSError:
        return None
    return _mebibytes(status), processor_seconds(stat)


def _mebibytes(status: Mapping[str, str]) -> float:
    return int(status.get("VmHWM", "0 kB").split()[0]) / 1024


def processor_seconds(stat: str) -> float:
    """Time in user and kernel mode, from the text of /proc/<pid>/stat."""
    fields = stat.rpartition(")")[2].split()  # what is before it, the name, may hold blanks
    return (int(fields[11]) + int(fields[12])) / _TICKS
