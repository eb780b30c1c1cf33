"""Who waits for GPUs: the pods without a node, as demands."""

from collections.abc import Mapping, Sequence

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU_MEMORY, GPU_PRODUCT
from inference_provider.placement.capacity import MODEL_LABEL
from inference_provider.placement.fit import Demand
from inference_provider.placement.gpu_requests import GPU, gpus_of, holds_gpus


def waiting_demands(pods: Sequence[Body], *, resource: str = GPU) -> tuple[Demand, ...]:
    """One Demand for each pod without a node that wants GPUs and is not being deleted.

    The model is known from a node selector only; a pod that says it otherwise is taken to want any, which errs
    on the careful side.
    """
    return tuple(
        Demand(1, gpus_of(pod, resource=resource), _model(pod), None, _node_labels(pod), _tolerations(pod))
        for pod in pods
        if _waits(pod) and gpus_of(pod, resource=resource) > 0
    )


def outstanding(pods: Sequence[Body], replicas: Mapping[str, int]) -> Demand | None:
    """What one proton still needs: the pods of all groups that are like its largest waiting one; None if none waits.

    ``replicas`` are wanted pods by group. Those that are not made yet count: a kept version is the way back, and
    not to be given for half of what is missing.
    """
    waiting = [pod for pod in pods if _waits(pod) and gpus_of(pod)]
    if not waiting:
        return None
    largest = max(waiting, key=gpus_of)
    alike = {label(pod, labels.GROUP) for pod in waiting if gpus_of(pod) == gpus_of(largest)}
    bound = sum(1 for pod in pods if label(pod, labels.GROUP) in alike and _bound(pod))
    wanted = sum(count for group, count in replicas.items() if group in alike)
    wants = _expressions(largest)
    memory = wants.get(GPU_MEMORY)
    least = int(memory) + 1 if memory else None
    missing, model = max(wanted - bound, 1), wants.get(GPU_PRODUCT) or _model(largest)
    return Demand(missing, gpus_of(largest), model, least, _node_labels(largest), _tolerations(largest))


def _bound(pod: Body) -> bool:
    return bool((pod.get("spec") or {}).get("nodeName")) and not (pod.get("metadata") or {}).get("deletionTimestamp")


def _expressions(pod: Body) -> dict[str, str]:
    """What the pod's first required node affinity term asks for, by label."""
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or []
    found = [each for term in terms[:1] for each in term.get("matchExpressions") or []]
    return {each["key"]: each["values"][0] for each in found if each.get("values")}


def _waits(pod: Body) -> bool:
    leaving = bool((pod.get("metadata") or {}).get("deletionTimestamp"))
    return holds_gpus(pod) and not leaving and not (pod.get("spec") or {}).get("nodeName")


def _model(pod: Body) -> str | None:
    model = ((pod.get("spec") or {}).get("nodeSelector") or {}).get(MODEL_LABEL)
    return None if model is None else str(model)


def _node_labels(pod: Body) -> dict[str, str]:
    """What it asks of its node by name, but for the GPU's model, which is counted by itself."""
    chosen = (pod.get("spec") or {}).get("nodeSelector") or {}
    return {str(key): str(value) for key, value in chosen.items() if key != MODEL_LABEL}


def _tolerations(pod: Body) -> tuple[Body, ...]:
    return tuple((pod.get("spec") or {}).get("tolerations") or ())
