"""In which regions may a Workload run, when these policies are about places?

What is not known is not allowed: a node without a region, a region that no table has, a country without regions. A name
that clouds have in several countries is only in a place that has all of them: nobody can tell which cloud's it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from inference_provider.domain.countries import EUROPEAN_UNION, continent, country
from inference_provider.domain.policy import PolicyInputs, PolicyLocation
from inference_provider.placement.cloud_regions import APART, REGIONS

#: So many names stand in a sentence.
_NAMED = 5


@dataclass(frozen=True)
class Atlas:
    """Which country each region is in; ``own`` are the cluster's, which count before the clouds'. With the country ""
    one is in none that is known.

    ``theirs`` is what single namespaces say of regions: that counts for their policies, and for nobody else's.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, namespace: str | None) -> "Atlas":
        """The one that counts for the policies of a namespace."""
        return Atlas(self.theirs.get(namespace or "", self.own))

    def countries(self, region: str) -> frozenset[str]:
        """The countries that it may be in; none when nobody said. Governments' own regions are in none, as far as
        policies go.
        """
        if region in self.own:
            return frozenset(filter(None, [self.own[region]]))
        return frozenset() if region in APART else REGIONS.get(region, frozenset())

    def country(self, region: str) -> str | None:
        """The country's code; None when nobody can tell."""
        found = self.countries(region)
        return next(iter(found)) if len(found) == 1 else None

    def where(self, region: str) -> str:
        """The same in words, behind "in region eu-west-1"."""
        found = sorted(self.countries(region))
        if len(found) > 1:
            clouds = f"which clouds have in {' and in '.join(found)}"
            return f"{clouds}: say which it is in the ConfigMap pulumi-inference-regions"
        return f"in {found[0]}" if found else "in no country that is known of"

    def within(self, place: PolicyLocation) -> frozenset[str]:
        """Every region of a place."""
        if place.type == "location":
            return frozenset({place.name})
        codes = countries_of(place)
        if not self.own:
            return _clouds(codes)
        own = {region for region, code in self.own.items() if code in codes}
        return _clouds(codes) - self.own.keys() | own


def countries_of(place: PolicyLocation) -> frozenset[str]:
    """The countries that a place consists of; none of a single region, nor of what nobody knows."""
    if place.type == "continent":
        return continent(place.name) or frozenset()
    return frozenset(filter(None, [country(place.name)])) if place.type == "country" else frozenset()


@lru_cache(maxsize=512)
def _clouds(codes: frozenset[str]) -> frozenset[str]:
    """The clouds' regions in these countries. Asked for each policy of each Workload."""
    return frozenset(region for region, found in REGIONS.items() if found <= codes and region not in APART)


@dataclass(frozen=True)
class Regions:
    """What policies leave of the world. ``allowed`` is None where none is about places; ``denied`` says why not.

    ``namespaces`` are those of the policies.
    """

    allowed: frozenset[str] | None = None
    denied: str | None = None
    namespaces: tuple[str | None, ...] = ()

    def admits(self, region: str | None) -> bool:
        """Whether pods may run on a node that says this region."""
        return self.allowed is None or region in self.allowed

    def refusal(self, node: str, region: str | None, atlas: Atlas) -> str | None:
        """Why a node will not do; None when it will."""
        if self.admits(region):
            return None
        if not region:
            return f"node {node} has no label topology.kubernetes.io/region, so nobody can say where it is"
        said = dict.fromkeys(atlas.of(each).where(region) for each in self.namespaces or (None,))
        by_whom = ", as their namespaces say of regions" if len(said) > 1 else ""
        return f"node {node} is in region {region}, {' or '.join(said)}{by_whom}"


#: The regions that one namespace says itself.
_Own: TypeAlias = frozenset[tuple[str, str]]


def regions(policies: Iterable[PolicyInputs], atlas: Atlas) -> Regions:
    """The regions that every policy about places allows, each as the namespace that it is in knows them."""
    about = tuple(each for each in policies if each.type == "location")
    namespaces = {each.namespace for each in about}
    return _regions(about, frozenset((each, frozenset(atlas.of(each).own.items())) for each in namespaces))


@lru_cache(maxsize=256)
def _regions(about: tuple[PolicyInputs, ...], own: frozenset[tuple[str | None, _Own]]) -> Regions:
    """A thousand Workloads under the same policies ask the same."""
    atlases = {namespace: Atlas(dict(said)) for namespace, said in own}
    allowed: frozenset[str] | None = None
    for number, policy in enumerate(about):
        theirs = frozenset[str]().union(*(atlases[policy.namespace].within(place) for place in policy.locations))
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
    return Regions(allowed, namespaces=tuple(dict.fromkeys(each.namespace for each in about)))


def _each_named(policies: Iterable[PolicyInputs]) -> str:
    return " and ".join(f"{each.name} ({_places(each.locations)})" for each in policies)


def _places(places: Sequence[PolicyLocation]) -> str:
    named = [_place(each) for each in places[:_NAMED]]
    return ", ".join(named) + (f" and {len(places) - _NAMED} more" if len(places) > _NAMED else "")


def _place(place: PolicyLocation) -> str:
    union = place.type == "continent" and continent(place.name) == EUROPEAN_UNION
    return f"{place.name} (the European Union)" if union else place.name
