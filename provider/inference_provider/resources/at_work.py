"""Who works on a Workload just now? Then a preview says that its update is refused, or pushes somebody aside."""

import contextlib

from inference_provider.errors import ClusterError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import LEASE
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet, Role


async def tell_who_works(world: World, fleet: Fleet) -> None:
    """One warning, in a preview, while a replacement is under way that somebody holds the lock for.

    Whether that somebody lives takes seconds to find out, so this says what becomes of the update if so.
    """
    coming = [each.name for each in fleet.of_role(Role.CANDIDATE) if not each.staged and not each.condemned]
    begun = annotation(fleet.anchor, labels.UNDER_WAY)
    if not world.previewing or (not coming and begun is None):
        return
    meta = fleet.anchor["metadata"]
    with contextlib.suppress(ClusterError):  # no right to look at it
        lease = await (await world.connect()).find(LEASE, meta["namespace"], meta["name"])
        spec = (lease or {}).get("spec") or {}
        if spec.get("holderIdentity"):
            world.report.warn(
                f"Workload {meta['namespace']}/{meta['name']}: {spec['holderIdentity']} brings up "
                f"{coming[-1] if coming else begun} since {spec.get('acquireTime')} (last sign of life "
                f"{spec.get('renewTime')}). While that lives, an update is refused, or, with `onConflict: supersede`, "
                "asks it to step back first"
            )
