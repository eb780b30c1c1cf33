"""Making the API server hold to a policy by itself, and seeing that it does.

Each API server takes such an object up from a watch of its own, some tenths of a second after it was written. Until
then a pod that is forbidden now may pass, and one that is allowed now may be refused. So it is asked, by dry runs that
only this version of the policy refuses, until it has answered several times in a row: where several API servers stand
behind one address, that makes it likely, not certain, that all of them know.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum

from inference_provider.converge.ports import Cluster
from inference_provider.errors import AlreadyExists, ClusterError, Conflict, Denied, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_binding,
    admission_policy,
    governed_of,
    in_effect,
    question,
)
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import DEPLOYMENT, Body, Kind

#: How often is asked, and for how long at most (seconds).
POLL_SECONDS, PATIENCE_SECONDS = 0.1, 15.0
#: So many times in a row the answer has to be the right one.
IN_A_ROW = 3
#: So often an object that others are changing too is written. Of many who come at once, one gets through each time.
_TRIES = 30


class Instead(Enum):
    """What is done when no rule is to be written."""

    REMOVED = "both objects are deleted"
    UNTOUCHED = "they stay as they are"


#: What a policy's object is to be, given it as it is found. Asked anew whenever somebody else was faster, and to look
#: at everything it needs then: what it had seen before may be older than what it would overwrite.
Wanted = Callable[[Body | None], Awaitable[AdmissionRule | Instead]]


async def settle(cluster: Cluster, name: str, wanted: Wanted, *, ask_in: str) -> str | None:
    """Bring both objects of a policy to what is wanted, or delete them, and wait until that is in effect.

    ``ask_in``: the namespace in which is asked, if the policy governs somebody there. Returns None, or a sentence if
    nobody could see within a quarter of a minute that it is. Raises NameTaken when somebody else's objects have their
    names, and ClusterErrors: NotFound where the API server knows no such objects.
    """
    before: str | None = None
    for last in [False] * (_TRIES - 1) + [True]:
        # The binding is read first: whoever writes one made it from this version of the policy, or from a later one.
        binding = await cluster.find(ADMISSION_BINDING, None, name)
        found = await cluster.find(ADMISSION_POLICY, None, name)
        before = before or (annotation(found, labels.DIGEST) if found and _is_ours(found) else None)
        rule = await wanted(found)
        if rule is Instead.UNTOUCHED:
            return None
        try:
            if isinstance(rule, AdmissionRule):
                await _put(cluster, ADMISSION_POLICY, found, admission_policy(rule))
                await _put(cluster, ADMISSION_BINDING, binding, admission_binding(rule))
                return await _seen(cluster, name, _place(rule, ask_in), before)
            await _deleted(cluster, binding, found)
            return await _seen(cluster, name, ask_in, before) if before else None
        except (AlreadyExists, Conflict):
            if last:
                raise
    raise AssertionError("the last try returns or raises")


async def enforce(
    cluster: Cluster, rule: AdmissionRule, *, grows: bool = False, ask_in: str | None = None
) -> str | None:
    """Make or change both objects of a policy by a rule that cannot change meanwhile.

    ``grows``: whom they govern already they still do. Returns and raises as ``settle`` does.
    """

    async def wanted(found: Body | None) -> AdmissionRule:
        already = governed_of(found) if found and grows else None
        return replace(rule, governed=rule.governed.joined(already)) if already else rule

    return await settle(cluster, rule.name, wanted, ask_in=ask_in or rule.namespace)


async def lift(cluster: Cluster, namespace: str, policy: str, *, ask_in: str | None = None) -> str | None:
    """Delete both objects of a policy, and wait until nothing is refused by them any more.

    Returns and raises as ``settle`` does; what is not there, or is not ours, is left alone.
    """

    async def wanted(_: Body | None) -> Instead:
        return Instead.REMOVED

    return await settle(cluster, AdmissionRule.named(namespace, policy), wanted, ask_in=ask_in or namespace)


async def _put(cluster: Cluster, kind: Kind, found: Body | None, wanted: Body) -> None:
    """Bring an object to what is wanted. Raises Conflict or AlreadyExists when somebody else was faster."""
    if found is None:
        await cluster.create(kind, wanted)
        return
    name = found["metadata"]["name"]
    if not _is_ours(found):
        raise NameTaken(_taken(kind, name))
    changed = _changed(found, wanted)
    if changed == found:
        return
    try:
        await cluster.replace(kind, changed)
    except NotFound as gone:
        raise Conflict("change", kind=kind.name, namespace=None, name=name, said="somebody deleted it") from gone


async def _deleted(cluster: Cluster, binding: Body | None, found: Body | None) -> None:
    """Delete those that are ours. Raises Conflict when somebody has joined the policy meanwhile."""
    # The binding first: without it nothing is refused, and a policy without one does no harm.
    for kind, body in ((ADMISSION_BINDING, binding), (ADMISSION_POLICY, found)):
        if body is not None and _is_ours(body):
            meta = body["metadata"]
            await cluster.delete(kind, None, meta["name"], uid=meta["uid"], resource_version=meta["resourceVersion"])


def _is_ours(found: Body) -> bool:
    return label(found, "app.kubernetes.io/managed-by") == labels.MANAGED_BY


def _changed(found: Body, wanted: Body) -> Body:
    """What is there, with everything of ours as wanted; other people's labels and annotations stay."""
    meta, ours = found["metadata"], wanted["metadata"]
    kept = {key: (meta.get(key) or {}) | ours[key] for key in ("labels", "annotations")}
    return found | {"spec": wanted["spec"], "metadata": meta | kept}


