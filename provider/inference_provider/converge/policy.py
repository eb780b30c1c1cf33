"""A Policy's life: its ConfigMap made, rewritten by compare-and-swap, and removed once no Workload is under it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from inference_provider.converge.artifact import POLL_SECONDS
from inference_provider.converge.claim import obtain, taken
from inference_provider.converge.deadline import Deadline
from inference_provider.converge.operation import utc_now
from inference_provider.converge.ports import Cluster, Reporter
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import ClusterError, Conflict, Forbidden, InUse, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.admission import ADMISSION_POLICY, AdmissionRule, governed_of
from inference_provider.manifests.anchor import is_anchor
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.ownership import is_condemned
from inference_provider.manifests.policy import (
    SELECTOR,
    called,
    is_policy,
    is_under,
    named_by,
    policy_map,
    policy_name,
    policy_of,
    revised,
)


@dataclass(frozen=True)
class Under:
    """The Services of the Workloads that are under a Policy. Not ``everywhere``: only its own namespace was seen."""

    anchors: tuple[Body, ...]
    everywhere: bool = True

    @property
    def ids(self) -> list[str]:
        """Their ids, in order."""
        return sorted(f"{each['metadata']['namespace']}/{each['metadata']['name']}" for each in self.anchors)

    def under(self, policy: PolicyInputs) -> "Under":
        """Those of them that are under a Policy."""
        return replace(self, anchors=tuple(each for each in self.anchors if is_under(each, policy)))


class Standing(Enum):
    """How one Workload stands to a Policy, as far as its own Service tells."""

    UNDER = "under it"
    FREE = "not under it"
    GOING = "being deleted"
    GONE = "not there"
    UNSEEN = "nobody may look"


async def standing_of(cluster: Cluster, workload: str, policy: PolicyInputs) -> Standing:
    """How a Workload (namespace/name) stands to a Policy."""
    namespace, _, name = workload.partition("/")
    try:
        service = await cluster.find(SERVICE, namespace, name)
    except ClusterError:
        return Standing.UNSEEN
    if service is None or not is_anchor(service, name):
        return Standing.GONE
    if is_condemned(service):
        return Standing.GOING
    return Standing.UNDER if is_under(service, policy) else Standing.FREE


async def find(cluster: Cluster, namespace: str, name: str) -> Body | None:
    """The ConfigMap of a Policy; None when it is definitely gone, or going, or not ours."""
    found = await cluster.find(CONFIG_MAP, namespace, policy_map_name(name))
    return found if found is not None and is_policy(found, name) and not is_condemned(found) else None


async def make(
    cluster: Cluster, namespace: str, policy: PolicyInputs, *, notes: Mapping[str, str], report: Reporter
) -> Body:
    """Make the ConfigMap; one that an earlier run of the same resource made is taken over and rewritten.

    Raises NameTaken when it belongs to another resource or to nobody we know.
    """
    body = policy_map(namespace, policy, notes={**notes, labels.CREATED_AT: utc_now()})
    try:
        found, made = await obtain(cluster, CONFIG_MAP, body, report=report)
    except NotFound as error:
        raise NotFound(
            "create",
            kind="ConfigMap",
            namespace=namespace,
            name=policy_map_name(policy.name),
            status=404,
            said=error.said,
            advice=f"Create namespace {namespace} first, or name another one",
        ) from None
    if made:
        return found
    if not is_policy(found, policy.name) or annotation(found, labels.URN) != notes.get(labels.URN):
        raise NameTaken(taken(CONFIG_MAP, found))
    return await rewrite(cluster, found, policy, notes=notes)


async def rewrite(cluster: Cluster, observed: Body, policy: PolicyInputs, *, notes: Mapping[str, str]) -> Body:
    """Write another rule into what is there. Raises NotFound when somebody deletes it meanwhile."""
    while True:
        try:
            return await cluster.replace(CONFIG_MAP, revised(observed, policy, notes=notes))
        except Conflict:
            meta = observed["metadata"]
            observed = await cluster.get(CONFIG_MAP, meta["namespace"], meta["name"])


async def under(cluster: Cluster, policy: PolicyInputs) -> Under:
    """The Workloads that are under a Policy, in every namespace where one may look."""
    return (await workloads(cluster, policy.namespace)).under(policy)


async def workloads(cluster: Cluster, namespace: str | None) -> Under:
    """Every Workload, under whatever it is; of all namespaces where one may look there, else of this one."""
    chosen = f"{labels.PART}=endpoint"
    try:
        found, everywhere = await cluster.list(SERVICE, None, labels=chosen), True
    except Forbidden:
        found, everywhere = await cluster.list(SERVICE, namespace, labels=chosen), False
    ours = (each for each in found if is_anchor(each, each["metadata"]["name"]) and not is_condemned(each))
    return Under(tuple(ours), everywhere)


async def governed_unseen(cluster: Cluster, policy: PolicyInputs, seen: Under) -> dict[str, Standing]:
    """Workloads that the API server holds to a Policy, and that no list showed, unless they are surely not under it.

    That is how one knows of those in namespaces where nobody may look.
    """
    try:
        found = await cluster.find(ADMISSION_POLICY, None, AdmissionRule.named(policy.namespace or "", policy.name))
    except ClusterError:
        return {}
    governed = governed_of(found) if found else None
    names = sorted({f"{place}/{name}" for place, name in governed.workloads} - set(seen.ids)) if governed else []
    answers = await asyncio.gather(*(standing_of(cluster, each, policy) for each in names))
    counts = (Standing.UNDER, Standing.UNSEEN)
    return {each: answer for each, answer in zip(names, answers, strict=True) if answer in counts}


async def taken_over(cluster: Cluster, observed: Body, seen: Under) -> set[str]:
    """Those of the Workloads under a Policy that are under what has come in its place: the same resource of the
    program under another name. Not those that name it themselves.
    """
    meta = observed["metadata"]
    maps = await cluster.list(CONFIG_MAP, meta["namespace"], labels=SELECTOR)
    same = [each for each in maps if annotation(each, labels.URN) == annotation(observed, labels.URN) is not None]
    heirs = [policy_of(each) for each in same if policy_name(each) not in (None, called(observed))]
    free = (each for each in seen.anchors if f"{meta['namespace']}/{called(observed)}" not in named_by(each))
    return set(Under(tuple(each for each in free if any(heir and is_under(each, heir) for heir in heirs))).ids)


async def remove(cluster: Cluster, observed: Body, policy: PolicyInputs, *, seconds: float, report: Reporter) -> None:
    """Delete a Policy once no Workload is under it, or at once where it may be forced.

    Raises InUse naming the Workloads when they are still there at the end of the time.
    """
    meta = observed["metadata"]
    deadline = Deadline.after(f"deleting Policy {meta['namespace']}/{policy.name}", seconds)
    while True:
        seen = await under(cluster, policy)
        more = await governed_unseen(cluster, policy, seen)
        those = sorted({*seen.ids, *more} - await taken_over(cluster, observed, seen))
        if not those or policy.force_delete:
            break
        if deadline.left() <= 0:
            raise InUse(_in_use(f"{meta['namespace']}/{policy.name}", those, more))
        report.status(f"waiting until no Workload is under it: {', '.join(those)}")
        await asyncio.sleep(min(POLL_SECONDS, deadline.left()))
    await cluster.delete(CONFIG_MAP, meta["namespace"], meta["name"], uid=meta["uid"])
    if those:
        report.warn(f"Policy {meta['namespace']}/{policy.name} is deleted, and {', '.join(those)} was under it")


def _in_use(place: str, those: Sequence[str], more: Mapping[str, Standing]) -> str:
    unseen = [each for each in those if more.get(each) is Standing.UNSEEN]
    blind = (
        f" (its ValidatingAdmissionPolicy says so of {', '.join(unseen)}: this identity may not look there)"
        if unseen
        else ""
    )
    return (
        f"could not delete Policy {place}: {', '.join(those)} {'is' if len(those) == 1 else 'are'} under it{blind}. "
        "Remove them first, or let it choose others, or set `forceDelete` to true, run `pulumi up`, and delete it then"
    )
