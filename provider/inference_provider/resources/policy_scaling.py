"""May a version that is there get more pods, when policies would not let it be started like this today?

Its pods keep the affinity that it was made with, so more of them could land where a newer policy forbids. What a
program asks for is refused, then: rolled, the version gets its pods where they may be. One that is stopped needs no
roll: it is made anew as it starts, and judged as what is made then.
"""

from collections.abc import Collection

from inference_provider.converge.stop import stopped_counts
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.errors import Fault, InferenceError
from inference_provider.placement.growth import refusals
from inference_provider.resources import policy_verdicts
from inference_provider.resources.plan_unseen import unjudged
from inference_provider.resources.policies_in_force import asking, foreseen, narrowed, standing
from inference_provider.resources.world import Properties, World, touches
from inference_provider.rollout.autoscalers import aimed
from inference_provider.rollout.fleet import Fleet

#: Inputs whose change may start pods of a version that is there.
_STARTING = ("runtime", "running", "replacement.resume")


async def faults(
    world: World, model: WorkloadInputs, changed: Collection[str], *, unknown: tuple[str, ...] = ()
) -> tuple[Fault, ...]:
    """Why policies refuse more pods of what serves. Nothing where none are started, or where nobody can look.

    ``changed`` are the inputs that the program has changed, none of which rolls.
    """
    counted = touches(changed, _STARTING) and model.running
    if not counted or touches(unknown, policy_verdicts.DECIDING):
        return ()
    try:
        fleet, found = await _found(world, model)
    except InferenceError as error:  # an update would fail of it, and say so
        for said in unjudged(error):
            world.report.warn(said)
        return ()
    if not found or fleet is None or stopped_counts(fleet.anchor) is None:
        return tuple(Fault(_path(model, group), why) for group, why in found.items())
    if model.replacement.driver == "external":
        return tuple(Fault("running", why) for why in found.values())
    return await policy_verdicts.faults(world, model, unknown=unknown)


async def _found(world: World, model: WorkloadInputs) -> tuple[Fleet | None, dict[str, str]]:
    """The Workload, and by group why it gets no more pods of what serves."""
    namespace = model.namespace or world.namespace
    rules = await foreseen(world, asking(model, namespace, None))
    if not (rules.policies or rules.broken):  # as for most: nothing else is read
        return None, {}
    fleet = (await world.workloads(namespace)).get(model.name)
    active = fleet.active if fleet is not None else None
    if fleet is None or active is None:
        return fleet, {}
    rules = await narrowed(await world.connect(), rules, asking(model, namespace, standing(fleet.anchor).artifact_type))
    now = {} if stopped_counts(fleet.anchor) is not None else active.strength()
    counts = {group: model.runtime.replicas(group) for group in active.replicas()}
    wanted = aimed(model.runtime.scalings, counts, now=now)
    return fleet, dict(refusals(rules, active.name, active.deployments, now=now, wanted=wanted))


def _path(model: WorkloadInputs, group: str) -> str:
    names = [each.name for each in model.runtime.container_groups]
    return f"runtime.containerGroups[{names.index(group)}].replicaCount" if group in names else "runtime"


def raised(olds: Properties, model: WorkloadInputs) -> frozenset[str]:
    """The groups that a program gives more pods than in the last run, whose outputs are ``olds``; none while unsure."""
    try:
        before = Runtime.model_validate(olds["runtime"])
    except (KeyError, ValueError):  # there was none, or another release wrote it
        return frozenset()
    groups = {each.name for each in (*before.container_groups, *model.runtime.container_groups)}
    return frozenset(each for each in groups if model.runtime.replicas(each) > before.replicas(each))
