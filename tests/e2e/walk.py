"""Which steps does a walk take? Drawn by a seed, in words that can be typed again.

Every kind of step comes once before any comes twice. `WALK_SEED` and `WALK_STEPS` walk elsewhere and farther; `WALK`
repeats what failed, or a part of it: "new, struck both ready reverted, undo".
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from itertools import count, islice

from tools.interrupt.moments import MOMENTS
from tools.interrupt.running import BLOWS

#: What CI walks.
SEED, STEPS = 1850, 5

_MOMENTS = tuple(MOMENTS)
#: Those that a first creation goes through.
_BIRTH = ("locked", "recorded", "made", "deployed", "loading", "ready", "narrowed", "completed", "released")
_BLOWS = tuple(blow.replace(" ", "-") for blow in BLOWS)
_THEN = ("same", "reverted", "other")

#: Every kind of step: its word, and what each word after it is drawn from.
KINDS: tuple[tuple[str, tuple[Sequence[str], ...]], ...] = (
    ("same", ()),
    ("new", ()),
    ("reverted", ()),
    ("changed", (("replicas", "description", "port"),)),
    ("refresh", ()),
    ("undo", ()),
    ("resume", ()),
    ("stop", ()),
    ("replace", (("artifact", "workload", "both"),)),
    ("taint", (("artifact", "workload", "both"),)),
    ("rename", ()),
    ("destroy", ()),
    ("struck", (_BLOWS, _MOMENTS, _THEN)),
    ("struck", (_BLOWS, _MOMENTS, _THEN)),
    ("struck", (_BLOWS, _MOMENTS, _THEN)),
    ("born", (_BLOWS, _BIRTH)),
    ("scaled", (_BLOWS,)),
    ("ended", (_BLOWS,)),
)


def chosen() -> tuple[str, tuple[str, ...]]:
    """What to walk now, and how to say that again."""
    if said := os.environ.get("WALK"):
        return f'WALK="{said}"', tuple(each.strip() for each in said.split(","))
    seed, steps = int(os.environ.get("WALK_SEED", SEED)), int(os.environ.get("WALK_STEPS", STEPS))
    return f"WALK_SEED={seed} WALK_STEPS={steps}", tuple(islice(drawn(seed), steps))


def drawn(seed: int) -> Iterator[str]:
    """Steps without end."""
    for turn in count():
        order = sorted(range(len(KINDS)), key=lambda number: _chance(seed, turn, number))
        for number in order:
            word, choices = KINDS[number]
            how = [each[_chance(seed, turn, number, place) % len(each)] for place, each in enumerate(choices)]
            yield " ".join([word, *how])


def story(steps: Sequence[str], at: int) -> str:
    """The steps as a list, for whoever looks into a failure."""
    return "\n".join(f"{'→' if number == at else ' '} {number + 1}. {step}" for number, step in enumerate(steps))


def _chance(*what: object) -> int:
    """A number that looks like chance, and is the same again for the same words."""
    return int(hashlib.sha256(" ".join(map(str, what)).encode()).hexdigest()[:8], 16)
