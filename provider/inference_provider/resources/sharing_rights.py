"""May we share a Workload as its program wants it? Asked before anything moves: in previews, and by the doctor.

Kubernetes lets nobody grant what they do not hold, by RBAC's rules alone; these come with one question.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference_provider.converge.look import own_sharing
from inference_provider.converge.ports import Cluster
from inference_provider.domain.shared_roles import Role
from inference_provider.errors import ClusterError, InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.grants import Grant, beyond, holds, listed
from inference_provider.manifests.kinds import Body, Kind
from inference_provider.manifests.roles import RBAC, Named, noted, rules
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.rights import Right, lacking
from inference_provider.resources.world import World, touches
from inference_provider.rollout.plan import Plan
from inference_provider.rollout.sharing import VERBS, Change, is_shared, may_not, named_of, outstanding, role_of

RULES_REVIEW = Kind("SelfSubjectRulesReview", "selfsubjectrulesreviews", "authorization.k8s.io/v1", namespaced=False)
#: What anybody could be called who is shared with for the first time.
_ANY = Named("any", 80, ("default",), (1,))


@dataclass(frozen=True)
class Held:
    """The rules that this identity has in a namespace; not ``whole`` where others than RBAC decide, too."""

    rules: Sequence[Body]
    whole: bool


async def held_in(cluster: Cluster, namespace: str) -> Held:
    """What this identity may do in a namespace. Raises ClusterErrors when the API server will not say."""
    # A review has no name, and the API server wants none.
    answer = await cluster.create(RULES_REVIEW, {"metadata": {"name": ""}, "spec": {"namespace": namespace}})
    status = answer.get("status") or {}
    return Held(status.get("resourceRules") or (), not status.get("incomplete"))


async def may_not_share(
    cluster: Cluster, namespace: str, roles: Sequence[Role], *, verbs: Sequence[str] = VERBS, named: Named = _ANY
) -> tuple[str, str] | None:
    """Why this identity cannot give these roles, and what to do about it; None when it can.

    Raises ClusterErrors when the API server will not say.
    """
    held = await held_in(cluster, namespace)
    names = tuple(named.sharing) if named is not _ANY else ()
    asked = [(verb, kind) for kind in ("roles", "rolebindings") for verb in verbs]
    missing = [
        Right(verb, RBAC, kind)
        for verb, kind in asked
        if not holds(held.rules, Grant(verb, RBAC, kind, () if verb in ("list", "create") else names))
    ]
    if missing and not held.whole:
        missing = list(await lacking(cluster, missing, namespace))
    if missing:
        return may_not(namespace, lacks=listed([each.name for each in missing]))
    if all(holds(held.rules, Grant(verb, RBAC, "roles")) for verb in ("escalate", "bind")):
        return None
    above = beyond(held.rules, [rule for role in roles for rule in rules(role, named)])
    return may_not(namespace, lacks=listed(above), escalates=True) if above else None


async def unshared(world: World, plan: Plan, seen: Seen) -> str | None:
    """Why an update would be refused for whom its Workload is shared with; None when it would not, or nobody says."""
    model, fleet = seen.model, seen.fleet
    if model is None or fleet is None or touches(plan.unknown, ("sharedRoles",)):
        return None
    note = noted(model.shared_roles, plan.namespace)
    if note is None and not is_shared(fleet.anchor):
        return None
    changed = (annotation(fleet.anchor, labels.SHARED) or "[]") != (note or "[]")
    if not changed and not plan.mended:
        return None
    try:
        cluster = await world.connect()
        found = await _found(cluster, plan)
        if found is None and not changed:  # the update warns, and goes on
            return None
        named = named_of(fleet, seen.groups, model.service.port)
        changes = [
            each for each in outstanding(fleet.anchor, found or (), model.shared_roles, named) if not each.renews
        ]
        refused = await _refused(cluster, plan.namespace, changes, named) if changes else None
    except InferenceError:
        return None
    return f"could not share Workload {plan.namespace}/{plan.name}: {'. '.join(refused)}" if refused else None


async def _found(cluster: Cluster, plan: Plan) -> tuple[Body, ...] | None:
    try:
        return await own_sharing(cluster, plan.namespace, plan.name)
    except ClusterError:
        return None


async def _refused(cluster: Cluster, namespace: str, changes: Sequence[Change], named: Named) -> tuple[str, str] | None:
    verbs = dict.fromkeys(("list", *(verb for each in changes for verb in each.verbs)))
    given = dict.fromkeys(role_of(each) for each in changes if each.action != "drop")
    return await may_not_share(cluster, namespace, tuple(given), verbs=tuple(verbs), named=named)


async def unshared_at_birth(
    cluster: Cluster, namespace: str, workload: str, roles: Sequence[Role], *, port: int, groups: Sequence[str]
) -> str | None:
    """Why a Workload that is not there yet cannot be shared under these roles, and what to do about it."""
    named = Named(workload, port, tuple(groups) or ("default",), (1,))
    try:
        refused = await may_not_share(cluster, namespace, roles, verbs=("create",), named=named) if roles else None
    except InferenceError:
        return None
    return ". ".join(refused) if refused else None
