"""Records that outlive their Workload: released when it is deleted on that condition, taken back when it lives on."""

import contextlib
import json
from collections.abc import Sequence

from inference_provider.converge.operation import Operation, utc_now
from inference_provider.converge.ports import Cluster
from inference_provider.errors import ClusterError, Conflict, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, Body
from inference_provider.manifests.ownership import is_owned_by
from inference_provider.manifests.revision import (
    is_former,
    named_records,
    number_of,
    phase_notes,
    release_operations,
    take_back_operations,
)
from inference_provider.rollout.phases import FOLLOWING, Phase, may_follow

#: How many records of deleted Workloads are kept under one name, and in one namespace.
KEPT_OF_A_NAME = 50
KEPT_IN_A_NAMESPACE = 500
_DELETED = "the Workload was deleted meanwhile"


async def release(cluster: Cluster, anchor: Body, *, by: str) -> None:
    """Let every record of a Workload outlive it. Whoever calls has its lock, and deletes its Service next.

    Each record is released in one patch. A run that is killed in between has released some; the next one releases the
    rest, or, if the Workload is to live on, takes them back (``own_again``).
    """
    meta, at = anchor["metadata"], utc_now()
    found = await cluster.list(CONFIG_MAP, meta["namespace"], labels=named_records(meta["name"]))
    for each in found:
        if is_owned_by(each, anchor):
            change = release_operations(each, anchor, at=at, by=by, ending=_ending(each, at=at))
            with contextlib.suppress(NotFound):  # somebody has tidied it away
                await cluster.patch(CONFIG_MAP, meta["namespace"], each["metadata"]["name"], change)
    await _tidy(cluster, meta["namespace"])


def _ending(record: Body, *, at: str) -> dict[str, str | None]:
    """What a replacement that was under way says of its end: nobody else ever will."""
    said = annotation(record, labels.PHASE)
    now = next((phase for phase in Phase if phase == said and FOLLOWING[phase]), None)
    if now is None:
        return {}
    then, outcome = (Phase.ERRORED, "cancelled") if may_follow(now, Phase.ERRORED) else (Phase.COMPLETED, "completed")
    return phase_notes(record, then, at=at, outcome=outcome, message=_DELETED)


async def own_again(op: Operation, named: Sequence[Body]) -> list[Body]:
    """Those of the records under this name that are this very Workload's, with what a killed deletion had released."""
    found = [await taken_back(op, each) for each in named]
    return [each for each in found if is_owned_by(each, op.anchor())]


async def taken_back(op: Operation, record: Body) -> Body:
    """A record as it was before a deletion that was killed had released it; every other as it is.

    Only for whoever has the lock, and means the Workload to live on.
    """
    anchor = op.anchor()
    if is_former(record) and annotation(record, labels.LIFE) == anchor["metadata"]["uid"]:
        change = take_back_operations(record, anchor, ending=_undone(record))
        with contextlib.suppress(Conflict, NotFound):
            return await op.cluster.patch(CONFIG_MAP, op.namespace, record["metadata"]["name"], change)
    return record


def _undone(record: Body) -> dict[str, str | None]:
    """What undoes ``_ending``; nothing where the replacement had come to an end of its own."""
    if annotation(record, labels.MESSAGE) != _DELETED:
        return {}
    times: dict[str, str] = json.loads(annotation(record, labels.PHASES) or "{}")
    times.pop(annotation(record, labels.PHASE) or "", None)
    before = next(reversed(times), Phase.SUBMITTED.value)  # phases are noted one after the other
    return {labels.PHASE: before, labels.PHASES: json.dumps(times), labels.OUTCOME: None, labels.MESSAGE: None}


async def _tidy(cluster: Cluster, namespace: str) -> None:
    """Delete what is too much; what cannot be deleted now is deleted after the next one."""
    with contextlib.suppress(ClusterError):
        found = await cluster.list(CONFIG_MAP, namespace, labels=f"{labels.FORMER},{labels.PART}=record")
        for each in spare(found):
            await cluster.delete(CONFIG_MAP, namespace, each["metadata"]["name"], uid=each["metadata"]["uid"])


def spare(records: Sequence[Body]) -> list[Body]:
    """What goes of the records of deleted Workloads in one namespace: of each name the lowest numbers beyond its
    limit, then those that were deleted first. The highest number of a name is what a later life counts on from.
    """
    by_name: dict[str, list[Body]] = {}
    for each in sorted(records, key=number_of):
        by_name.setdefault(str(each["metadata"]["labels"][labels.FORMER]), []).append(each)
    gone = [each for held in by_name.values() for each in held[:-KEPT_OF_A_NAME]]
    left = [each for held in by_name.values() for each in held[-KEPT_OF_A_NAME:]]
    oldest = sorted(left, key=lambda each: (annotation(each, labels.DELETED_AT) or "", number_of(each)))
    return [*gone, *oldest[: max(0, len(left) - KEPT_IN_A_NAMESPACE)]]
