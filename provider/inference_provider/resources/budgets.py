"""Which PodDisruptionBudgets of others reach our pods? They are left alone, and told of.

Each of our pods has a budget already, and the API server evicts no pod that has two.
"""

from collections.abc import Iterable, Mapping

from inference_provider.converge.ports import Cluster
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import POD_DISRUPTION_BUDGET, Body
from inference_provider.resources.foreign import foreign
from inference_provider.resources.world import World
from inference_provider.rollout.fleet import Fleet

#: What to do about one.
CURE = "Take these pods out of its selector, or remove it"


async def tell_of_budgets(world: World, namespace: str, fleet: Fleet) -> None:
    """Warn, in a line that stays, of other people's budgets on a Workload's pods."""
    for said in overlaps(await foreign_budgets(await world.connect(), namespace), [fleet]):
        world.report.warn(f"{said}. {CURE}")


async def foreign_budgets(cluster: Cluster, namespace: str) -> list[Body]:
    """The budgets of a namespace that are not ours (ours are many, and not sent); none when we may not look."""
    return await foreign(cluster, POD_DISRUPTION_BUDGET, namespace)


def overlaps(budgets: Iterable[Body], fleets: Iterable[Fleet]) -> tuple[str, ...]:
    """One sentence for each of the budgets that selects pods of these Workloads."""
    templates = [template for fleet in fleets for template in _pod_labels(fleet)]
    found = []
    for body in budgets:
        selector = (body.get("spec") or {}).get("selector")
        hit = sorted({each.get(labels.WORKLOAD, "") for each in templates if selects(selector, each)})
        if hit:
            found.append(_sentence(body["metadata"], hit))
    return tuple(found)


def selects(selector: Body | None, pod_labels: Mapping[str, str]) -> bool:
    """Whether a budget's selector takes pods with these labels; an empty one takes all, a missing one none."""
    if selector is None:
        return False
    exact = (selector.get("matchLabels") or {}).items() <= pod_labels.items()
    return exact and all(_holds(each, pod_labels) for each in selector.get("matchExpressions") or [])


def _holds(expression: Body, pod_labels: Mapping[str, str]) -> bool:
    given, values = pod_labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return given in values
        case "NotIn":
            return given not in values
        case "Exists":
            return given is not None
        case _:
            return given is None


def _pod_labels(fleet: Fleet) -> list[Mapping[str, str]]:
    """Of every kind of pod that the Workload has now."""
    made = [each for proton in fleet.protons for each in proton.deployments]
    return [each["spec"]["template"]["metadata"].get("labels") or {} for each in made]


def _sentence(meta: Body, workloads: list[str]) -> str:
    whose = " and ".join(f"{meta['namespace']}/{each}" for each in workloads)
    return (
        f"PodDisruptionBudget {meta['namespace']}/{meta['name']} is not ours and selects pods of Workload {whose}, "
        "which have one already: with two, every eviction of them fails (500), and their nodes cannot be drained. "
        "It is left alone"
    )
