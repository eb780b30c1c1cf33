"""A draft that runs is locked and gets its number: the history of every Workload that it serves in says so.

Nothing restarts, for the content is the same. The Workload's lock is not taken: a replacement may hold it for an hour,
and nothing here touches what runs. The number comes by compare-and-swap on the Workload's Service, as every other, and
the record is made whole in one request. A run that is killed in between has used up a number, and the next one, which
finds no record, takes another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inference_provider.converge.claim import claim
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import Operation
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.converge.record import all_records, find_record, reserve_number
from inference_provider.errors import InferenceError, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.revision import OWN_WORDS, promotion_record
from inference_provider.rollout.fleet import Proton

#: Time for one Workload's record (seconds); it is a matter of two requests.
RECORD_SECONDS = 30.0


@dataclass(frozen=True)
class Numbered:
    """A version that has just been locked, or was before: its content, and the number that it bears.

    ``facts`` are who locked it, and what it is.
    """

    namespace: str
    artifact: str
    content_hash: str
    number: int
    facts: Mapping[str, object]


async def tell_workloads(cluster: Cluster, version: Numbered, *, report: Reporter) -> None:
    """Write the number into the history of every Workload in which the version serves and came up as a draft.

    What cannot be written is a warning: the version is locked all the same.
    """
    for workload in await _users(cluster, version, report):
        try:
            await _tell(cluster, version, workload, report)
        except NotFound:
            continue  # it is gone, and its history with it
        except InferenceError as error:
            named = f"Workload {version.namespace}/{workload}"
            report.warn(f"{error.message}; that its version is v{version.number} now is not in the history of {named}")


async def _users(cluster: Cluster, version: Numbered, report: Reporter) -> list[str]:
    """The Workloads that have pods of this version, serving or not."""
    chosen = {labels.ARTIFACT: version.artifact, labels.CONTENT: version.content_hash, labels.PART: "proton"}
    selector = ",".join(f"{key}={value}" for key, value in chosen.items())
    try:
        found = await cluster.list(SERVICE, version.namespace, labels=selector)
    except InferenceError as error:
        report.warn(f"{error.message}; which Workloads run v{version.number} of it is not known, nor written down")
        return []
    return sorted({label(each, labels.WORKLOAD) or "" for each in found} - {""})


async def _tell(cluster: Cluster, version: Numbered, workload: str, report: Reporter) -> None:
    service = await cluster.find(SERVICE, version.namespace, workload)
    if service is None or is_condemned(service) or not is_anchor(service, workload):
        return
    doing = f"writing v{version.number} into the history of Workload {version.namespace}/{workload}"
    async with cluster.mirror(version.namespace, workload) as mirror:
        op = Operation.watching(service, cluster, mirror, Deadline.after(doing, RECORD_SECONDS), report)
        await op.seen(SERVICE, service, new=True)
        active = op.fleet().active
        if active is None or not _came_as_draft(active, version) or await _told(op, version, active):
            return
        ran = await find_record(op, active.revision)
        body = promotion_record(
            op.anchor(),
            workload=workload,
            revision=await reserve_number(op),
            template=active.template,
            facts=_facts(version, active, ran),
            at=op.now(),
        )
        await claim(cluster, CONFIG_MAP, body)
    report.info(f"{active.name} of Workload {version.namespace}/{workload} is v{version.number} now; nothing restarts")


def _came_as_draft(proton: Proton, version: Numbered) -> bool:
    """Whether a proton runs this version, and had no number when it came up."""
    named = (label(proton.service, labels.ARTIFACT), label(proton.service, labels.CONTENT))
    born = label(proton.service, "app.kubernetes.io/version")
    return named == (version.artifact, version.content_hash) and born != f"v{version.number}"


async def _told(op: Operation, version: Numbered, active: Proton) -> bool:
    said = {"kind": "promotion", "promotes": active.name, "version": str(version.number)}
    return any(said.items() <= (each.get("data") or {}).items() for each in await all_records(op))


def _facts(version: Numbered, active: Proton, ran: Body | None) -> dict[str, object]:
    """What is on record of the revision that serves, and of its version what is known now."""
    known = {key: value for key, value in ((ran or {}).get("data") or {}).items() if key not in OWN_WORDS}
    return {**known, **version.facts, "promotes": active.name, "version": str(version.number)}
