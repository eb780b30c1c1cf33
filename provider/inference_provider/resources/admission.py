"""Does the API server hold to a policy by itself? As far as our rights go; previews and placement hold to it anyway."""

from collections.abc import Sequence

from inference_provider.converge.admission import enforce, lift
from inference_provider.converge.ports import Cluster
from inference_provider.errors import Forbidden, NotFound
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, AdmissionRule, governed_of
from inference_provider.resources.rights import ADMISSION, Right, lacking


async def held_to(
    cluster: Cluster, rule: AdmissionRule, *, grows: bool = False, ask_in: str | None = None
) -> str | None:
    """Have the API server hold to a policy from now on. Returns None, or a sentence for people when it does not.

    Raises NameTaken and ClusterErrors as ``enforce`` does.
    """
    missing = await lacking(cluster, ADMISSION, None)
    if missing:
        return _alone(rule, f"this identity may not {_named(missing)} in the whole cluster")
    try:
        return await enforce(cluster, rule, grows=grows, ask_in=ask_in)
    except NotFound:
        return _alone(rule, "the API server has no ValidatingAdmissionPolicies (Kubernetes 1.30 and later have them)")


async def covered(cluster: Cluster, rule: AdmissionRule, namespace: str, workload: str) -> str | None:
    """Before pods of a Workload are made: the API server holds them to the policy too. ``rule`` governs it.

    Asks once in a few seconds only, and changes nothing where that is so already. Returns and raises as ``held_to``.
    """
    found = await cluster.known(ADMISSION_POLICY, None, rule.name)
    already = governed_of(found) if found else None
    if already is not None and already.covers(namespace, workload):
        return None
    return await held_to(cluster, rule, grows=True, ask_in=namespace)


async def let_go(cluster: Cluster, namespace: str, policy: str, *, ask_in: str | None = None) -> str | None:
    """The API server forgets a policy. Returns None, or a sentence for people when it may not have."""
    missing = await lacking(cluster, ADMISSION, None)
    if not missing:
        return await lift(cluster, namespace, policy, ask_in=ask_in)
    name = AdmissionRule.named(namespace, policy)
    if not await _may_be_there(cluster, name):
        return None
    return (
        f"if there is a ValidatingAdmissionPolicy {name}, it stays and refuses pods: this identity may not "
        f"{_named(missing)} in the whole cluster. Somebody who may has to delete it and its binding of the same name"
    )


async def _may_be_there(cluster: Cluster, name: str) -> bool:
    try:
        return await cluster.find(ADMISSION_BINDING, None, name) is not None
    except Forbidden:
        return True


def _alone(rule: AdmissionRule, why: str) -> str:
    return (
        f"Policy {rule.namespace}/{rule.policy} holds in previews and in placement, but who makes pods with kubectl "
        f"goes around it: {why}"
    )


def _named(missing: Sequence[Right]) -> str:
    """Rights by resource, as in ``get and create roles.rbac``."""
    by_resource: dict[str, list[str]] = {}
    for each in missing:
        verb, _, resource = each.name.partition(" ")
        by_resource.setdefault(resource, []).append(verb)
    return ", nor ".join(f"{', '.join(verbs)} {resource}" for resource, verbs in by_resource.items())
