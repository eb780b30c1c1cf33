"""Which Workloads does it touch when a Policy comes or changes, and which of them run against it then?"""

import asyncio
from collections.abc import Sequence

from inference_provider.converge import policy as rule
from inference_provider.converge.ports import Cluster
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import InferenceError
from inference_provider.placement.allowance import Rules
from inference_provider.resources.policies_in_force import atlas_of
from inference_provider.resources.policy_standing import of_version, violations
from inference_provider.resources.status import fleets
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet

#: So many violations are said one by one.
_NAMED = 5


async def touched(world: World, policies: Sequence[PolicyInputs]) -> str | None:
    """The Workloads that are under any of these, in words; None when nobody can tell. The last of them is the rule as
    it will be: what runs against that is warned of.
    """
    will_be = policies[-1]
    try:
        cluster = await world.connect()
        seen = [await rule.under(cluster, each) for each in policies]
        against = await _against(cluster, will_be, seen[-1].ids)
    except InferenceError:
        return None
    for said in against[:_NAMED]:
        world.report.warn(said)
    if len(against) > _NAMED:
        world.report.warn(f"and {len(against) - _NAMED} more Workloads run against Policy {_id(will_be)}")
    ids = sorted({each for one in seen for each in one.ids})
    here = "" if all(each.everywhere for each in seen) else " (other namespaces may not be looked at)"
    those = ", ".join(ids) if ids else "no Workload so far"
    return f"Policy {_id(will_be)} touches {those}{here}"


async def _against(cluster: Cluster, policy: PolicyInputs, ids: Sequence[str]) -> list[str]:
    """A sentence for each of these Workloads of which what serves is against the policy."""
    if not ids:
        return []
    rules = Rules((policy,), await atlas_of(cluster, [policy]))
    places = sorted({each.partition("/")[0] for each in ids})
    found = [one for those in await asyncio.gather(*(fleets(cluster, each) for each in places)) for one in those]
    under = [each for each in found if _place(each) in ids]
    return [said for each in under for said in violations(each, await of_version(cluster, each.active, rules))]


def _place(fleet: Fleet) -> str:
    meta = fleet.anchor["metadata"]
    return f"{meta['namespace']}/{meta['name']}"


def _id(policy: PolicyInputs) -> str:
    return f"{policy.namespace}/{policy.name}"
