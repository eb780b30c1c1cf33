"""Which versions are older than what policies say now, so that pods that they lose may not come back? They run on;
what is said of them, and how one has them made anew.
"""

from collections.abc import Iterable, Iterator, Sequence

from inference_provider.converge.look import look
from inference_provider.errors import InferenceError
from inference_provider.health.conditions import condition
from inference_provider.health.deployment import assess_group
from inference_provider.manifests.admission import policy_of
from inference_provider.manifests.denial import denial
from inference_provider.manifests.kinds import Body
from inference_provider.placement.allowance import Rules
from inference_provider.placement.growth import HOW_TO_ROLL
from inference_provider.resources.world import World
from inference_provider.rollout.barred import older_than
from inference_provider.rollout.fleet import Fleet, Proton, Role

#: So many versions are named in a sentence.
_NAMED = 5


def loose(fleets: Iterable[Fleet], rules: Rules, *, but: Iterable[str] = ()) -> tuple[str, ...]:
    """A sentence for those of these Workloads that run, or come up, with a version that nothing keeps where policies
    that bind allow its pods. ``but``: of these versions more is said elsewhere.
    """
    found = [(each, policies) for fleet in fleets for each, policies in _versions(fleet, rules) if each not in but]
    if not found:
        return ()
    policies = list(dict.fromkeys(name for _, names in found for name in names))
    return (_sentence([each for each, _ in found], policies),)


def _versions(fleet: Fleet, rules: Rules) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Each such version as people call it, with the policies that it is older than."""
    for proton in fleet.protons:
        runs = proton.role in (Role.ACTIVE, Role.CANDIDATE) and not (proton.condemned or proton.rejected)
        if runs and (policies := older_than(proton, rules)):
            yield called(fleet, proton.name), policies


def called(fleet: Fleet, version: str) -> str:
    """A version as sentences name it."""
    meta = fleet.anchor["metadata"]
    return f"{version} of Workload {meta['namespace']}/{meta['name']}"


async def bereft(world: World, fleet: Fleet) -> list[str]:
    """A sentence for each group of what serves that has lost pods which the API server refuses because of a Policy.

    ``fleet`` may be without pods: they are looked at where one was refused. Nothing where nobody can look.
    """
    if fleet.active is None or not any(map(_refused_by_a_policy, fleet.active.deployments)):
        return []
    meta = fleet.anchor["metadata"]
    try:
        whole = await look(await world.connect(), meta["namespace"], meta["name"])
    except InferenceError:
        return []
    return list(_lost(whole, whole.active)) if whole is not None and whole.active is not None else []


def _lost(fleet: Fleet, active: Proton) -> Iterator[str]:
    for each in filter(_refused_by_a_policy, active.deployments):
        verdict = assess_group(each, active.pods, wanted=int(each["spec"].get("replicas", 1)))
        if not verdict.ready:
            yield f"{called(fleet, active.name)}: {verdict.message}. A new version is kept there, and {HOW_TO_ROLL}"


def _refused_by_a_policy(deployment: Body) -> bool:
    refused = denial(str(condition(deployment, "ReplicaFailure").get("message") or ""))
    return refused is not None and policy_of(refused.admission) is not None


def _sentence(those: Sequence[str], policies: Sequence[str]) -> str:
    more = [f"{len(those) - _NAMED} more"] if len(those) > _NAMED else []
    *others, last = [*those[:_NAMED], *more]
    named = f"{', '.join(others)} and {last} were" if others else f"{last} was"
    whose = "one of them" if others else "it"
    return (
        f"{named} made before what Policy {' and '.join(policies)} says now: a pod that {whose} loses may not come "
        "back, since the API server refuses pods that nothing keeps where they are allowed. A new version is kept "
        f"there, and {HOW_TO_ROLL}"
    )
