"""Does somebody still drive a replacement whose record is open, or did its run die and leave it so?

A run that was killed closes nothing. Who works on a Workload holds its lock, and what waits for promotion has no run;
all else that is open goes on only when another run carries on with it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.resources.history import Past
from inference_provider.rollout.fleet import Fleet, Proton, Role

#: What an open record says that nobody brings to its end.
INTERRUPTED = "interrupted"


def is_silent(renewed: str | None, lasts: float) -> bool:
    """Whether a lock was not renewed for as long as its holder claims it, by its own clock and ours."""
    try:
        at = datetime.fromisoformat(renewed or "")
    except ValueError:
        return False
    return (datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds() > lasts


def as_driven(records: Sequence[Past], fleet: Fleet) -> tuple[Past, ...]:
    """The records as they are, and those that were left open with why nobody goes on with them."""
    told = [(each, undriven(each, fleet)) for each in records]
    return tuple(replace(each, phase=INTERRUPTED, message=said) if said else each for each, said in told)


def undriven(past: Past, fleet: Fleet) -> str | None:
    """Why an open replacement does not go on by itself, where nobody holds the lock; None when it is all right."""
    if past.outcome is not None or past.kind == "promotion":
        return None
    names = (past.revision, past.back_to)
    coming = [each for each in fleet.of_role(Role.CANDIDATE) if each.name in names]
    if coming:
        return _left(coming[-1], fleet)
    if fleet.active is not None and fleet.active.name in names:
        return f"{fleet.active.name} serves; the run that drove it was interrupted before it had tidied up"
    return "the run that drove it was interrupted before it had made anything; the next one closes this record"


def _left(candidate: Proton, fleet: Fleet) -> str | None:
    """What an interrupted run has left of a version on its way up."""
    if not candidate.staged:
        return f"{candidate.name} is half made: the run that drove it was interrupted; the next one carries on"
    if not fleet.external or annotation(candidate.service, labels.DRIVEN_BY) is not None:
        return None  # it waits for promotion, and nobody has to drive it
    return (
        f"{candidate.name} is proven and could be promoted, but belongs to no Replacement: the run of the one that "
        "made it was interrupted. A `pulumi up` with that Replacement takes it over"
    )
