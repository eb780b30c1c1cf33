"""Which autoscalers of others scale our Deployments? They are left alone, and told of.

What they do is undone by the next update, or undoes it. KEDA's ScaledObjects work through autoscalers of their own,
which name them as their owner.
"""

from collections.abc import Iterable

from inference_provider.converge.ports import Cluster
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, Body
from inference_provider.manifests.ownership import owner_of
from inference_provider.resources.foreign import foreign
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet

#: What to do about one.
CURE = "Remove it, and say `autoscaling` in the Workload's runtime instead"


async def warned_of_scalers(world: World, namespace: str, fleet: Fleet | None) -> tuple[str, ...]:
    """What a plan warns of: other people's autoscalers of a Workload's Deployments."""
    if fleet is None:
        return ()
    found = scaled_by_others(await foreign_scalers(await world.connect(), namespace), [fleet])
    return tuple(f"{said}. {CURE}" for said in found)


async def foreign_scalers(cluster: Cluster, namespace: str) -> list[Body]:
    """The autoscalers of a namespace that are not ours; none when we may not look."""
    return await foreign(cluster, HORIZONTAL_POD_AUTOSCALER, namespace)


def scaled_by_others(autoscalers: Iterable[Body], fleets: Iterable[Fleet]) -> tuple[str, ...]:
    """One sentence for each of the autoscalers that scales a Deployment of these Workloads."""
    made = [each for fleet in fleets for proton in fleet.protons for each in proton.deployments]
    ours = {each["metadata"]["name"]: label(each, labels.WORKLOAD) or "" for each in made}
    targets = [(body, (body.get("spec") or {}).get("scaleTargetRef") or {}) for body in autoscalers]
    hits = [(body, str(each.get("name"))) for body, each in targets if each.get("kind") == DEPLOYMENT.name]
    return tuple(_sentence(body, name, ours[name]) for body, name in hits if name in ours)


def _sentence(body: Body, deployment: str, workload: str) -> str:
    meta, owner = body["metadata"], owner_of(body)
    whose = f" (of {owner['kind']} {owner['name']})" if owner else ""
    return (
        f"HorizontalPodAutoscaler {meta['namespace']}/{meta['name']}{whose} is not ours and scales Deployment "
        f"{deployment} of Workload {meta['namespace']}/{workload}: it works against the counts that the program says, "
        "and does not go on to the next version. It is left alone"
    )
