"""Which versions that are there may not take over, since they would run where policies forbid it?"""

from collections.abc import Mapping

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.selector import within
from inference_provider.placement.standing import required_terms
from inference_provider.rollout.fleet import Fleet, Proton


def barred(fleet: Fleet, wanted: Mapping[str, Mapping[str, Hardware]]) -> frozenset[int]:
    """The revisions of a wanted template that were made before its policies, and are not kept where these allow it.

    ``wanted`` is the hardware of each group as policies leave it, by template. What serves is never among them.
    """
    others = [each for each in fleet.protons if fleet.active is None or each.revision != fleet.active.revision]
    return frozenset(each.revision for each in others if _astray(each, wanted.get(each.template) or {}))


def _astray(proton: Proton, hardware: Mapping[str, Hardware]) -> bool:
    return any(_free(each, hardware.get(label(each, labels.GROUP) or "")) for each in proton.deployments)


def _free(deployment: Body, wanted: Hardware | None) -> bool:
    """Whether its pods may go where those that are wanted may not."""
    if wanted is None or wanted.terms is None:
        return False
    return not within(required_terms(deployment["spec"]["template"]["spec"]), wanted.terms)
