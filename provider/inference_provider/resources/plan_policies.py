"""What does a plan say of policies: whether they allow the new version, where, and what serves against them?"""

from collections.abc import Iterator
from dataclasses import replace

from inference_provider.converge.promotion import waiting
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import InferenceError
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.manifests.kinds import Body
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.growth import refusals
from inference_provider.placement.standing import allowed_nodes, nowhere
from inference_provider.resources import policy_standing
from inference_provider.resources.gateway import counted
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.plan_unseen import unruled
from inference_provider.resources.policies_in_force import asking, foreseen, known_nodes, standing
from inference_provider.resources.policy_loose import called, loose
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet
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
        plan = replace(plan, violations=await _violations(world, seen, seen.fleet))
        nodes = await _nodes(world, seen.rules)
    except InferenceError:  # nobody is asked again who did not answer just now
        nodes = []
    if not (seen.rules.policies or seen.rules.broken):
        return plan
    denied = next((why for each in seen.hardware.values() if (why := allowance(seen.rules, each).denied)), None)
    denied = denied or nowhere(seen.rules, nodes)
    return replace(plan, denied=denied, places=None if denied else _places(seen, nodes))


async def _violations(world: World, seen: Seen, fleet: Fleet) -> tuple[str, ...]:
    """What serves against policies: those of its program, or, while not known, its own."""
    if seen.unseen:
        return ()
    rules = seen.rules if seen.content is not None else await foreseen(world, standing(fleet.anchor))
    rules = await counted(world, fleet, rules)
    found = await policy_standing.of_version(await world.connect(), fleet.active, rules)
    spreading = policy_standing.spreading(fleet, rules, _growing(seen, fleet))
    told = (*policy_standing.violations(fleet, found), *spreading, *_anew(seen, fleet, rules))
    stays = fleet.active is not None and seen.template in (None, fleet.active.template)
    return (*told, *(loose([fleet], rules) if stays and not told else ()), *_thrown_away(seen, fleet))


def _anew(seen: Seen, fleet: Fleet, rules: Rules) -> Iterator[str]:
    """What serves is stopped, and is not what a start brings back: policies came since it was made."""
    active = fleet.active
    if active is None or not (seen.stopped and seen.runs) or seen.template != active.template:
        return
    if any(refusals(rules, active.name, active.deployments, now={}, wanted=seen.wanted)):
        yield (
            f"{called(fleet, active.name)} is not started again, since it was made before its policies: the same "
            "version is made anew where they allow it"
        )


def _thrown_away(seen: Seen, fleet: Fleet) -> Iterator[str]:
    """The version that waits for promotion, where policies do not let it take over."""
    waits = waiting(fleet)
    why = seen.barred.get(waits.revision) if waits is not None and seen.runs else None
    if waits is not None and why is not None:
        yield f"{called(fleet, waits.name)} waits for promotion and will not be the one: {why}. A new one is made"


def _growing(seen: Seen, fleet: Fleet) -> list[str]:
    """The groups of what serves that get more pods while it does: by load, or as they are counted anew."""
    active = fleet.active
    if active is None or seen.stopped or not seen.runs:
        return []
    same, wanted, scaled = seen.template == active.template, seen.wanted, scalings_of(fleet.anchor)
    counts = active.strength().items()
    return [group for group, count in counts if group in scaled or (same and wanted.get(group, 0) > count)]


async def _nodes(world: World, rules: Rules) -> list[Body]:
    """None where nobody may look, or no policy asks."""
    return await known_nodes(await world.connect()) or [] if rules.policies or rules.broken else []


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
