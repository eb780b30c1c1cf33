"""Which taints of a node keep a pod away, as the scheduler reads them."""

from collections.abc import Sequence

from inference_provider.manifests.kinds import Body
from inference_provider.placement.gpu_requests import GPU

#: The taint of GPU nodes, which every pod that wants GPUs tolerates.
_OWN = GPU


def repelling(taints: Sequence[Body]) -> tuple[Body, ...]:
    """Those that keep pods with GPUs away unless they tolerate them."""
    return tuple(each for each in taints if each.get("effect") in {"NoSchedule", "NoExecute"} and each["key"] != _OWN)


def tolerated(taints: Sequence[Body], tolerations: Sequence[Body]) -> bool:
    """Whether a pod with these tolerations minds none of the taints."""
    return all(any(_matches(one, taint) for one in tolerations) for taint in taints)


def _matches(toleration: Body, taint: Body) -> bool:
    key, effect, value = toleration.get("key"), toleration.get("effect"), toleration.get("value") or ""
    if (key and key != taint.get("key")) or (effect and effect != taint.get("effect")):
        return False
    return toleration.get("operator") == "Exists" or value == (taint.get("value") or "")
