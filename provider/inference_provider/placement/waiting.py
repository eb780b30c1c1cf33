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
        Demand(
            pods=1,
            gpus_per_pod=gpus_of(pod, resource=resource),
            model=_model(pod),
            node_labels=_node_labels(pod),
            tolerations=_tolerations(pod),
            terms=_confinement(pod),
        )
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
    wants = _wishes(largest)
    memory = wants.get(GPU_MEMORY)
    least = int(memory) + 1 if memory else None
    missing, model = max(wanted - bound, 1), wants.get(GPU_PRODUCT) or _model(largest)
    where = _node_labels(largest)
    return Demand(missing, gpus_of(largest), model, least, where, _tolerations(largest), _confinement(largest))


def _bound(pod: Body) -> bool:
    return bool((pod.get("spec") or {}).get("nodeName")) and not (pod.get("metadata") or {}).get("deletionTimestamp")


def _terms(pod: Body) -> tuple[Body, ...]:
    """The alternatives of the pod's required node affinity."""
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return tuple(required.get("nodeSelectorTerms") or ())


def _wishes(pod: Body) -> dict[str, str]:
    """What every alternative asks for with one value, by label."""
    each = [_single(term.get("matchExpressions") or ()) for term in _terms(pod)]
    return {key: value for key, value in each[0].items() if all(one.get(key) == value for one in each)} if each else {}


def _single(expressions: Sequence[Body]) -> dict[str, str]:
    return {one["key"]: one["values"][0] for one in expressions if len(one.get("values") or ()) == 1}


def _confinement(pod: Body) -> tuple[Body, ...] | None:
    """The alternatives, where these say more than a model and a size of memory."""
    terms = _terms(pod)
    keys = {one["key"] for term in terms for one in term.get("matchExpressions") or []}
    return terms if len(terms) > 1 or keys - {GPU_PRODUCT, GPU_MEMORY} else None


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
