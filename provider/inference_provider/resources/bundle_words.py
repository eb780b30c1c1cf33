"""What a preview says of bundles: which template counts as what is wanted, and which bundle a new version would get."""

from collections.abc import Mapping

from inference_provider.converge.ports import Reporter
from inference_provider.domain.bundle import Chosen, choices
from inference_provider.domain.rolling import template_hash
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.manifests.bundle import bundles_of
from inference_provider.manifests.choices import bundles_offered
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.fit import Demand
from inference_provider.placement.surge import Gpus, demands_of
from inference_provider.rollout.bundles import Offer, first_with_room, looks_for_room, pinned
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.next_step import Goal


def wanted_template(fleet: Fleet, content: Body, model: WorkloadInputs) -> str:
    """The template that is wanted: of all that bundles allow the one that serves, is held, rises or is kept; else the
    first.
    """
    offered = bundles_offered(content, model.runtime)
    templates = [template_hash(content, model.runtime, bundles=each) for each in offered]
    return pinned(fleet, Goal(templates[0]), templates) or templates[0]


def every_demand(model: WorkloadInputs, counts: Mapping[str, int]) -> list[Demand]:
    """What the pods may want, over all bundles that they could get."""
    return [each for chosen in _choices(model) for each in demands_of(_hardware(model, chosen), counts)]


def tell_choice(
    report: Reporter, model: WorkloadInputs, fleet: Fleet | None, *, counts: Mapping[str, int], gpus: Gpus | None
) -> Mapping[str, Hardware]:
    """The hardware that a new version would get now, with a line that says why it is not that of the first bundles."""
    offered = _choices(model)
    begun = _begun(fleet, offered)
    if begun is not None or fleet is None or gpus is None or len(offered) < 2:
        return _hardware(model, begun if begun is not None else offered[0])
    if not looks_for_room(model.replacement.surge, fleet):
        return _hardware(model, offered[0])
    offers = [Offer(str(index), _names(each), _hardware(model, each)) for index, each in enumerate(offered)]
    choice = first_with_room(offers, fleet, Goal(""), counts=counts, gpus=gpus)
    if choice.words is not None:
        report.info(f"the new version of Workload {model.namespace}/{model.name} {choice.words}")
    return choice.offer.hardware


def _begun(fleet: Fleet | None, offered: tuple[Chosen, ...]) -> Chosen | None:
    """The bundles of a version that an interrupted run has left on its way up: it keeps them."""
    rising = fleet.of_role(Role.CANDIDATE) if fleet is not None else []
    names = bundles_of(rising[-1].service) if rising else None
    return next((each for each in offered if _names(each) == names), None) if names else None


def _choices(model: WorkloadInputs) -> tuple[Chosen, ...]:
    return choices({group.name: group.resource_bundles for group in model.runtime.container_groups})


def _names(chosen: Chosen) -> dict[str, str]:
    return {group: each.name for group, each in chosen.items()}


def _hardware(model: WorkloadInputs, chosen: Chosen) -> Mapping[str, Hardware]:
    return {group.name: hardware_of(group, chosen.get(group.name)) for group in model.runtime.container_groups}