def _taken(kind: Kind, name: str) -> str:
    return (
        f"could not change {kind.name} {name}: it is not ours, for its label app.kubernetes.io/managed-by is not "
        f"{labels.MANAGED_BY}. Delete or rename it, or name the Policy otherwise"
    )


def _place(rule: AdmissionRule, ask_in: str | None) -> str:
    places = rule.governed.places
    return next((place for place in (ask_in, rule.namespace) if place in places), places[0])


async def _seen(cluster: Cluster, name: str, place: str, before: str | None) -> str | None:
    """Wait until what is written is in effect, and what was there ``before`` is not; a sentence when that is not seen.

    What is written is looked at anew each time, as somebody else may have changed it once more.
    """
    ends = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    right = 0
    try:
        while asyncio.get_running_loop().time() < ends:
            right = right + 1 if await _as_written(cluster, name, place, before) else 0
            if right >= IN_A_ROW:
                return None
            await asyncio.sleep(POLL_SECONDS)
    except ClusterError as error:
        return f"nobody could see whether ValidatingAdmissionPolicy {name} is in effect: {error}"
    return (
        f"ValidatingAdmissionPolicy {name} was written, and is not in effect after {PATIENCE_SECONDS:.0f} s: pods that "
        f"it forbids may pass in namespace {place} for now, or pods that it allows be refused"
    )


async def _as_written(cluster: Cluster, name: str, place: str, before: str | None) -> bool:
    policy = await cluster.find(ADMISSION_POLICY, None, name)
    binding = await cluster.find(ADMISSION_BINDING, None, name)
    now = annotation(policy, labels.DIGEST) if policy and binding else None
    denies = binding is not None and "Deny" in binding["spec"]["validationActions"]
    asked = {digest for digest in (before, now) if digest}
    return all([await _answers(cluster, digest, place) == (denies and digest == now) for digest in sorted(asked)])


async def _answers(cluster: Cluster, digest: str, place: str) -> bool:
    """Whether this version of a policy refuses what it alone refuses. Raises when something else does."""
    try:
        await cluster.rehearse(DEPLOYMENT, question(digest, namespace=place))
    except Denied as refused:
        if in_effect(digest) in refused.said:
            return True
        raise
    return False
