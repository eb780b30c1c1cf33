"""The record of one revision: an immutable ConfigMap that says what ran, who asked for it and how it went.

Its data never changes; what happens later (phase, times, outcome) is written into its annotations.
"""

import json
from collections.abc import Mapping

from inference_provider.domain.names import revision_record_name
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations, label, label_pointer
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import owner_reference

#: What a record is about.
KINDS = ("create", "replacement", "undo", "promotion")
#: A record's own words, which the next record of the same version does not repeat.
OWN_WORDS = ("kind", "backTo", "previous", "actor", "person", "reason", "commit", "promotes", "version")


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


def promotion_record(
    anchor: Body, *, workload: str, revision: int, template: str, facts: Mapping[str, object], at: str
) -> Body:
    """The record of a version that got its number while it served: there is nothing to go through, so it is complete.

    ``facts`` name the revision that serves (``promotes``) and the number (``version``).
    """
    body = revision_record(
        anchor, workload=workload, revision=revision, kind="promotion", template=template, facts=facts
    )
    said = f"{facts['promotes']} is v{facts['version']} now; nothing restarted"
    done = phase_notes(body, "completed", at=at, outcome="completed", message=said)
    body["metadata"]["annotations"] |= done
    return body


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


def release_operations(record: Body, anchor: Body, *, at: str, by: str, ending: Mapping[str, str | None]) -> list[Body]:
    """The JSON patch by which a record outlives its Workload: owned by nobody, and no longer one of that name.

    ``ending`` are annotations that say how it ended, if it had not. All of it is done or nothing, and nothing if it is
    not the very same object.
    """
    workload, life = anchor["metadata"]["name"], anchor["metadata"]["uid"]
    return [
        *_same(record),
        {"op": "remove", "path": "/metadata/ownerReferences"},
        {"op": "remove", "path": label_pointer(labels.WORKLOAD)},
        {"op": "add", "path": label_pointer(labels.FORMER), "value": workload},
        *change_operations(record, {**ending, labels.LIFE: life, labels.DELETED_AT: at, labels.DELETED_BY: by}),
    ]


def take_back_operations(record: Body, anchor: Body, *, ending: Mapping[str, str | None]) -> list[Body]:
    """The JSON patch that undoes ``release_operations``: the deletion never came to its end.

    ``ending`` are annotations that undo what the release has said of how it ended.
    """
    return [
        *_same(record),
        {"op": "add", "path": "/metadata/ownerReferences", "value": [owner_reference(anchor)]},
        {"op": "remove", "path": label_pointer(labels.FORMER)},
        {"op": "add", "path": label_pointer(labels.WORKLOAD), "value": anchor["metadata"]["name"]},
        *change_operations(record, {**ending, **dict.fromkeys((labels.LIFE, labels.DELETED_AT, labels.DELETED_BY))}),
    ]


def _same(record: Body) -> list[Body]:
    return [{"op": "test", "path": "/metadata/uid", "value": record["metadata"]["uid"]}]


def is_former(record: Body) -> bool:
    """Whether a record has been released from its Workload."""
    return label(record, labels.FORMER) is not None


def number_of(record: Body) -> int:
    """The number that a record bears; for sorting, since r10 comes after r9. 0 where it cannot be read."""
    number = (label(record, labels.REVISION) or "").removeprefix("r")
    return int(number) if number.isdigit() else 0


def named_records(workload: str) -> str:
    """The label selector of every record under a Workload's name, those of former lives included."""
    return f"app.kubernetes.io/instance={workload},{labels.PART}=record"
