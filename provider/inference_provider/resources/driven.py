"""What counts of a Workload's program once a Replacement drives it?

Not the version, nor what containers are given: both are those of what serves. What it was born with may be pruned by
then.
"""

from inference_provider.converge.look import look
from inference_provider.converge.ports import Cluster
from inference_provider.converge.wanted import Wanted
from inference_provider.domain.reference import VersionId
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.resources.given_resources import recorded_runtime
from inference_provider.resources.workload_blueprint import wanted_of
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import World


async def wanted_of_driven(world: World, cluster: Cluster, model: WorkloadInputs) -> Wanted | None:
    """All that such a program wants; None when it drives itself, or nothing serves yet.

    Raises InputError when it counts pods of a group that what serves does not have.
    """
    if model.replacement.driver != "external":
        return None
    fleet = await look(cluster, model.namespace or world.namespace, model.name)
    serving = version_of(fleet.active) if fleet is not None and fleet.active is not None else None
    if fleet is None or serving is None:
        return None
    given = await recorded_runtime(cluster, fleet)
    return await wanted_of(world, model, VersionId.parse(serving), given=given)
