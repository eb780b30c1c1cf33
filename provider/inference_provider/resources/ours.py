"""Did this very resource make what has its id? For a creation that was cut off: what others made is not its own."""

from inference_provider.converge import artifact as contents
from inference_provider.converge import policy as rule
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import SERVICE, Body
from inference_provider.resources.world import World, place_of


async def workload_is_ours(world: World, identifier: str) -> bool:
    """Whether the Workload's Service carries the URN of who asks."""
    found = await (await world.connect()).find(SERVICE, *place_of(identifier))
    return found is not None and annotation(found, labels.URN) == world.urn


async def artifact_is_ours(world: World, identifier: str) -> bool:
    """Whether the Artifact's head carries the URN of who asks."""
    found = await contents.find_head(await world.connect(), *place_of(identifier))
    return found is not None and annotation(found, labels.URN) == world.urn


async def workload_is_theirs(world: World, identifier: str) -> bool:
    """Whether another resource has finished the Workload, since a state half made knows of no incarnation."""
    return _theirs(world, "Workload", await (await world.connect()).find(SERVICE, *place_of(identifier)))


async def artifact_is_theirs(world: World, identifier: str) -> bool:
    """The same of an Artifact."""
    return _theirs(world, "Artifact", await contents.find_head(await world.connect(), *place_of(identifier)))


async def policy_is_ours(world: World, identifier: str) -> bool:
    """Whether the Policy's ConfigMap carries the URN of who asks."""
    found = await rule.find(await world.connect(), *place_of(identifier))
    return found is not None and annotation(found, labels.URN) == world.urn


async def policy_is_theirs(world: World, identifier: str) -> bool:
    """Whether another resource has made the Policy since."""
    return _theirs(world, "Policy", await rule.find(await world.connect(), *place_of(identifier)), at=identifier)


def _theirs(world: World, kind: str, found: Body | None, *, at: str = "") -> bool:
    if found is None or not world.urn or annotation(found, labels.INCARNATION) is None:
        return False
    holder = annotation(found, labels.URN)
    if holder in (None, world.urn):
        return False
    meta = found["metadata"]
    place = at or f"{meta['namespace']}/{meta['name']}"
    world.report.info(f"{kind} {place} is another's by now ({holder}); it is left alone")
    return True


async def replacement_is_ours(_world: World, _identifier: str) -> bool:
    """A Replacement has no object of its own: deleting it ends what it has begun, and nothing that serves."""
    return True
