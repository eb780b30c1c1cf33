"""Which policies of a namespace does the API server not hold to, and to which that are not there any more does it?"""

import asyncio

from inference_provider.converge.policy import Under, workloads
from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, AdmissionRule, policy_of
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.labels import MANAGED_BY
from inference_provider.manifests.policy import SELECTOR, is_policy, policy_name
from inference_provider.manifests.policy import policy_of as inputs_of
from inference_provider.placement.demanded import governed
from inference_provider.resources.admission_faults import amiss

_RIGHTS = (
    "Grant get, list, create, update and delete on both kinds in the whole cluster, and change or refresh the Policy."
)
_RENEW = "Run `pulumi up` where the Policy is declared, as somebody who may change both kinds in the whole cluster."


async def unheld(cluster: Cluster, namespace: str) -> list[tuple[str, str]]:
    """Each with its cure, as far as we may look. Raises ClusterErrors when the policies cannot be listed."""
    listed = await cluster.list(CONFIG_MAP, namespace, labels=SELECTOR)
    maps = {name: each for each in listed if (name := policy_name(each))}
    policies = [policy for each in maps.values() if (policy := inputs_of(each)) is not None]
    there = await workloads(cluster, namespace)
    found = await asyncio.gather(*(_amiss(cluster, namespace, each, there.under(each)) for each in policies))
    return [each for each in found if each] + await _stale(cluster, namespace, set(maps))


async def _amiss(cluster: Cluster, namespace: str, policy: PolicyInputs, seen: Under) -> tuple[str, str] | None:
    """One that chooses Workloads has objects only when it has found some."""
    goes = f"who makes pods with kubectl goes around Policy {namespace}/{policy.name}"
    name = AdmissionRule.named(namespace, policy.name)
    if policy.type == "maxTokens" or governed(policy, namespace, seen.ids) is None:
        return None
    try:
        if await cluster.find(ADMISSION_BINDING, None, name) is None:
            return f"{goes}: there is no ValidatingAdmissionPolicyBinding {name}", _RIGHTS
        said = await amiss(cluster, policy, seen)
    except Forbidden:
        return f"no right to see ValidatingAdmissionPolicies: perhaps {goes}", _RIGHTS
    unlike = f"the API server does not hold to Policy {namespace}/{policy.name} as it should: {said}"
    return (unlike, _RENEW) if said else None


async def _stale(cluster: Cluster, namespace: str, policies: set[str]) -> list[tuple[str, str]]:
    try:
        found = await cluster.list(ADMISSION_POLICY, None, labels=f"app.kubernetes.io/managed-by={MANAGED_BY}")
    except Forbidden:
        return []
    ids = {str(policy_of(each["metadata"]["name"])): each["metadata"]["name"] for each in found}
    ours = {name: ids[name] for name in sorted(ids) if name.startswith(f"{namespace}/")}
    unlisted = {policy: name for policy, name in ours.items() if policy.partition("/")[2] not in policies}
    return [await _unlisted(cluster, policy, name) for policy, name in unlisted.items()]


async def _unlisted(cluster: Cluster, policy: str, admission: str) -> tuple[str, str]:
    namespace, _, name = policy.partition("/")
    held = await cluster.find(CONFIG_MAP, namespace, policy_map_name(name))
    if held is not None and is_policy(held, name):
        return (
            f"ConfigMap {namespace}/{policy_map_name(name)} lost its labels, so Policy {policy} places no Workload",
            "Run `pulumi up` for the Policy's stack: that puts them back.",
        )
    both = f"{ADMISSION_BINDING.plural},{ADMISSION_POLICY.plural}"
    return (
        f"ValidatingAdmissionPolicy {admission} may refuse pods for Policy {policy}, which is not there",
        f"Delete it and its binding: `kubectl delete {both} {admission}`.",
    )
