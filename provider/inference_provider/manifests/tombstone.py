"""The Job that owns a proton which no longer serves, and whose expiry ends it without any of our processes.

It asks for no completions, so it is complete as soon as the Job controller sees it and never makes a pod;
``ttlSecondsAfterFinished`` counts from then, and garbage collection takes what it owns.
"""

from inference_provider.domain.names import tombstone_name
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.never_run import never_run
from inference_provider.manifests.ownership import owner_reference

#: Added to what is left of an operation so that a tombstone made early cannot expire under it.
MARGIN_SECONDS = 3600


def tombstone(anchor: Body, *, workload: str, revision: int, template: str, seconds: int) -> Body:
    """A tombstone for one proton, living ``seconds`` after its completion unless shortened."""
    meta = anchor["metadata"]
    named = labels.identity(workload) | {
        labels.REVISION: f"r{revision}",
        labels.TEMPLATE: template,
        labels.PART: "tombstone",
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": tombstone_name(workload, revision),
            "namespace": meta["namespace"],
            "labels": named,
            "annotations": {labels.EPOCH: annotation(anchor, labels.EPOCH) or "0"},
            "ownerReferences": [owner_reference(anchor)],
        },
        "spec": {
            "completions": 0,
            "parallelism": 0,
            "ttlSecondsAfterFinished": seconds,
            "template": {"metadata": {"labels": named}, "spec": {"restartPolicy": "Never"} | never_run()},
        },
    }


def time_to_live(age_seconds: float, keep_seconds: float) -> int:
    """The ``ttlSecondsAfterFinished`` that lets a tombstone of this age live ``keep_seconds`` more (rounded up)."""
    return max(0, int(age_seconds + keep_seconds + 0.999))
