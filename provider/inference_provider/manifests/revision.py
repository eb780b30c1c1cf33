"""The record of one revision: an immutable ConfigMap that says what ran, who asked for it and how it went.

Its data never changes; what happens later (phase, times, outcome) is written into its annotations.
"""

import json
from collections.abc import Mapping

from inference_provider.domain.names import revision_record_name
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import owner_reference

#: What a record is about.
KINDS = ("create", "replacement", "undo")


def revision_record(
    anchor: Body, *, workload: str, revision: int, kind: str, template: str, facts: Mapping[str, object]
) -> Body:
    """A record as it is created, in phase ``submitted``. ``facts`` are kept as JSON under their names."""
    meta = anchor["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": revision_record_name(workload, revision),
            "namespace": meta["namespace"],
            "labels": labels.identity(workload)
            | {labels.REVISION: f"r{revision}", labels.TEMPLATE: template, labels.PART: "record"},
            "annotations": {labels.PHASE: "submitted"},
            "ownerReferences": [owner_reference(anchor)],
        },
        "immutable": True,
        "data": {"kind": kind} | {key: _text(value) for key, value in facts.items() if value is not None},
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def phase_notes(
    record: Body, phase: str, *, at: str, outcome: str | None, message: str | None
) -> dict[str, str | None]:
    """The annotations that say a record has entered ``phase`` at a time; earlier phases keep theirs."""
    times = json.loads(annotation(record, labels.PHASES) or "{}")
    times.setdefault(phase, at)
    notes: dict[str, str | None] = {labels.PHASE: phase, labels.PHASES: json.dumps(times)}
    if outcome:
        notes[labels.OUTCOME] = outcome
    if message:
        notes[labels.MESSAGE] = message[:2000]
    return notes
