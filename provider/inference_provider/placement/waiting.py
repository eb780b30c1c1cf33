"""Who waits for GPUs already: the pods without a node, as demands."""

from collections.abc import Sequence

from inference_provider.manifests.kinds import Body
from inference_provider.placement.capacity import MODEL_LABEL
from inference_provider.placement.fit import Demand
from inference_provider.placement.gpu_requests import GPU, gpus_of, holds_gpus


def waiting_demands(pods: Sequence[Body], *, resource: str = GPU) -> tuple[Demand, ...]:
    """One Demand for each pod without a node that wants GPUs and is not being deleted.

    The model is known from a node selector only; a pod that says it otherwise is taken to want any, which errs
    on the careful side.
    """
    return tuple(
        Demand(1, gpus_of(pod, resource=resource), _model(pod))
        for pod in pods
        if _waits(pod) and gpus_of(pod, resource=resource) > 0
    )


def _waits(pod: Body) -> bool:
    leaving = bool((pod.get("metadata") or {}).get("deletionTimestamp"))
    return holds_gpus(pod) and not leaving and not (pod.get("spec") or {}).get("nodeName")


def _model(pod: Body) -> str | None:
    model = ((pod.get("spec") or {}).get("nodeSelector") or {}).get(MODEL_LABEL)
    return None if model is None else str(model)
