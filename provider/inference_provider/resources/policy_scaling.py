"""May a version that runs get more pods, when policies would not let it be started like this today?

Its pods keep the affinity that it was made with, so more of them could land where a newer policy forbids. What a
program asks for is refused, then: rolled, the version gets its pods where they may be.
"""

from collections.abc import Collection, Iterator

from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.placement.allowance import Rules
from inference_provider.placement.standing import Unfit, unfit
from inference_provider.resources.policies_in_force import asking, foreseen, narrowed, standing
from inference_provider.resources.policy_verdicts import DECIDING
from inference_provider.resources.world import World, touches
from inference_provider.rollout.fleet import Fleet, Proton

_ROLL = (
    "Let it roll in the same update, by any change of its Artifact or of what its containers are given: the new "
    "version gets its pods where they are allowed"
)
_OTHER = "Ask for what they allow in the same update, which rolls"


async def faults(
    world: World, model: WorkloadInputs, changed: Collection[str], *, unknown: tuple[str, ...] = ()
) -> tuple[Fault, ...]:
    """Why policies refuse more pods of what serves. Nothing where none are started, or where nobody can look.

    ``changed`` are the inputs that the program has changed, none of which rolls.
    """
    counted = touches(changed, ("runtime", "running")) and model.running
    if not counted or touches(unknown, DECIDING):
        return ()
    try:
        return tuple(await _faults(world, model))
    except InferenceError:  # an update would fail of it, and say so
        return ()


async def _faults(world: World, model: WorkloadInputs) -> list[Fault]:
    namespace = model.namespace or world.namespace
    rules = await foreseen(world, asking(model, namespace, None))
    if not (rules.policies or rules.broken):  # as for most: nothing else is read
        return []
    fleet = (await world.workloads(namespace)).get(model.name)
    if fleet is None or fleet.active is None:
        return []
    whom = asking(model, namespace, standing(fleet.anchor).artifact_type)
    return list(_refused(model, fleet, fleet.active, await narrowed(await world.connect(), rules, whom)))


def _refused(model: WorkloadInputs, fleet: Fleet, active: Proton, rules: Rules) -> Iterator[Fault]:
    stopped = stopped_counts(fleet.anchor) is not None
    now = {} if stopped else active.strength()
    for each in active.deployments:
        group = label(each, labels.GROUP) or "default"
        wanted = model.runtime.replicas(group)
        found = unfit(rules, each) if wanted > now.get(group, 0) else None
        if found is not None:
            yield Fault("running" if stopped else _path(model, group), _sentence(active, wanted, found))


def _path(model: WorkloadInputs, group: str) -> str:
    names = [each.name for each in model.runtime.container_groups]
    return f"runtime.containerGroups[{names.index(group)}].replicaCount" if group in names else "runtime"


def _sentence(active: Proton, wanted: int, found: Unfit) -> str:
    pods = f"{wanted} {'pod' if wanted == 1 else 'pods'} of {active.name}"
    if found.denied is not None:
        return f"there would be {pods} against policies: {found.denied}. {_OTHER}"
    named = " and ".join(found.policies)
    return (
        f"of {pods}, new ones could start where Policy {named} does not allow it: {active.name} was made before that. "
        f"{_ROLL}"
    )
