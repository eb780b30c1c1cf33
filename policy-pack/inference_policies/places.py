"""Is a region, or all that a Policy allows, within the places that the pack allows? The places are a Policy's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.domain.countries import continent, country
from inference_provider.domain.policy import PolicyInputs, PolicyLocation
from inference_provider.placement.confined import REGION
from inference_provider.placement.regions import Atlas

_ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True)
class Places:
    """What is allowed: ``regions``, and ``countries`` whole, also with regions of which only the cluster knows."""

    said: str
    atlas: Atlas
    regions: frozenset[str]
    countries: frozenset[str]

    @classmethod
    def of(cls, locations: Sequence[PolicyLocation], own: Mapping[str, str]) -> "Places":
        """The places of a configuration, with its own regions and their countries."""
        atlas = Atlas(own)
        return cls(
            ", ".join(each.name for each in locations),
            atlas,
            frozenset[str]().union(*(atlas.within(each) for each in locations)),
            frozenset[str]().union(*(_countries(each) for each in locations)),
        )

    def allow(self, region: str) -> bool:
        """Whether pods may run there."""
        return region in self.regions

    def hold(self, policy: PolicyInputs) -> bool:
        """Whether a Policy about places allows none that is not allowed here."""
        return all(self._holds(each) for each in policy.locations)

    def _holds(self, place: PolicyLocation) -> bool:
        """Countries are compared as such: which regions are in one, the cluster may know better."""
        theirs = _countries(place)
        return theirs <= self.countries if theirs else self.allow(place.name)

    def region(self, labels: Mapping[str, str]) -> str | None:
        """The region that nodes must be in. Clouds' zones are called like it, and a letter or digit more."""
        if REGION in labels:
            return labels[REGION]
        zone = labels.get(_ZONE, "")
        around = [zone[:-1], re.sub(r"-[a-z0-9]$", "", zone)]
        return next((each for each in around if self.atlas.countries(each)), None)


def _countries(place: PolicyLocation) -> frozenset[str]:
    """None for a single region."""
    if place.type == "continent":
        return continent(place.name) or frozenset()
    code = country(place.name) if place.type == "country" else None
    return frozenset({code}) if code else frozenset()
