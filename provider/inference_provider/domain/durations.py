"""How long: durations as people write them."""

import re
from math import isfinite

#: No operation waits longer than a year; far larger numbers cannot be counted with.
LONGEST_SECONDS = 31_536_000
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = r"([0-9]+(?:\.[0-9]+)?)(ms|h|m|s)"
_DURATION = re.compile(rf"({_PART})+")


def duration_seconds(value: int | float | str) -> float:
    """Seconds in "30m", "90s", "1h30m" or a plain number of seconds. Raises ValueError with a sentence."""
    if isinstance(value, str):
        text = value.strip()
        if not _DURATION.fullmatch(text):
            raise ValueError(f'{value!r} is not a duration; write for example "30m", "90s" or "1h30m"')
        seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in re.findall(_PART, text))
    else:
        seconds = float(value)
    if not isfinite(seconds) or seconds <= 0:
        raise ValueError(f"{value!r} is not a duration; it must be longer than nothing")
    if seconds > LONGEST_SECONDS:
        raise ValueError(f"{value!r} is longer than a year ({LONGEST_SECONDS} seconds)")
    return seconds
