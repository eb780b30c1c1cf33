"""With whom is a Workload shared in truth? Said as in its program, so that a refresh shows what others have changed;
and to whom something is forbidden, with the roles that may do it.
"""

import contextlib
from collections.abc import AsyncIterator

from pydantic import ValidationError

from inference_provider.converge.look import own_sharing
from inference_provider.converge.ports import Cluster
from inference_provider.domain.shared_roles import Role, SharedRole
from inference_provider.errors import ClusterError, Forbidden, InferenceError
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, JOB, LEASE, ROLE, ROLE_BINDING, SERVICE, Body
from inference_provider.manifests.roles import as_written, roles_that_may, shown_as
from inference_provider.resources.world import Properties, World
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.sharing import is_shared, named_of

#: What an operation changes, first of all its lock.
_KINDS = (LEASE, SERVICE, CONFIG_MAP, DEPLOYMENT, JOB, ROLE, ROLE_BINDING)
#: RBAC's word for what is attempted, where it is another one.
_VERBS = {"read": "get", "replace": "update"}


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


@contextlib.asynccontextmanager
async def naming_roles(world: World, namespace: str, name: str) -> AsyncIterator[None]:
    """What somebody may not do to a Workload is told with the roles under which it is shared that may, if any do."""
    try:
        yield
    except InferenceError as error:
        refused = _refused(error)
        if refused is not None and refused.namespace == namespace:
            roles = await _who_may(world, name, refused)
            if roles:
                error.add(f"Workload {namespace}/{name} is shared: who has {' or '.join(roles)} may do that")
        raise


def _refused(error: BaseException | None) -> Forbidden | None:
    """The refusal that is the cause. A failure that is remembered, and raised once more, can be a cause of itself."""
    passed: list[BaseException] = []
    while error is not None and not isinstance(error, Forbidden):
        if any(error is each for each in passed):
            return None
        passed.append(error)
        error = error.__cause__
    return error


async def _who_may(world: World, name: str, refused: Forbidden) -> list[Role]:
    kind = next((each for each in _KINDS if each.name == refused.kind), None)
    try:
        service = await (await world.connect()).find(SERVICE, refused.namespace, name)
    except InferenceError:  # who may not look at it is told no more
        return []
    if kind is None or service is None or not is_shared(service):
        return []
    verb = _VERBS.get(refused.attempted, refused.attempted)
    return roles_that_may(verb, kind, refused.name, named_of(Fleet(service, ())))


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
