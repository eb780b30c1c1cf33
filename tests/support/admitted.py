"""The rule that API servers check, once more in Python: what ``manifests.admission_rule`` writes in CEL.

Written from the words of the rule and not from the expressions; a test holds it to a real API server.
"""

from collections.abc import Iterable, Sequence

from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.kinds import Body

NETWORKS = (
    *("devices.kubevirt.io/", "networking.gke.io.networks/", "nvidia.com/hostdev"),
    *("rdma/", "vpc.amazonaws.com/"),
)


def admitted(rule: AdmissionRule, pod: Body) -> bool:
    """Whether a new pod with this spec passes."""
    if pod.get("nodeName") or pod.get("schedulerName") not in (None, "default-scheduler"):
        return False
    if rule.hardware and (pod.get("resourceClaims") or _devices(pod) - {"nvidia.com/gpu"}):
        return False
    if rule.without_gpus and not _devices(pod):
        return True
    selected = [{"key": key, "operator": "In", "values": [value]} for key, value in pod.get("nodeSelector", {}).items()]
    return all(any(_at_least([*each, *selected], way) for way in rule.ways) for each in _alternatives(pod))


def terms_of(pod: Body) -> list[Body] | None:
    """The alternatives that a pod asks for itself; None when it asks for nothing."""
    affinity = pod.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    return affinity["nodeSelectorTerms"] if affinity else None


def _alternatives(pod: Body) -> Iterable[Sequence[Body]]:
    terms = terms_of(pod)
    return [()] if terms is None else [term.get("matchExpressions", ()) for term in terms]


def _at_least(asked: Sequence[Body], way: Sequence[Body]) -> bool:
    return all(any(_implies(each, wanted) for each in asked) for wanted in way)


def _implies(asked: Body, wanted: Body) -> bool:
    """Whether every node as one expression asks for is as the other wants it."""
    if asked["key"] != wanted["key"]:
        return False
    has, wants = set(asked.get("values") or ()), set(wanted.get("values") or ())
    match asked["operator"], wanted["operator"]:
        case "In", "In":
            return has <= wants
        case "In", "NotIn":
            return not has & wants
        case "NotIn", "NotIn":
            return has >= wants
        case "DoesNotExist", "NotIn" | "DoesNotExist":
            return True
        case "In" | "Exists" | "Gt" | "Lt", "Exists":
            return True
        case _:
            return False


def _devices(pod: Body) -> set[str]:
    """What may be GPUs, by name."""
    parts = [*pod["containers"], *pod.get("initContainers", []), pod]
    asked = {key for part in parts for side in (part.get("resources") or {}).values() for key in side}
    return {key for key in asked if "/" in key and not key.startswith(NETWORKS)}
