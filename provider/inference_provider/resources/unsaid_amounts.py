"""What a plan says of containers that do not say what a quota wants said: none of their pods is ever let in."""

from collections.abc import Mapping

from inference_provider.converge.capacity import look_at_limits
from inference_provider.domain.bundle import main_container
from inference_provider.domain.content import spec_of
from inference_provider.manifests.kinds import Body
from inference_provider.placement.quota import Quotas
from inference_provider.placement.unsaid import unsaid
from inference_provider.resources.plan_seen import Seen
from inference_provider.resources.world import World
from inference_provider.rollout.plan import Plan, Surge, SurgeOutcome


async def refused_for_silence(world: World, plan: Plan, seen: Seen, quotas: Quotas) -> Surge | None:
    """That a new version's pods will be refused; None when they will not, or nobody knows its containers."""
    if seen.content is None or not quotas.found:
        return None
    every = [_containers(seen, group) for group in seen.groups]
    if not any(unsaid(each, quotas.found, ()) for each in every):
        return None
    limits = await look_at_limits(await world.connect(), plan.namespace)
    said = [why for each in every for why in unsaid(each, quotas.found, limits or ())]
    if not said:
        return None
    unless = " (unless a LimitRange says it, at which nobody may look)" if limits is None else ""
    return Surge(
        SurgeOutcome.REFUSED,
        f"it will be refused: {'; '.join(dict.fromkeys(said))}{unless}. Give each container its `resourceAllocation`",
    )


def _containers(seen: Seen, group: str) -> Mapping[str, Body]:
    """The resources of each container of a group."""
    content = next(each for each in spec_of(seen.content or {}).container_groups if each.name == group)
    given = seen.hardware[group].resources
    found = {each.name: given.get(each.name, {}) for each in content.containers}
    main = main_container(content)
    return found | {main: given.get("") or found[main]}
