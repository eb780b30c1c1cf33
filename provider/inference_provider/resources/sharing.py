"""With whom is a Workload shared in truth? Said as in its program, so that a refresh shows what others have changed."""

from pydantic import ValidationError

from inference_provider.converge.look import own_sharing
from inference_provider.converge.ports import Cluster
from inference_provider.domain.shared_roles import SharedRole
from inference_provider.errors import ClusterError
from inference_provider.manifests.kinds import ROLE, ROLE_BINDING, Body
from inference_provider.manifests.roles import as_written, shown_as
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.sharing import is_shared


async def visible_sharing(cluster: Cluster, fleet: Fleet, inputs: Properties) -> Properties:
    """`sharedRoles` where others have changed it; nothing where it is as it was said, or nobody may look."""
    said = inputs.get("sharedRoles")
    if not said and not is_shared(fleet.anchor):
        return {}
    meta = fleet.anchor["metadata"]
    try:
        found = await own_sharing(cluster, meta["namespace"], meta["name"])
    except ClusterError:
        return {}
    shown = shown_as(_granting(found), meta["namespace"])
    return {} if shown == _written(said, meta["namespace"]) else {"sharedRoles": shown}


def _granting(found: tuple[Body, ...]) -> list[Body]:
    """The RoleBindings that grant anything: their Role is there."""
    roles = {each["metadata"]["name"] for each in found if each["kind"] == ROLE.name}
    return [each for each in found if each["kind"] == ROLE_BINDING.name and each["metadata"]["name"] in roles]


def _written(said: object, namespace: str) -> list[dict[str, str]] | None:
    """What was said, in the spelling of what is shown; None when it cannot be read."""
    try:
        shared = [SharedRole.model_validate(each) for each in said] if isinstance(said, list) else []
    except ValidationError:
        return None
    return as_written(shared, namespace)
