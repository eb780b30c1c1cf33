"""Where does the API server not hold to a policy as it should? Looked at by previews and the doctor."""

from dataclasses import replace

from inference_provider.converge.policy import Standing, Under
from inference_provider.converge.ports import Cluster
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Forbidden
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_binding,
    admission_policy,
    governed_of,
    is_newer,
    is_stale,
)
from inference_provider.manifests.kinds import Body
from inference_provider.placement.demanded import governed
from inference_provider.resources.governing import outsiders, rule_of
from inference_provider.resources.rights import ADMISSION, lacking


async def noticed(cluster: Cluster, policy: PolicyInputs, seen: Under) -> str | None:
    """Why the API server does not hold to a policy as it should; None when it does, or we could not mend it."""
    try:
        said = await amiss(cluster, policy, seen)
    except Forbidden:
        return None
    return None if said is None or await lacking(cluster, ADMISSION, None) else said


async def amiss(cluster: Cluster, policy: PolicyInputs, seen: Under) -> str | None:
    """Why the API server does not hold to a policy as it should; ``seen`` are the Workloads that are under it.

    Raises Forbidden where nobody may look.
    """
    whose = governed(policy, policy.namespace or "", seen.ids)
    rule = await rule_of(cluster, policy, whose) if whose else None
    if rule is None:
        return None
    found = [await cluster.find(kind, None, rule.name) for kind in (ADMISSION_POLICY, ADMISSION_BINDING)]
    for body, made in zip(found, (admission_policy, admission_binding), strict=True):
        if body is None:
            return f"its {made(rule)['kind']} {rule.name} is gone, or was never made"
    there = [body for body in found if body is not None]
    said = next((each for each in (_other(body, rule) for body in there) if each), None)
    return said or await _overdone(cluster, policy, there[0], seen)


def _other(found: Body, rule: AdmissionRule) -> str | None:
    called = f"its {found['kind']} {rule.name}"
    already = governed_of(found)
    if already is None:
        return f"{called} is not as it should be"
    missing = sorted("/".join(each) for each in rule.governed.workloads if not already.covers(*each))
    if missing:
        return f"{called} is not about {', '.join(missing)}"
    joined = replace(rule, governed=rule.governed.joined(already))
    if is_newer(found, joined):
        return None
    if is_stale(found, joined):
        return f"{called} is not what it is read as now: the policy, its regions or the release have changed since"
    made = admission_policy if found["kind"] == ADMISSION_POLICY.name else admission_binding
    return None if found["spec"] == made(joined)["spec"] else f"{called} is not as it should be"


async def _overdone(cluster: Cluster, policy: PolicyInputs, found: Body, seen: Under) -> str | None:
    """Those that left and are held to it all the same. Whoever is gone for good does no harm."""
    out = await outsiders(cluster, policy, found, seen)
    free = [each for each, why in out.items() if why is Standing.FREE]
    called = f"its {found['kind']} {found['metadata']['name']}"
    return f"{called} is still about {', '.join(free)}, not under it any more" if free else None
