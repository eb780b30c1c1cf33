"""What does a plan say of policies: whether they allow the new version, where, and what serves against them?"""

from dataclasses import replace

from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError
from inference_provider.manifests.kinds import NODE, Body
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.standing import allowed_nodes, nowhere
from inference_provider.resources import policy_verdicts
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.plan_unseen import unruled
from inference_provider.resources.policies_in_force import asking, foreseen
from inference_provider.resources.world import World
from inference_provider.rollout.plan import Plan

#: So many nodes are named in a sentence.
_NAMED = 5


async def rules_of(world: World, model: WorkloadInputs, namespace: str, content: Body) -> tuple[Rules, tuple[str, ...]]:
    """The policies that the wanted version is under; none, and what is not known therefore, where nobody can look."""
    try:
        return await foreseen(world, asking(model, namespace, str(content.get("type")))), ()
    except InferenceError as error:
        return Rules(), unruled(error)


async def under_policies(world: World, plan: Plan, seen: Seen) -> Plan:
    """The plan with what policies say."""
    if seen.fleet is None:
        return plan
    try:
        found = await policy_verdicts.of_fleet(world, seen.fleet, seen.rules if seen.content is not None else None)
    except InferenceError:
        found = ()
    plan = replace(plan, violations=policy_verdicts.violations(seen.fleet, found))
    if not (seen.rules.policies or seen.rules.broken):
        return plan
    denied = next((why for each in seen.hardware.values() if (why := allowance(seen.rules, each).denied)), None)
    nodes = await _nodes(world)
    denied = denied or nowhere(seen.rules, nodes)
    return replace(plan, denied=denied, places=None if denied else _places(seen, nodes))


async def _nodes(world: World) -> list[Body]:
    try:
        return list(await (await world.connect()).known_all(NODE, None))
    except InferenceError:
        return []


def _places(seen: Seen, nodes: list[Body]) -> str | None:
    """Under which policies it is, and the nodes that these and its own wishes leave."""
    names = " and ".join(f"{each.namespace}/{each.name}" for each in seen.rules.binding)
    confined = [each for each in seen.hardware.values() if each.terms is not None]
    if not names or not confined:
        return None
    if not nodes:
        return f"Policy {names} allows the new version; which nodes that leaves, nobody may look at"
    left = sorted({name for each in confined for name in allowed_nodes(each.terms or (), each, nodes)})
    if not left:
        return f"Policy {names} allows the new version, but no node is as that and the pods want it now: they will wait"
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return f"Policy {names} allows the new version on {', '.join(left[:_NAMED])}{more}"
