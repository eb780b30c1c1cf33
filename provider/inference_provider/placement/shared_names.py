"""Whose region is it, where several clouds use one name? The nodes that are there know: by their ``spec.providerID``.

``eu-west-1`` is Ireland with AWS and London with Alibaba. Where every node with that label that names its cloud is one
of AWS, it is AWS's. A node without a ``providerID`` says nothing; without any node that does, nobody can tell.
"""

from collections.abc import Iterable, Mapping

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.placement.cloud_regions import AWS, REGIONS
from inference_provider.placement.confined import REGION
from inference_provider.placement.regions import countries_of

#: How AWS's cloud controller begins what it writes into `spec.providerID`.
_AWS = "aws://"
_IN_AWS = {region: code for code, regions in AWS.items() for region in regions.split() if len(REGIONS[region]) > 1}


def matters(policies: Iterable[PolicyInputs]) -> bool:
    """Whether a place that is asked for has, perhaps, a region whose name AWS shares with others in other countries."""
    asked = frozenset[str]().union(*(countries_of(place) for each in policies for place in each.locations))
    return any(code in asked for code in _IN_AWS.values())


def told_by(nodes: Iterable[Body]) -> Mapping[str, str]:
    """The country of each region with a shared name that these nodes show to be AWS's."""
    of_aws: dict[str, bool] = {}
    for node in nodes:
        region, cloud = label(node, REGION), str((node.get("spec") or {}).get("providerID") or "")
        if region in _IN_AWS and cloud:
            of_aws[region] = of_aws.get(region, True) and cloud.startswith(_AWS)
    return {region: _IN_AWS[region] for region, sure in of_aws.items() if sure}
