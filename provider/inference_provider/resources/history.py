"""What does a record tell a person: which revision, what for, who, when, how long, how it ended?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import Body


@dataclass(frozen=True)
class Past:
    """One replacement. Times are RFC 3339; ``switched`` is when traffic moved, ``seconds`` how long it took so far.

    ``outcome`` is None while it is open; ``back_to`` is the revision that an undo brought back.
    """

    revision: str
    kind: str
    phase: str
    outcome: str | None
    artifact_id: str | None
    who: str
    commit: str | None
    began: str | None
    switched: str | None
    ended: str | None
    seconds: float | None
    message: str | None
    back_to: str | None

    @property
    def revision_number(self) -> int:
        """For sorting: r10 comes after r9."""
        return int(self.revision.removeprefix("r"))


def past_of(record: Body) -> Past:
    """Read a record; what a newer or older release wrote differently is left out, never an error."""
    data, times, outcome = record.get("data") or {}, _times(record), annotation(record, labels.OUTCOME)
    began = times.get("submitted") or record["metadata"].get("creationTimestamp")
    ended = max(times.values(), default=None) if outcome else None
    return Past(
        revision=label(record, labels.REVISION) or "r0",
        kind=str(data.get("kind") or "unknown"),
        phase=annotation(record, labels.PHASE) or "unknown",
        outcome=outcome,
        artifact_id=data.get("artifactId"),
        who=str(data.get("person") or data.get("actor") or "unknown"),
        commit=data.get("commit"),
        began=began,
        switched=times.get("switching"),
        ended=ended,
        seconds=_between(began, ended),
        message=annotation(record, labels.MESSAGE),
        back_to=data.get("backTo"),
    )


def serving_since(history: Sequence[Past], active: str) -> str | None:
    """When traffic last moved to the active revision: its own replacement, or an undo that brought it back."""
    moves = [past for past in history if active in (past.back_to, past.revision) and past.outcome != "errored"]
    return next((past.switched for past in reversed(moves) if past.switched), None)


def _times(record: Body) -> dict[str, str]:
    try:
        times = json.loads(annotation(record, labels.PHASES) or "{}")
    except ValueError:
        return {}
    return {str(phase): str(at) for phase, at in times.items()} if isinstance(times, dict) else {}


def _between(began: str | None, ended: str | None) -> float | None:
    try:
        return (
            (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() if began and ended else None
        )
    except ValueError:
        return None
