"""Which Workloads does it touch when a Policy comes or changes, and which run against it then, or are older than it?"""

import asyncio
from collections.abc import Sequence

from inference_provider.converge import policy as rule
from inference_provider.converge.ports import Cluster
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import InferenceError
from inference_provider.placement.allowance import Rules
from inference_provider.resources.policies_in_force import atlas_of
from inference_provider.resources.policy_loose import called, loose
from inference_provider.resources.policy_standing import of_version, violations
from inference_provider.resources.status import fleets
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet

#: So many violations are said one by one.
_NAMED = 5


async def tell(world: World, policy: PolicyInputs) -> None:
    """Warn of what runs against a policy that is made or changed, and of what is older than it. Nothing where nobody
    can look.
    """
    try:
        cluster = await world.connect()
        await _warn(world, cluster, policy, (await rule.under(cluster, policy)).ids)
    except InferenceError:
        return


async def touched(world: World, policies: Sequence[PolicyInputs]) -> str | None:
    """The Workloads that are under any of these, in words; None when nobody can tell. The last of them is the rule as
    it will be: what runs against that, or is older, is warned of.
    """
    will_be = policies[-1]
    try:
        cluster = await world.connect()
        seen = [await rule.under(cluster, each) for each in policies]
        await _warn(world, cluster, will_be, seen[-1].ids)
    except InferenceError:
        return None
    ids = sorted({each for one in seen for each in one.ids})
    here = "" if all(each.everywhere for each in seen) else " (other namespaces may not be looked at)"
    those = ", ".join(ids) if ids else "no Workload so far"
    return f"Policy {_id(will_be)} touches {those}{here}"


async def _warn(world: World, cluster: Cluster, policy: PolicyInputs, ids: Sequence[str]) -> None:
    """Of these Workloads."""
    if not ids:
        return
    rules = Rules((policy,), await atlas_of(cluster, [policy]))
    places = sorted({each.partition("/")[0] for each in ids})
    found = [one for those in await asyncio.gather(*(fleets(cluster, each) for each in places)) for one in those]
    under = [each for each in found if _place(each) in ids]
    against = {_serving(each): said for each in under for said in await _violations(cluster, each, rules)}
    sentences = [*against.values()][:_NAMED]
    if len(against) > _NAMED:
        sentences.append(f"and {len(against) - _NAMED} more Workloads run against Policy {_id(policy)}")
    for said in (*sentences, *loose(under, rules, but=against)):
        world.report.warn(said)


async def _violations(cluster: Cluster, fleet: Fleet, rules: Rules) -> tuple[str, ...]:
    return violations(fleet, await of_version(cluster, fleet.active, rules))


def _serving(fleet: Fleet) -> str:
    return called(fleet, fleet.active.name if fleet.active else "")


def _place(fleet: Fleet) -> str:
    meta = fleet.anchor["metadata"]
    return f"{meta['namespace']}/{meta['name']}"


def _id(policy: PolicyInputs) -> str:
    return f"{policy.namespace}/{policy.name}"
