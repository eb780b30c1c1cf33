"""Where may Workloads run? As far as the program says it: by the labels that its bundles want of nodes."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_policies.declared import Declared
from inference_policies.pods import pods_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Artifact, Subject
from inference_provider.domain.countries import country
from inference_provider.domain.policy import PolicyLocation
from inference_provider.placement.confined import REGION
from inference_provider.placement.regions import Atlas

_ZONE = "topology.kubernetes.io/zone"


def _country(text: str) -> str:
    code = country(text)
    if code is None:
        raise ValueError(f"{text!r} is no country: write the two letters of ISO 3166, as in DE or US")
    return code


class AllowedLocations(Settings):
    """The places; nothing is refused while none is named."""

    locations: Annotated[
        tuple[PolicyLocation, ...], Field(description="Regions, countries and continents. Default: any.")
    ] = ()
    cluster_region: Annotated[
        str | None,
        Field(description="Where pods run that the program sends to no region: the region of your cluster."),
    ] = None
    regions: Annotated[
        dict[str, Annotated[str, AfterValidator(_country)]],
        Field(description="Regions of your own, and their countries, beside those of the clouds."),
    ] = Field(default_factory=dict)


def judge(subject: Subject, settings: AllowedLocations, declared: Declared) -> Violations:
    """One sentence for each group and bundle that may run elsewhere, or anywhere."""
    if isinstance(subject, Artifact) or not settings.locations:
        return
    atlas = Atlas(settings.regions)
    allowed = frozenset[str]().union(*(atlas.within(place) for place in settings.locations))
    for pods in pods_of(subject, declared):
        for hardware in pods.hardware:
            region = _region(hardware.node_labels, atlas) or settings.cluster_region
            if region not in allowed:
                yield f"group {pods.group}, {hardware.said}: {_elsewhere(region, atlas)}; allowed is {_said(settings)}"


def _region(labels: Mapping[str, str], atlas: Atlas) -> str | None:
    """The region that nodes must be in. Clouds' zones are called like their region, and a letter or digit more."""
    if REGION in labels:
        return labels[REGION]
    zone = labels.get(_ZONE, "")
    around = [zone[:-1], re.sub(r"-[a-z0-9]$", "", zone)]
    return next((each for each in around if atlas.country(each) is not None), None)


def _elsewhere(region: str | None, atlas: Atlas) -> str:
    if region is None:
        return (
            f"the program does not say where it runs. Give it a bundle whose `nodeSelector` has {REGION}, or the pack "
            "the `clusterRegion` where your cluster is"
        )
    code = atlas.country(region)
    return f"runs in {region}, " + (f"which is in {code}" if code else "of which no country is known")


def _said(settings: AllowedLocations) -> str:
    return ", ".join(place.name for place in settings.locations)


RULE = Rule("allowed-locations", "Workloads may run in allowed places only.", AllowedLocations, judge)
