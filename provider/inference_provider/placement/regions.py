"""In which regions may a Workload run, when these policies are about places?

What is not known is not allowed: a node without a region, a region that no table has, a country without regions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from inference_provider.domain.countries import EUROPEAN_UNION, continent, country
from inference_provider.domain.policy import PolicyInputs, PolicyLocation
from inference_provider.placement.cloud_regions import APART, REGIONS

#: So many names stand in a sentence.
_NAMED = 5


@dataclass(frozen=True)
class Atlas:
    """Which country each region is in; ``own`` are the cluster's, which count before the clouds'."""

    own: Mapping[str, str] = field(default_factory=dict)

    def country(self, region: str) -> str | None:
        """The country's code; None when nobody said. Governments' own regions are in none, as far as policies go."""
        return self.own.get(region) or (None if region in APART else REGIONS.get(region))

    def within(self, place: PolicyLocation) -> frozenset[str]:
        """Every region of a place."""
        if place.type == "location":
            return frozenset({place.name})
        codes = (continent(place.name) if place.type == "continent" else frozenset({country(place.name) or ""})) or ()
        if not self.own:
            return _clouds(frozenset(codes))
        own = {region for region, code in self.own.items() if code in codes}
        return _clouds(frozenset(codes)) - self.own.keys() | own


@lru_cache(maxsize=512)
def _clouds(codes: frozenset[str]) -> frozenset[str]:
    """The clouds' regions in these countries. Asked for each policy of each Workload."""
    return frozenset(region for region, code in REGIONS.items() if code in codes and region not in APART)


@dataclass(frozen=True)
class Regions:
    """What policies leave of the world. ``allowed`` is None where none is about places; ``denied`` says why not."""

    allowed: frozenset[str] | None = None
    denied: str | None = None

    def admits(self, region: str | None) -> bool:
        """Whether pods may run on a node that says this region."""
        return self.allowed is None or region in self.allowed

    def refusal(self, node: str, region: str | None, atlas: Atlas) -> str | None:
        """Why a node will not do; None when it will."""
        if self.admits(region):
            return None
        if not region:
            return f"node {node} has no label topology.kubernetes.io/region, so nobody can say where it is"
        code = atlas.country(region)
        where = f"in {code}" if code else "in no country that is known of"
        return f"node {node} is in region {region}, {where}"


def regions(policies: Iterable[PolicyInputs], atlas: Atlas) -> Regions:
    """The regions that every policy about places allows."""
    return _regions(tuple(each for each in policies if each.type == "location"), frozenset(atlas.own.items()))


@lru_cache(maxsize=256)
def _regions(about: tuple[PolicyInputs, ...], own: frozenset[tuple[str, str]]) -> Regions:
    """A thousand Workloads under the same policies ask the same."""
    atlas = Atlas(dict(own))
    allowed: frozenset[str] | None = None
    for number, policy in enumerate(about):
        theirs = frozenset[str]().union(*(atlas.within(place) for place in policy.locations))
        if not theirs:
            return Regions(
                frozenset(),
                f"Policy {policy.name} allows {_places(policy.locations)}, and no region is "
                "known to be there; say the cluster's own regions, or name a region",
            )
        both = theirs if allowed is None else allowed & theirs
        if not both:
            return Regions(
                frozenset(),
                f"Policy {policy.name} allows only {_places(policy.locations)}, where nothing "
                f"is left by {_each_named(about[:number])}; no place satisfies all of them",
            )
        allowed = both
    return Regions(allowed)


def _each_named(policies: Iterable[PolicyInputs]) -> str:
    return " and ".join(f"{each.name} ({_places(each.locations)})" for each in policies)


def _places(places: Sequence[PolicyLocation]) -> str:
    named = [_place(each) for each in places[:_NAMED]]
    return ", ".join(named) + (f" and {len(places) - _NAMED} more" if len(places) > _NAMED else "")


def _place(place: PolicyLocation) -> str:
    union = place.type == "continent" and continent(place.name) == EUROPEAN_UNION
    return f"{place.name} (the European Union)" if union else place.name
