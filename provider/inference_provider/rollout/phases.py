"""The phases of a replacement, as one table. What is not in it cannot happen."""

from enum import StrEnum


class Phase(StrEnum):
    """Replacement statuses of seed 001."""

    SUBMITTED = "submitted"
    INITIALIZING = "initializing"
    AWAITING_PROMOTION = "awaiting_promotion"
    SWITCHING = "switching"
    CLEANING_UP = "cleaning_up"
    COMPLETED = "completed"
    ERRORED = "errored"
    DELETING = "deleting"


FOLLOWING: dict[Phase, frozenset[Phase]] = {
    Phase.SUBMITTED: frozenset({Phase.INITIALIZING, Phase.ERRORED, Phase.DELETING}),
    Phase.INITIALIZING: frozenset({Phase.AWAITING_PROMOTION, Phase.SWITCHING, Phase.ERRORED, Phase.DELETING}),
    Phase.AWAITING_PROMOTION: frozenset({Phase.SWITCHING, Phase.ERRORED, Phase.DELETING}),
    Phase.SWITCHING: frozenset({Phase.CLEANING_UP, Phase.ERRORED}),
    Phase.CLEANING_UP: frozenset({Phase.COMPLETED}),
    Phase.DELETING: frozenset({Phase.ERRORED}),
    Phase.COMPLETED: frozenset(),
    Phase.ERRORED: frozenset(),
}


def may_follow(now: Phase, then: Phase) -> bool:
    """Whether a replacement in phase ``now`` may enter ``then``; staying where it is may always happen."""
    return now is then or then in FOLLOWING[now]
