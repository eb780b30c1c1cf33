"""Which bundles a version was given, as its Service notes it, and what that costs."""

import json
from collections.abc import Mapping

from inference_provider.domain.bundle import Chosen
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body


def bundle_notes(chosen: Chosen) -> dict[str, str]:
    """The annotation of a proton's Service; nothing where no group has a bundle."""
    return {labels.BUNDLES: json.dumps(bundle_facts(chosen), sort_keys=True)} if chosen else {}


def bundle_facts(chosen: Chosen) -> dict[str, dict[str, object]]:
    """By group: the name, and the price of a pod per hour where it is known."""
    return {
        group: {"name": each.name} | ({"pricePerHour": each.price_per_hour} if each.price_per_hour is not None else {})
        for group, each in chosen.items()
    }


def bundles_of(service: Body) -> dict[str, str]:
    """Group → the name of its bundle; empty where there is none, or nobody can read it."""
    return {group: str(said["name"]) for group, said in _noted(service).items() if "name" in said}


def hourly_cost(service: Body, pods: Mapping[str, int]) -> float | None:
    """What so many pods of each group cost per hour; None as soon as the price of one group is not known."""
    noted = _noted(service)
    prices = {group: noted.get(group, {}).get("pricePerHour") for group in pods}
    known = {group: float(price) for group, price in prices.items() if isinstance(price, int | float)}
    if not pods or len(known) < len(pods):
        return None
    return round(sum(known[group] * count for group, count in pods.items()), 6)  # three of 14.7 are 44.1


def _noted(service: Body) -> dict[str, dict[str, object]]:
    try:
        found = json.loads(annotation(service, labels.BUNDLES) or "{}")
    except ValueError:  # somebody wrote something else
        return {}
    groups = found.items() if isinstance(found, dict) else ()
    return {str(group): said for group, said in groups if isinstance(said, dict)}
