"""In which order are tests run, so that the end of a run is not one worker's with a long story?

pytest-xdist cuts the list into one stretch for each worker, and who has none left takes the second half of another's.
So each stretch begins with stories of the real CLI, the longest of all first; what is short is left to the end.
"""

from collections.abc import Sequence
from itertools import groupby

import pytest

#: Rooms whose tests run the real CLI, and the file of which one test takes longer than any other.
STORIES, LONGEST = ("e2e", "examples"), "test_walk.py"
#: Files whose tests share nothing, and may be told by several workers.
APART = "test_scenarios_"
#: The rank of all others.
SHORT = 3


def dealt(tests: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The stories, part by part, dealt to so many workers as cards are; what is short fills up their stretches."""
    ranked = sorted(tests, key=_rank)
    short = [each for each in ranked if _rank(each) == SHORT]
    parts = [[*part] for _, part in groupby(ranked[: len(ranked) - len(short)], key=_part)]
    found: list[pytest.Item] = []
    for worker in range(workers):
        stories = [each for part in parts[worker::workers] for each in part]
        filling = max(0, (len(tests) - len(found)) // (workers - worker) - len(stories))
        found += [*stories, *short[:filling]]
        del short[:filling]
    return [*found, *short]


def _rank(test: pytest.Item) -> int:
    if test.path.name == LONGEST:
        return 0
    if test.path.parent.name in STORIES:
        return 1 if test.path.name.startswith(APART) else 2
    return SHORT


def _part(test: pytest.Item) -> str:
    return test.nodeid if test.path.name.startswith(APART) else str(test.path)
