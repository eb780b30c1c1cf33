"""What a preview says of bundles: which template counts as what is wanted, and which bundle a new version would get."""

from collections.abc import Mapping

from inference_provider.domain.bundle import Chosen, choices
from inference_provider.domain.rolling import template_hash
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.manifests.bundle import bundles_of
from inference_provider.manifests.choices import bundles_offered
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance, confine
from inference_provider.placement.fit import Demand
from inference_provider.placement.quota import Quotas
from inference_provider.placement.surge import Gpus, demands_of
from inference_provider.rollout.bundles import Offer, first_with_room, looks_for_room, pinned
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.next_step import Goal


def wanted_choice(fleet: Fleet, content: Body, model: WorkloadInputs) -> tuple[str, Chosen]:
    """The template that is wanted, and its bundles: of all that bundles allow the one that serves, is held, rises or is
    kept; else the first.
    """
    offered = bundles_offered(content, model.runtime)
    templates = [template_hash(content, model.runtime, bundles=each) for each in offered]
    wanted = pinned(fleet, Goal(templates[0]), templates) or templates[0]
    return wanted, offered[templates.index(wanted)]


def first_choice(model: WorkloadInputs | None) -> Chosen:
    """The bundles that come first; none where nothing is known."""
    return every_choice(model)[0] if model is not None else {}


def every_demand(model: WorkloadInputs, counts: Mapping[str, int], rules: Rules) -> list[Demand]:
    """What the pods may want, over all bundles that they could get."""
    return [each for chosen in every_choice(model) for each in demands_of(hardware_on(model, chosen, rules), counts)]


def foreseen(
    model: WorkloadInputs,
    fleet: Fleet | None,
    *,
    counts: Mapping[str, int],
    gpus: Gpus | None,
    quotas: Quotas,
    rules: Rules,
) -> tuple[Chosen, str | None]:
    """The bundles that a new version would get now, and why these are not the first ones, or have no room either."""
    every = every_choice(model)
    offered = tuple(each for each in every if _allowed(model, each, rules)) or every
    begun = _begun(fleet, offered)
    if begun is not None or fleet is None or len(offered) < 2 or (gpus is None and not quotas.found):
        return (begun if begun is not None else offered[0]), None
    if not looks_for_room(model.replacement.surge, fleet):
        return offered[0], None
    offers = [Offer(str(index), _names(each), hardware_on(model, each, rules)) for index, each in enumerate(offered)]
    choice = first_with_room(offers, fleet, Goal(""), counts=counts, gpus=gpus, quotas=quotas)
    meta = fleet.anchor["metadata"]
    why = f"the new version of Workload {meta['namespace']}/{meta['name']} {choice.words}" if choice.words else None
    return offered[int(choice.offer.template)], why


def hardware_on(model: WorkloadInputs, bundles: Chosen, rules: Rules) -> Mapping[str, Hardware]:
    """What the pods of the groups that the runtime names are given on these bundles, where policies allow it."""
    groups = model.runtime.container_groups
    return {group.name: confine(rules, hardware_of(group, bundles.get(group.name))) for group in groups}


def _allowed(model: WorkloadInputs, bundles: Chosen, rules: Rules) -> bool:
    groups = model.runtime.container_groups
    return all(allowance(rules, hardware_of(each, bundles.get(each.name))).denied is None for each in groups)


def _begun(fleet: Fleet | None, offered: tuple[Chosen, ...]) -> Chosen | None:
    """The bundles of a version that an interrupted run has left on its way up: it keeps them."""
    rising = fleet.of_role(Role.CANDIDATE) if fleet is not None else []
    names = bundles_of(rising[-1].service) if rising else None
    return next((each for each in offered if _names(each) == names), None) if names else None


def every_choice(model: WorkloadInputs) -> tuple[Chosen, ...]:
    """Every way to give the groups that the runtime names their bundles, the best first; one empty one without any."""
    return choices({group.name: group.resource_bundles for group in model.runtime.container_groups})


def _names(chosen: Chosen) -> dict[str, str]:
    return {group: each.name for group, each in chosen.items()}
