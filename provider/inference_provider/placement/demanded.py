"""What does one policy by itself demand of every pod it is about, whoever makes that?

Placement takes all policies together; an API server holds to each on its own. What placement makes keeps to each of
them for that reason: fewer regions, and fewer labels that tell hardware, are among those of every single policy.
"""

from collections.abc import Iterable, Sequence

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import Body
from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import CPU, PRODUCT, Alternative, Sign, alternatives, signs
from inference_provider.placement.regions import Atlas, regions

#: So many values stand in a sentence.
_NAMED = 3


def demanded(policy: PolicyInputs, namespace: str, governed: Governed, atlas: Atlas) -> AdmissionRule | None:
    """What an API server is to hold to; None for a policy that is not about places or hardware.

    ``namespace`` is the policy's own. A policy that allows nothing makes a rule that nothing passes.
    """
    if policy.type == "maxTokens":
        return None
    ways = _places(policy, atlas.of(namespace)) if policy.type == "location" else _hardware(policy)
    without = policy.type == "flavor" and any(each.type == CPU and each.name.lower() == CPU for each in policy.flavors)
    return AdmissionRule(
        namespace,
        policy.name,
        ways,
        _sentence(policy, ways),
        governed,
        hardware=policy.type == "flavor",
        without_gpus=without,
        sandbox=policy.sandbox,
    )


def governed(policy: PolicyInputs, namespace: str, under: Iterable[str]) -> Governed | None:
    """Whose pods a policy is about; None for nobody's. ``under``: the Workloads that are under it (namespace/name).

    One that chooses no Workloads in particular is about every pod of its namespace: else who makes a pod without our
    labels would have gone around it.
    """
    everybody = frozenset[str]() if policy.labels or policy.resource_types else frozenset({namespace})
    split = (each.partition("/") for each in under)
    named = frozenset((place, name) for place, _, name in split if place not in everybody)
    return Governed(everybody, named) if everybody or named else None


def _places(policy: PolicyInputs, atlas: Atlas) -> tuple[Alternative, ...]:
    allowed = regions([policy], atlas).allowed
    return (({"key": REGION, "operator": "In", "values": sorted(allowed)},),) if allowed else ()


def _hardware(policy: PolicyInputs) -> tuple[Alternative, ...]:
    said = (signs(each.name) for each in policy.flavors if each.type == "gpu")
    return alternatives(frozenset[Sign]().union(*said))


def _sentence(policy: PolicyInputs, ways: Sequence[Alternative]) -> str:
    """What people read behind the policy's name."""
    named = ", ".join(each.name for each in (policy.locations or policy.flavors))
    may = f"pods may run {'in' if policy.type == 'location' else 'on'} {named} only"
    if not ways:
        return f"{may}, and no node can be known to be that."
    # GPU Feature Discovery is where most clusters have their labels from.
    way = next((each for each in ways if each[0]["key"] in (REGION, PRODUCT)), ways[0])
    wanted = " and ".join(_wanted(each) for each in way)
    also = ", or the same by another label" if len(ways) > 1 else ""
    return f"{may}: every term of a pod's required node affinity has to demand {wanted}{also}."


def _wanted(expression: Body) -> str:
    values = [str(each) for each in expression.get("values") or ()]
    more = f" or {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    within = f" [{', '.join(values[:_NAMED])}{more}]" if values else ""
    return f"{expression['key']} {expression['operator']}{within}"
