"""Making the API server hold to a policy by itself, and seeing that it does.

Each API server takes such an object up from a watch of its own, some tenths of a second after it was written. Until
then a pod that is forbidden now may pass, and one that is allowed now may be refused. So it is asked, by dry runs that
only this version of the policy refuses, until it has answered several times in a row: where several API servers stand
behind one address, that makes it likely, not certain, that all of them know.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from inference_provider.converge.ports import Cluster
from inference_provider.errors import AlreadyExists, ClusterError, Conflict, Denied, NameTaken
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
#: So often an object that others are changing too is written.
_TRIES = 5


async def enforce(
    cluster: Cluster, rule: AdmissionRule, *, grows: bool = False, ask_in: str | None = None
) -> str | None:
    """Make or change both objects of a policy, and wait until they are in effect.

    ``grows``: whom they govern already they still do, so that several who add one Workload each do not undo each
    other. ``ask_in``: the namespace in which is asked; by default the policy's own if it governs there. Returns None,
    or a sentence if nobody could see within a quarter of a minute that they are. Raises NameTaken when somebody else's
    objects have their names, and ClusterErrors: NotFound where the API server knows no such objects.
    """
    before = await _written(cluster, ADMISSION_POLICY, rule, admission_policy, grows=grows)
    await _written(cluster, ADMISSION_BINDING, rule, admission_binding, grows=grows)
    return await _seen(cluster, rule.name, _place(rule, ask_in), before)


async def lift(cluster: Cluster, namespace: str, policy: str, *, ask_in: str | None = None) -> str | None:
    """Delete both objects of a policy, and wait until nothing is refused by them any more.

    Returns and raises as ``enforce`` does; what is not there, or is not ours, is left alone.
    """
    name = AdmissionRule.named(namespace, policy)
    # The binding first: without it nothing is refused, and a policy without one does no harm.
    await _deleted(cluster, ADMISSION_BINDING, name)
    digest = await _deleted(cluster, ADMISSION_POLICY, name)
    return await _seen(cluster, name, ask_in or namespace, digest) if digest else None


async def _written(
    cluster: Cluster, kind: Kind, rule: AdmissionRule, made: Callable[[AdmissionRule], Body], *, grows: bool
) -> str | None:
    """Bring an object to what is wanted; the digest that it had before, if it was there."""
    for last in [False] * (_TRIES - 1) + [True]:
        found = await cluster.find(kind, None, rule.name)
        try:
            if found is None:
                await cluster.create(kind, made(rule))
                return None
            if label(found, "app.kubernetes.io/managed-by") != labels.MANAGED_BY:
                raise NameTaken(_taken(kind, rule.name))
            changed = _changed(found, made(_grown(rule, found) if grows else rule))
            if changed != found:
                await cluster.replace(kind, changed)
            return annotation(found, labels.DIGEST)
        except (AlreadyExists, Conflict):
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def _grown(rule: AdmissionRule, found: Body) -> AdmissionRule:
    already = governed_of(found)
    return replace(rule, governed=rule.governed.joined(already)) if already else rule


async def _deleted(cluster: Cluster, kind: Kind, name: str) -> str | None:
    """Delete an object of ours; the digest that it had, or None when there was none."""
    found = await cluster.find(kind, None, name)
    if found is None or label(found, "app.kubernetes.io/managed-by") != labels.MANAGED_BY:
        return None
    await cluster.delete(kind, None, name, uid=found["metadata"]["uid"])
    return annotation(found, labels.DIGEST)


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
