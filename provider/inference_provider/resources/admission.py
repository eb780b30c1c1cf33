"""Does the API server hold to a policy by itself? As far as our rights go; previews and placement hold to it anyway."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from inference_provider.converge.admission import enforce, lift
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden, Invalid, NotFound
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_binding,
    admission_policy,
    governed_of,
    policy_of,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.labels import MANAGED_BY
from inference_provider.manifests.policy import policy_of as inputs_of
from inference_provider.placement.demanded import demanded, governed
from inference_provider.placement.regions import Atlas
from inference_provider.resources.policies_in_force import atlas_of
from inference_provider.resources.rights import ADMISSION, Right, lacking


async def hold(cluster: Cluster, policy: PolicyInputs, under: Iterable[str], atlas: Atlas) -> str | None:
    """After a Policy was made or changed: have the API server hold to it, as far as it can, and forget what it was.

    ``under`` are the Workloads that are under it (namespace/name). Returns and raises as ``held_to``.
    """
    namespace = policy.namespace or ""
    whose = governed(policy, namespace, under)
    rule = demanded(policy, namespace, whose, atlas) if whose else None
    if rule is not None:
        return await held_to(cluster, rule)
    return await let_go(cluster, namespace, policy.name) if await _is_there(cluster, policy) else None


async def joins(cluster: Cluster, policies: Iterable[PolicyInputs], atlas: Atlas, workload: str) -> list[str]:
    """Before pods of a Workload (namespace/name) are made that is under these policies: the API server holds them to
    each that is about some Workloads only. Those about a whole namespace are about this one already.

    Returns what has to be said to people. Raises as ``held_to``.
    """
    namespace, _, name = workload.partition("/")
    said: list[str | None] = []
    for policy in policies:
        whose = governed(policy, policy.namespace or "", [workload])
        rule = demanded(policy, policy.namespace or "", whose, atlas) if whose and whose.workloads else None
        said.append(await covered(cluster, rule, namespace, name) if rule else None)
    return [each for each in said if each]


async def leaves(cluster: Cluster, under: Collection[str], workload: str) -> list[str]:
    """Before pods of a Workload (namespace/name) are made: policies that it is not ``under`` (namespace/name) any more
    do not refuse them. Returns and raises as ``joins``; nothing is done where nobody may look.
    """
    namespace, _, name = workload.partition("/")
    try:
        found = await cluster.known_all(ADMISSION_POLICY, None, labels=f"app.kubernetes.io/managed-by={MANAGED_BY}")
    except Forbidden:
        return []
    said: list[str | None] = []
    for each in found:
        place, already = policy_of(each["metadata"]["name"]), governed_of(each)
        if place and place not in under and already and (namespace, name) in already.workloads:
            said.append(await _left(cluster, place, already, (namespace, name)))
    return [each for each in said if each]


async def _left(cluster: Cluster, place: str, already: Governed, workload: tuple[str, str]) -> str | None:
    namespace, _, name = place.partition("/")
    missing = await lacking(cluster, ADMISSION, None)
    if missing:
        return (
            f"Policy {place} does not choose Workload {'/'.join(workload)} any more, and the API server may refuse its "
            f"pods all the same: this identity may not {_named(missing)} in the whole cluster"
        )
    held = await cluster.find(CONFIG_MAP, namespace, policy_map_name(name))
    if held is None:  # whoever deletes a Policy properly takes its objects along
        return (
            f"ConfigMap {namespace}/{policy_map_name(name)} of Policy {place} is gone, and the API server goes on "
            f"holding Workload {'/'.join(workload)} to it: run `pulumi up` where it is declared, or delete "
            f"ValidatingAdmissionPolicy {AdmissionRule.named(namespace, name)} and its binding of the same name"
        )
    rest = already.without(*workload)
    if rest is None:
        return await lift(cluster, namespace, name)
    policy = inputs_of(held)
    rule = demanded(policy, namespace, rest, await atlas_of(cluster, [policy])) if policy else None
    return await enforce(cluster, rule, grows=True, leaves=workload) if rule else None


async def noticed(cluster: Cluster, policy: PolicyInputs, under: Iterable[str], atlas: Atlas) -> str | None:
    """Why the API server does not hold to a policy as it should; None when it does, or we could not mend it."""
    whose = governed(policy, policy.namespace or "", under)
    rule = demanded(policy, policy.namespace or "", whose, atlas) if whose else None
    said = await _amiss(cluster, rule) if rule else None
    return None if said is None or await lacking(cluster, ADMISSION, None) else said


async def _amiss(cluster: Cluster, rule: AdmissionRule) -> str | None:
    try:
        found = [await cluster.find(kind, None, rule.name) for kind in (ADMISSION_POLICY, ADMISSION_BINDING)]
    except Forbidden:
        return None
    for body, made in zip(found, (admission_policy, admission_binding), strict=True):
        if body is None:
            return f"its {made(rule)['kind']} {rule.name} is gone, or was never made"
        already = governed_of(body)
        joined = replace(rule, governed=rule.governed.joined(already)) if already else rule
        if body["spec"] != made(joined)["spec"]:
            return f"its {body['kind']} {rule.name} is not as it should be"
    return None


async def _is_there(cluster: Cluster, policy: PolicyInputs) -> bool:
    """Whether a policy that the API server cannot hold to was one that it could; no, when nobody may look."""
    name = AdmissionRule.named(policy.namespace or "", policy.name)
    try:
        return await cluster.find(ADMISSION_BINDING, None, name) is not None
    except Forbidden:
        return False


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
    except Invalid as error:  # a rule about more than a thousand Workloads with long names is too long for it
        return _alone(rule, f"the API server does not take the rule: {error}")


async def covered(cluster: Cluster, rule: AdmissionRule, namespace: str, workload: str) -> str | None:
    """Before pods of a Workload are made: the API server holds them to the policy too. ``rule`` governs it.

    Asks once in a few seconds only, and changes nothing where that is so already. Returns and raises as ``held_to``.
    """
    try:
        found = await cluster.known(ADMISSION_POLICY, None, rule.name)
    except Forbidden:
        found = None
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
