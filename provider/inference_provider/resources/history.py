"""What does a record tell a person: which revision, what for, who, when, how long, how it ended?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inference_provider.converge.ports import Cluster
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.revision import is_former, named_records, number_of
from inference_provider.rollout.phases import Phase


@dataclass(frozen=True)
class Past:
    """One replacement. Times are RFC 3339; ``switched`` is when traffic moved, ``seconds`` how long it took so far.

    ``outcome`` is None while it is open; ``back_to`` is the revision that an undo brought back, ``previous`` the one
    that served before. ``phases`` has the time of each phase that was entered. ``promotes`` is the revision that a
    promotion is about, ``version`` the number that it got. ``deleted_at`` and ``deleted_by`` tell of the Workload.
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
    previous: str | None = None
    reason: str | None = None
    phases: Mapping[str, str] = field(default_factory=dict)
    promotes: str | None = None
    version: int | None = None
    deleted_at: str | None = None
    deleted_by: str | None = None


async def records_of(
    cluster: Cluster, namespace: str, workload: str, *, template: str | None = None, deleted: bool = False
) -> list[Body]:
    """The records of a Workload, or those of them that are about one template; oldest first.

    With ``deleted``, those that earlier Workloads of that name have left instead.
    """
    selector = named_records(workload) + (f",{labels.TEMPLATE}={template}" if template else "")
    found = sorted(await cluster.list(CONFIG_MAP, namespace, labels=selector), key=number_of)
    if any(map(is_former, found)):
        anchor = await cluster.find(SERVICE, namespace, workload)
        found = [each if deleted else _alive(each) for each in found if _is_left(each, anchor) == deleted]
    return found if not deleted or any(map(is_former, found)) else []


def _alive(record: Body) -> Body:
    """Without what a deletion that was killed has written: its Workload lives."""
    meta, ending = record["metadata"], (labels.DELETED_AT, labels.DELETED_BY)
    notes = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in ending}
    return {**record, "metadata": {**meta, "annotations": notes}}


def _is_left(record: Body, anchor: Body | None) -> bool:
    """Whether a record was left by a Workload that is gone; a deletion that was killed has released some too early."""
    return is_former(record) and (anchor is None or annotation(record, labels.LIFE) != anchor["metadata"]["uid"])


def past_of(record: Body) -> Past:
    """Read a record; what a newer or older release wrote differently is left out, never an error."""
    data, times, outcome = record.get("data") or {}, times_of(record), annotation(record, labels.OUTCOME)
    began = times.get("submitted") or min(times.values(), default=record["metadata"].get("creationTimestamp"))
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
        previous=data.get("previous"),
        reason=data.get("reason"),
        phases=times,
        promotes=data.get("promotes"),
        version=_whole(data.get("version")),
        deleted_at=annotation(record, labels.DELETED_AT),
        deleted_by=annotation(record, labels.DELETED_BY),
    )


def _whole(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isdigit() else None


def serving_since(history: Sequence[Past], active: str) -> str | None:
    """When traffic last moved to the active revision: its own replacement, or an undo that brought it back."""
    moves = [past for past in history if active in (past.back_to, past.revision) and past.outcome != "errored"]
    return next((past.switched for past in reversed(moves) if past.switched), None)


def times_of(record: Body) -> dict[str, str]:
    """When each phase was entered (RFC 3339), in order."""
    try:
        times = json.loads(annotation(record, labels.PHASES) or "{}")
    except ValueError:
        return {}
    entered = {str(phase): str(at) for phase, at in times.items()} if isinstance(times, dict) else {}
    return dict(sorted(entered.items(), key=lambda each: (each[1], _place(each[0]))))


def _place(phase: str) -> int:
    """In the order of the table, for phases of the same second."""
    return next((place for place, known in enumerate(Phase) if known == phase), len(Phase))


def _between(began: str | None, ended: str | None) -> float | None:
    try:
        return (
            (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() if began and ended else None
        )
    except ValueError:
        return None
