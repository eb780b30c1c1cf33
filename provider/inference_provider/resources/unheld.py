"""Which policies of a namespace does the API server not hold to, and to which that are not there any more does it?"""

import asyncio

from inference_provider.converge.ports import Cluster
from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden
from inference_provider.manifests.admission import ADMISSION_BINDING, ADMISSION_POLICY, AdmissionRule, policy_of
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.manifests.labels import MANAGED_BY
from inference_provider.manifests.policy import SELECTOR, is_policy, policy_name
from inference_provider.manifests.policy import policy_of as inputs_of

_UNHELD = (
    "Grant get, list, create, update and delete on both kinds in the whole cluster, and change or refresh the Policy."
)


async def unheld(cluster: Cluster, namespace: str) -> list[tuple[str, str]]:
    """Each with its cure, as far as we may look. Raises ClusterErrors when the policies cannot be listed."""
    found = await cluster.list(CONFIG_MAP, namespace, labels=SELECTOR)
    maps = {name: each for each in found if (name := policy_name(each))}
    policies = [policy for each in maps.values() if (policy := inputs_of(each)) is not None]
    # One that chooses Workloads has objects only when it has found some.
    over_all = [each for each in policies if each.type != "maxTokens" and not (each.labels or each.resource_types)]
    missing = await asyncio.gather(*(_missing(cluster, namespace, each) for each in over_all))
    return [each for each in missing if each] + await _stale(cluster, namespace, set(maps))


async def _missing(cluster: Cluster, namespace: str, policy: PolicyInputs) -> tuple[str, str] | None:
    goes = f"who makes pods with kubectl goes around Policy {namespace}/{policy.name}"
    name = AdmissionRule.named(namespace, policy.name)
    try:
        if await cluster.find(ADMISSION_BINDING, None, name) is not None:
            return None
    except Forbidden:
        return f"no right to see ValidatingAdmissionPolicies: perhaps {goes}", _UNHELD
    return f"{goes}: there is no ValidatingAdmissionPolicyBinding {name}", _UNHELD


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
