"""Where may Workloads run? As far as the program says it: by labels that its bundles want of nodes, by its Policies."""

from typing import Annotated

from pydantic import AfterValidator, Field

from inference_policies.confined import confined
from inference_policies.declared import Declared
from inference_policies.places import Places
from inference_policies.pods import hardware_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload
from inference_provider.domain.countries import country
from inference_provider.domain.policy import PolicyLocation
from inference_provider.placement.confined import REGION


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
    trusted: Annotated[
        tuple[str, ...],
        Field(
            description="Policies of other programs (`namespace/name`) that are known to allow no more; a Workload "
            "that names one passes where it says no region itself."
        ),
    ] = ()


def judge(subject: Subject, settings: AllowedLocations, declared: Declared) -> Violations:
    """One sentence for each group and bundle that may run elsewhere, or anywhere."""
    if not isinstance(subject, Workload | Replacement) or not settings.locations:
        return
    places = Places.of(settings.locations, settings.regions)
    for group, hardware in hardware_of(subject, declared):
        region = places.region(hardware.node_labels)
        why = _elsewhere(region, places) if region else _anywhere(subject, settings, places, declared)
        if why is not None:
            yield f"group {group}, {hardware.said}: {why}"


def _anywhere(
    subject: Workload | Replacement, settings: AllowedLocations, places: Places, declared: Declared
) -> str | None:
    """Why pods that the program sends to no region are not where they may be; None when they are."""
    if settings.cluster_region is not None and places.allow(settings.cluster_region):
        return None
    held = confined(subject, declared)
    if held.trusts(settings.trusted) or any(places.hold(each) for each in held.about("location")):
        return None
    if settings.cluster_region is not None:
        return f"{_elsewhere(settings.cluster_region, places)}{held.remarks('location')}"
    return (
        f"the program does not say where it runs, and allowed is {places.said}. Give it a bundle whose `nodeSelector` "
        f"has {REGION}, or a Policy about places, or the pack the `clusterRegion` where your cluster is"
        f"{held.remarks('location')}"
    )


def _elsewhere(region: str, places: Places) -> str | None:
    if places.allow(region):
        return None
    found = sorted(places.atlas.countries(region))
    where = f"which is in {' or in '.join(found)}" if found else "of which no country is known"
    where += ", as clouds differ (say which in `regions`)" if len(found) > 1 else ""
    return f"runs in {region}, {where}; allowed is {places.said}"


RULE = Rule("allowed-locations", "Workloads may run in allowed places only.", AllowedLocations, judge)
