"""Which versions that are there are older than what policies say, and may not take over therefore?"""

from collections.abc import Mapping

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules
from inference_provider.placement.selector import within
from inference_provider.placement.standing import required_terms, unfit
from inference_provider.rollout.fleet import Fleet, Proton


def barred(fleet: Fleet, wanted: Mapping[str, Mapping[str, Hardware]], rules: Rules) -> dict[int, str]:
    """The revisions of a wanted template that were made before its policies, and are not kept where these allow it,
    each with why it does not take over.

    ``wanted`` is the hardware of each group as policies leave it, by template. What serves is never among them.
    """
    others = [each for each in fleet.protons if fleet.active is None or each.revision != fleet.active.revision]
    astray = [each for each in others if _astray(each, wanted.get(each.template) or {})]
    return {each.revision: _why(each, rules) for each in astray}


def _why(proton: Proton, rules: Rules) -> str:
    named = " and ".join(older_than(proton, rules))
    return f"it was made before what {f'Policy {named}' if named else 'its policies'} says now"


def older_than(proton: Proton, rules: Rules) -> tuple[str, ...]:
    """The policies (ids) that bind and would not let a pod of this version be made like that today.

    Each by itself, as an API server holds to them; those about tokens are about no pods.
    """
    about = [each for each in rules.binding if each.type != "maxTokens"]
    found = [each for each in about if any(unfit(rules.only([each]), one) for one in proton.deployments)]
    return tuple(dict.fromkeys(f"{each.namespace}/{each.name}" for each in found))


def _astray(proton: Proton, hardware: Mapping[str, Hardware]) -> bool:
    return any(_free(each, hardware.get(label(each, labels.GROUP) or "")) for each in proton.deployments)


def _free(deployment: Body, wanted: Hardware | None) -> bool:
    """Whether its pods may go where those that are wanted may not."""
    if wanted is None or wanted.terms is None:
        return False
    return not within(required_terms(deployment["spec"]["template"]["spec"]), wanted.terms)
