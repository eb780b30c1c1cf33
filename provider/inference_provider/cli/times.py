"""How is a time said to a person: the moment in UTC, and how long ago or how far off that is?"""

from datetime import UTC, datetime


def read(text: str | None) -> datetime | None:
    """A time as Kubernetes writes it; None when there is none or it cannot be read."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def length(seconds: float) -> str:
    """A duration in one unit, precise enough to act on, never too long: ``38 s``, ``12 min``, ``5 h``, ``3 d``."""
    seconds = max(0.0, seconds)
    for limit, unit, word in ((100, 1, "s"), (100 * 60, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{seconds // unit:.0f} {word}"
    return f"{seconds // 86400:.0f} d"


def left(seconds: float) -> str:
    """What is left, so that one can see it run down: ``52 s``, ``4:12 min``, ``3:07 h``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60}:{whole % 60:02d} min" if whole < 3600 else f"{whole // 3600}:{whole // 60 % 60:02d} h"


def moment(text: str | None, now: datetime) -> str:
    """``12:14:31 UTC`` today, ``2026-11-20 12:14 UTC`` on another day, ``unknown`` without a time."""
    at = read(text)
    if at is None:
        return "unknown"
    at = at.astimezone(UTC)
    return f"{at:%H:%M:%S} UTC" if at.date() == now.astimezone(UTC).date() else f"{at:%Y-%m-%d %H:%M} UTC"


def age(text: str | None, now: datetime) -> str:
    """How long ago: ``3 h``; ``-`` without a time."""
    at = read(text)
    return "-" if at is None else length((now - at).total_seconds())


def ago(text: str | None, now: datetime) -> str:
    """``12:14:31 UTC (3 h ago)``, or ``(8:20 min left)`` when it is still to come."""
    at = read(text)
    if at is None:
        return "an unknown time"
    away = (at - now).total_seconds()
    return f"{moment(text, now)} ({f'{left(away)} left' if away > 0 else f'{length(-away)} ago'})"
