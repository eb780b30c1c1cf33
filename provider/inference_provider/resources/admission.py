"""Does the API server hold to a policy by itself? As far as our rights go; previews and placement hold to it anyway."""

from collections.abc import Collection, Iterable, Sequence

from inference_provider.converge.admission import Wanted, settle
from inference_provider.converge.policy import Under
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden, Invalid, NotFound
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    governed_of,
    is_stale,
    policy_of,
)
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import CONFIG_MAP, Body, Kind
from inference_provider.manifests.labels import MANAGED_BY
from inference_provider.manifests.policy import policy_of as inputs_of
from inference_provider.placement.demanded import governed
from inference_provider.resources.governing import forgetting, holding, joining, leaving, read, rule_of, with_workload
from inference_provider.resources.rights import ADMISSION, Right, lacking


async def hold(cluster: Cluster, policy: PolicyInputs, seen: Under) -> str | None:
    """After a Policy was made or changed: have the API server hold to it, as far as it can, and forget what it was.

    ``seen`` are the Workloads that are under it. Returns and raises as ``settle`` does, and a sentence without rights.
    """
    missing = await lacking(cluster, ADMISSION, None)
    if not missing:
        return await _settled(cluster, policy, holding(cluster, policy, seen), policy.namespace or "")
    whose = governed(policy, policy.namespace or "", seen.ids)
    if whose and policy.type != "maxTokens":
        return _alone(policy, f"this identity may not {_named(missing)} in the whole cluster")
    there = await _found(cluster, ADMISSION_BINDING, AdmissionRule.named(policy.namespace or "", policy.name))
    return _stays(policy.namespace or "", policy.name, missing) if there else None


async def joins(cluster: Cluster, policies: Iterable[PolicyInputs], workload: str) -> list[str]:
    """Before pods of a Workload (namespace/name) are made that is under these policies: the API server holds them to
    each as it is read now. Asks once in a few seconds only, and changes nothing where that is so already.

    Returns what has to be said to people. Raises NameTaken and ClusterErrors.
    """
    said = [await _joined(cluster, each, workload) for each in policies]
    return [each for each in said if each]


async def _joined(cluster: Cluster, policy: PolicyInputs, workload: str) -> str | None:
    namespace, _, name = workload.partition("/")
    called = AdmissionRule.named(policy.namespace or "", policy.name)
    found = await _found(cluster, ADMISSION_POLICY, called)
    everybody = governed(policy, policy.namespace or "", ()) is not None
    if found is None and everybody and policy.namespace == namespace:
        return None  # its own program makes it, or has said why not
    already = governed_of(found) if found else None
    whose = with_workload(policy, already, workload)
    rule = await rule_of(cluster, policy, whose) if whose else None
    if rule is None:
        return None
    covered = already is not None and already.covers(namespace, name)
    bound = covered and await _is_bound(cluster, called)
    if found is not None and bound and not is_stale(found, rule):
        return None
    missing = await lacking(cluster, ADMISSION, None)
    if not missing:
        return await _settled(cluster, policy, joining(cluster, policy, workload), namespace)
    why = f"this identity may not {_named(missing)} in the whole cluster"
    return _outdated(policy, why) if bound else _alone(policy, why)


async def _found(cluster: Cluster, kind: Kind, name: str) -> Body | None:
    """An object as it was a moment ago; None where nobody may look."""
    try:
        return await cluster.known(kind, None, name)
    except Forbidden:
        return None


async def _is_bound(cluster: Cluster, name: str) -> bool:
    """Whether what the API server knows of a policy is in force; yes, where nobody may look."""
    try:
        return await cluster.known(ADMISSION_BINDING, None, name) is not None
    except Forbidden:
        return True


async def leaves(cluster: Cluster, under: Collection[str], workload: str) -> list[str]:
    """Before pods of a Workload (namespace/name) are made: policies that it is not ``under`` (namespace/name) any more
    do not refuse them. Returns and raises as ``joins``; nothing is done where nobody may look.
    """
    try:
        found = await cluster.known_all(ADMISSION_POLICY, None, labels=f"app.kubernetes.io/managed-by={MANAGED_BY}")
    except Forbidden:
        return []
    said: list[str | None] = []
    for each in found:
        place, already = policy_of(each["metadata"]["name"]), governed_of(each)
        if place and place not in under and already and already.names(workload):
            said.append(await _left(cluster, place, already, workload))
    return [each for each in said if each]


