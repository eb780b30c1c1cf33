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


#: What each phase means for whoever looks at it, and who serves meanwhile.
MEANING: dict[Phase, str] = {
    Phase.SUBMITTED: "it has its number; nothing of it is there yet. The old version serves",
    Phase.INITIALIZING: "the new version comes up and is proven. The old version serves",
    Phase.AWAITING_PROMOTION: "the new version is proven and waits for somebody to name it. The old version serves",
    Phase.SWITCHING: "traffic goes over. Both serve",
    Phase.CLEANING_UP: "the new version serves alone; the old one is handed to its end",
    Phase.COMPLETED: "the new version serves; the old one is kept, or gone",
    Phase.ERRORED: "it failed, or was cancelled. The old version serves",
    Phase.DELETING: "it is being called off. The old version serves",
}


def mermaid() -> str:
    """The table as a Mermaid state diagram (``stateDiagram-v2``), for the docs."""
    moves = [f"    {now.value} --> {then.value}" for now in Phase for then in Phase if then in FOLLOWING[now]]
    ends = [f"    {phase.value} --> [*]" for phase in Phase if not FOLLOWING[phase]]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {Phase.SUBMITTED.value}", *moves, *ends])
