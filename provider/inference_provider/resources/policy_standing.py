"""What do policies say of the versions that run? They are told of, and left alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from inference_provider.converge.ports import Cluster
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.autoscaler import scalings_of
from inference_provider.placement.allowance import Rules
from inference_provider.placement.standing import Standing, standings, unfit
from inference_provider.resources.gateway import counted
from inference_provider.resources.policies_in_force import known_nodes, lately, standing
from inference_provider.resources.policy_loose import loose
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet, Proton

#: Verdicts, the worst first.
WORSE = ("violated", "warned", "allowed")
#: Said of a version that is allowed where it is, when its next pods may be elsewhere.
LOOSE = "nothing keeps further pods of this version there; its next version is kept there"


@dataclass(frozen=True)
class PolicyVerdict:
    """What one Policy says of a version that runs: allowed, violated, or warned (a sandbox that is violated), and why.

    ``policy`` and ``type`` are None of one that nobody can find or read.
    """

    policy: str | None
    type: str | None
    verdict: str
    message: str | None


V = TypeVar("V", bound=PolicyVerdict)


async def of_version(cluster: Cluster, proton: Proton | None, rules: Rules) -> tuple[Standing, ...]:
    """What these policies say of a version that runs, one for each. Raises ClusterErrors."""
    if proton is None or not (rules.policies or rules.broken):
        return ()
    nodes = await known_nodes(cluster)
    by_name = {str(each["metadata"]["name"]): each for each in nodes} if nodes is not None else None
    return standings(rules, proton.deployments, proton.pods, by_name)


async def verdicts_of(world: World, fleet: Fleet) -> tuple[PolicyVerdict, ...]:
    """What policies say of what serves, as they were a moment ago. Raises ClusterErrors."""
    known = await counted(world, fleet, await lately(world, standing(fleet.anchor)))
    return worst_first(as_told(each) for each in await of_version(await world.connect(), fleet.active, known))


def worst_first(found: Iterable[V]) -> tuple[V, ...]:
    """What is violated, what is warned of, what is allowed; each in the order in which it was said."""
    return tuple(sorted(found, key=lambda each: WORSE.index(each.verdict)))


def violations(fleet: Fleet, found: Iterable[Standing]) -> tuple[str, ...]:
    """A sentence for each policy that what serves is against."""
    meta, active = fleet.anchor["metadata"], fleet.active
    whose = f"{active.name if active else 'what serves'} of Workload {meta['namespace']}/{meta['name']}"
    return tuple(
        f"{whose} is against {_named(each)}: {each.against}. It is left alone; {_next(each)}"
        for each in found
        if each.against is not None
    )


def _next(each: Standing) -> str:
    if each.sandbox:
        return "so is its next version"
    lost = ", and a pod that this one loses may not come back" if each.loose else ""
    return f"its next version is only started where that is allowed{lost}"


def spreading(fleet: Fleet, rules: Rules, groups: Collection[str]) -> tuple[str, ...]:
    """A sentence where pods of these groups are added to what serves, which nothing keeps where policies allow them."""
    active, meta = fleet.active, fleet.anchor["metadata"]
    if active is None:
        return ()
    found = [unfit(rules, each) for each in active.deployments if (label(each, labels.GROUP) or "default") in groups]
    loose = list(dict.fromkeys(policy for each in found if each and each.denied is None for policy in each.policies))
    whose = f"{active.name} of Workload {meta['namespace']}/{meta['name']}"
    said = (
        f"pods that are added to {whose} may start where Policy {' and '.join(loose)} does not allow it: it was made "
        "before that. Its next version is kept there"
    )
    return (said,) if loose else ()


def _named(each: Standing) -> str:
    sandbox = " (sandbox)" if each.sandbox else ""
    return f"Policy {each.policy}{sandbox}" if each.policy else "its policies"


async def told(world: World, fleet: Fleet, rules: Rules | None = None, *, warn: bool = True) -> Properties:
    """The output about policies, and a warning for each that what serves is against. Nothing where nobody can look.

    ``rules``: those that were just read. Default: as they were a moment ago.
    """
    try:
        known = rules if rules is not None else await lately(world, standing(fleet.anchor))
        found = await of_version(await world.connect(), fleet.active, await counted(world, fleet, known))
    except InferenceError:
        return {"policyVerdicts": []}
    by_load = spreading(fleet, known, scalings_of(fleet.anchor))
    against = violations(fleet, found)
    older = () if against or by_load else loose([fleet], known)
    for said in (*against, *by_load, *older) if warn else ():
        world.report.warn(said)
    return {"policyVerdicts": [_output(each) for each in found]}


def _output(each: Standing) -> Properties:
    said = as_told(each)
    return {"policy": said.policy, "type": said.type, "verdict": said.verdict, "message": said.message}


def as_told(each: Standing) -> PolicyVerdict:
    """What people and programs are told of it."""
    verdict = ("warned" if each.sandbox else "violated") if each.against is not None else "allowed"
    return PolicyVerdict(
        each.policy or None, each.type or None, verdict, each.against or (LOOSE if each.loose else None)
    )