async def _left(cluster: Cluster, place: str, already: Governed, workload: str) -> str | None:
    namespace, _, name = place.partition("/")
    here = workload.partition("/")[0]
    still = f"Policy {place} does not choose Workload {workload} any more, and the API server may refuse its pods"
    missing = await lacking(cluster, ADMISSION, None)
    if missing:
        return f"{still} all the same: this identity may not {_named(missing)} in the whole cluster"
    if namespace == here:
        # Whom a policy chooses that cannot be read is not known, so it lets nobody of its own namespace out.
        held = await cluster.find(CONFIG_MAP, namespace, policy_map_name(name))
        if held is None:
            return _orphan(place, workload)
        if inputs_of(held) is None:
            return None  # which is said as the reason why no version is started
    elif already.without(*workload.split("/", 1)) is not None and await read(cluster, place) is None:
        others = f"ConfigMap {namespace}/{policy_map_name(name)}, which is about others, too"
        return f"{still} all the same: this identity cannot read {others}"
    return await settle(cluster, AdmissionRule.named(namespace, name), leaving(cluster, place, workload), ask_in=here)


def _orphan(place: str, workload: str) -> str:
    """Whoever deletes a Policy properly takes its objects along."""
    namespace, _, name = place.partition("/")
    called = AdmissionRule.named(namespace, name)
    return (
        f"ConfigMap {namespace}/{policy_map_name(name)} of Policy {place} is gone, and the API server goes on holding "
        f"Workload {workload} to it: run `pulumi up` where it is declared, or, if nobody declares it any more, "
        f"`kubectl delete {ADMISSION_BINDING.plural},{ADMISSION_POLICY.plural} {called}`"
    )


async def _settled(cluster: Cluster, policy: PolicyInputs, wanted: Wanted, ask_in: str) -> str | None:
    name = AdmissionRule.named(policy.namespace or "", policy.name)
    try:
        return await settle(cluster, name, wanted, ask_in=ask_in)
    except NotFound:
        return _alone(policy, "the API server has no ValidatingAdmissionPolicies (Kubernetes 1.30 and later have them)")
    except Invalid as error:  # a rule about more than a thousand Workloads with long names is too long for it
        return _alone(policy, f"the API server does not take the rule: {error}")


async def let_go(cluster: Cluster, namespace: str, policy: str) -> str | None:
    """The API server forgets a policy. Returns None, or a sentence for people when it may not have."""
    missing = await lacking(cluster, ADMISSION, None)
    if not missing:
        called = AdmissionRule.named(namespace, policy)
        return await settle(cluster, called, forgetting(cluster, namespace, policy), ask_in=namespace)
    return _stays(namespace, policy, missing) if await _may_be_there(cluster, namespace, policy) else None


async def _may_be_there(cluster: Cluster, namespace: str, policy: str) -> bool:
    try:
        return await cluster.find(ADMISSION_BINDING, None, AdmissionRule.named(namespace, policy)) is not None
    except Forbidden:
        return True


def _stays(namespace: str, policy: str, missing: Sequence[Right]) -> str:
    return (
        f"if there is a ValidatingAdmissionPolicy {AdmissionRule.named(namespace, policy)}, it stays and refuses pods: "
        f"this identity may not {_named(missing)} in the whole cluster. Somebody who may has to delete it and its "
        "binding of the same name"
    )


def _outdated(policy: PolicyInputs, why: str) -> str:
    return (
        f"the API server holds to an older reading of Policy {policy.namespace}/{policy.name}, and may refuse pods "
        "that are placed as it is read now: the policy, its regions or the release have changed since, and "
        f"{why}. Somebody who may has to run `pulumi up` where the Policy is declared"
    )


def _alone(policy: PolicyInputs, why: str) -> str:
    return (
        f"Policy {policy.namespace}/{policy.name} holds in previews and in placement, but who makes pods with kubectl "
        f"goes around it: {why}"
    )


def _named(missing: Sequence[Right]) -> str:
    """Rights by resource, as in ``get and create roles.rbac``."""
    by_resource: dict[str, list[str]] = {}
    for each in missing:
        verb, _, resource = each.name.partition(" ")
        by_resource.setdefault(resource, []).append(verb)
    return ", nor ".join(f"{', '.join(verbs)} {resource}" for resource, verbs in by_resource.items())
