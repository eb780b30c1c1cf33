"""What a namespace's ResourceQuotas leave, and whether a version's pods fit in that.

Counted as the API server does: every pod of the namespace that has not ended for good, also one without a node. So
the pods of a new version count beside those that serve, and those of a kept version, too.
GPUs, pods and the objects of a version are counted here; what a quota says of CPU, memory and storage, the API server
says when it refuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.gpu_requests import GPU, gpus_of, holds_gpus

#: What quotas call these; extended resources have no other name in them.
GPUS, PODS, POD_OBJECTS = f"requests.{GPU}", "pods", "count/pods"
#: What a quota calls the objects that a version is made of, and what they are called in a sentence.
_KINDS = {
    "services": "Service",
    "count/services": "Service",
    "count/deployments.apps": "Deployment",
    "count/poddisruptionbudgets.policy": "PodDisruptionBudget",
    "configmaps": "ConfigMap",
    "count/configmaps": "ConfigMap",
    "count/jobs.batch": "Job",
}
_CPU_AND_MEMORY = frozenset({"cpu", "memory"})


@dataclass(frozen=True, slots=True)
class Ask:
    """So many pods more, each with so many GPUs. ``bare`` ones ask for neither CPU nor memory."""

    pods: int
    gpus: int
    priority: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Short:
    """One quota that leaves too little of one resource."""

    quota: str
    resource: str
    needed: int
    left: int
    hard: int

    @property
    def sentence(self) -> str:
        """For plans: "needs 4 GPUs, and the namespace's quota gpu-budget leaves 2 of 6"."""
        noun = "GPU" if self.resource == GPUS else _KINDS.get(self.resource, "pod")
        what = f"{self.needed} {noun}{'' if self.needed == 1 else 's'}"
        return f"needs {what}, and the namespace's quota {self.quota} leaves {self.left} of {self.hard}"


def asks_of(hardware: Mapping[str, Hardware], pods: Mapping[str, int], priority: str | None) -> list[Ask]:
    """What so many more pods of each group ask of a quota; nothing for groups that have all their pods."""
    return [
        Ask(count, each.gpus, priority, not any(map(_sized, each.resources.values())))
        for name, each in hardware.items()
        if (count := pods.get(name, 0)) > 0
    ]


def asks_of_pods(spec: Body, count: int) -> Ask:
    """The same of pods with this spec."""
    return Ask(count, gpus_of({"spec": spec}), spec.get("priorityClassName"), _is_bare(spec))


def shortages(asks: Sequence[Ask], quotas: Sequence[Body], *, ending: Sequence[Body] = ()) -> list[Short]:
    """Every quota and resource that leaves less than is asked for, once the pods ``ending`` are gone."""
    return [short for quota in quotas for short in _of_quota(quota, asks, ending)]


def object_shortages(groups: int, quotas: Sequence[Body], *, ending: int = 0) -> list[Short]:
    """The same of the objects of one version more: its Service, its record, the tombstone of the one before it, and a
    Deployment with its budget for each of its ``groups``. So many versions are ``ending``, with as many objects each.

    Quotas with scopes count no such objects.
    """
    each = {"Deployment": groups, "PodDisruptionBudget": groups}
    found = []
    for quota in quotas:
        spec = quota.get("spec") or {}
        for resource, noun in _KINDS.items() if not (spec.get("scopes") or spec.get("scopeSelector")) else ():
            needed = each.get(noun, 1)
            hard, used = _limits(quota, resource)
            if hard is not None and needed > (left := max(0, hard - max(0, used - ending * needed))):
                found.append(Short(str(quota["metadata"]["name"]), resource, needed, left, hard))
    return found


def _of_quota(quota: Body, asks: Sequence[Ask], ending: Sequence[Body]) -> list[Short]:
    own = [ask for ask in asks if _covers(quota, ask)]
    gone = [pod for pod in ending if _covers(quota, asks_of_pods(pod.get("spec") or {}, 1))]
    living = [pod for pod in gone if holds_gpus(pod)]  # those that have ended are not counted any more
    needed = {GPUS: sum(ask.pods * ask.gpus for ask in own)} | dict.fromkeys(
        (PODS, POD_OBJECTS), sum(a.pods for a in own)
    )
    freed = {GPUS: sum(map(gpus_of, living)), PODS: len(living), POD_OBJECTS: len(gone)}
    found = []
    for resource in (GPUS, PODS, POD_OBJECTS):
        hard, used = _limits(quota, resource)
        left = max(0, hard - max(0, used - freed[resource])) if hard is not None else needed[resource]
        if hard is not None and needed[resource] > left:
            found.append(Short(str(quota["metadata"]["name"]), resource, needed[resource], left, hard))
    return found


def _limits(quota: Body, resource: str) -> tuple[int | None, int]:
    """The most that may be used, None where the quota says nothing (readable) of it; and what is."""
    status = quota.get("status") or {}
    hard = (quota.get("spec") or {}).get("hard") or status.get("hard") or {}
    return _whole(hard.get(resource)), _whole((status.get("used") or {}).get(resource)) or 0


def _whole(amount: object) -> int | None:
    text = str(amount)
    return int(text) if text.isascii() and text.isdigit() else None


def _covers(quota: Body, ask: Ask) -> bool:
    """Whether a quota counts such pods: all of its scopes have to hold. One that is not known here counts nothing."""
    spec = quota.get("spec") or {}
    expressions = (spec.get("scopeSelector") or {}).get("matchExpressions") or []
    scopes = [*({"scopeName": name, "operator": "Exists"} for name in spec.get("scopes") or []), *expressions]
    return all(_holds(scope, ask) for scope in scopes)


def _holds(scope: Body, ask: Ask) -> bool:
    """Our pods have no deadline, so they are never `Terminating` in the sense of a quota."""
    match scope["scopeName"]:
        case "NotTerminating":
            return True
        case "BestEffort":
            return ask.bare
        case "NotBestEffort":
            return not ask.bare
        case "PriorityClass":
            return _of_class(scope, ask.priority)
        case _:
            return False


def _of_class(scope: Body, priority: str | None) -> bool:
    match scope.get("operator"):
        case "In":
            return priority in (scope.get("values") or [])
        case "NotIn":
            return priority not in (scope.get("values") or [])
        case "Exists":
            return priority is not None
        case _:
            return priority is None


def _is_bare(spec: Body) -> bool:
    """Whether no container asks for CPU or memory: for Kubernetes that is best effort, whatever GPUs it has."""
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    return not any(_sized(each.get("resources") or {}) for each in containers)


def _sized(resources: Body) -> bool:
    return any(not _CPU_AND_MEMORY.isdisjoint(resources.get(key) or {}) for key in ("requests", "limits"))
