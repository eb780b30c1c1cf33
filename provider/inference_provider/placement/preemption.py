"""Whom Kubernetes' scheduler may push out for a pod that preempts, and whom it never may."""

from collections import Counter
from collections.abc import Sequence

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.priority import value_of
from inference_provider.placement.gpu_requests import gpus_of, holds_gpus

#: So many victims are named in a sentence.
_NAMED = 5


def priority_of(pod: Body) -> int:
    """What the scheduler compares. The API server writes it into every pod, and 0 where nobody named a class."""
    spec = pod.get("spec") or {}
    return int(spec.get("priority") or value_of(str(spec.get("priorityClassName") or "")) or 0)


def lower(pods: Sequence[Body], priority: int) -> list[Body]:
    """Those that hold GPUs and may be pushed out by a pod of this priority: equals never are."""
    return [pod for pod in pods if holds_gpus(pod) and gpus_of(pod) and priority_of(pod) < priority]


def places_promised(pods: Sequence[Body]) -> list[str]:
    """The nodes on which others are being pushed out for these pods, as the scheduler has noted."""
    waiting = [pod for pod in pods if not (pod.get("spec") or {}).get("nodeName")]
    return sorted({str(name) for pod in waiting if (name := (pod.get("status") or {}).get("nominatedNodeName"))})


def victims_words(pods: Sequence[Body]) -> str:
    """Whose pods these are, for a plan: "shop/embed (2 pods, 4 GPUs), batch/train-0 (1 pod, 8 GPUs)"."""
    count: Counter[str] = Counter()
    gpus: Counter[str] = Counter()
    for pod in pods:
        meta = pod["metadata"]
        whose = f"{meta.get('namespace')}/{label(pod, labels.WORKLOAD) or meta['name']}"
        count[whose] += 1
        gpus[whose] += gpus_of(pod)
    named = [f"{each} ({count[each]} pod{'s' if count[each] > 1 else ''}, {gpus[each]} GPUs)" for each in sorted(count)]
    return ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED} more" if len(named) > _NAMED else "")
