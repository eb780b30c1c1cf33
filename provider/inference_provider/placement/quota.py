"""What a namespace's ResourceQuotas leave, and whether a version's pods fit in that.

Counted as the API server does: every pod of the namespace that has not ended for good, also one without a node. So
the pods of a new version count beside those that serve, and those of a kept version, too.
What pods ask for (GPUs, CPU, memory), their number and the objects of a version are counted here; what a quota says of
volumes, the API server says when it refuses.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.gpu_requests import GPU, holds_gpus
from inference_provider.placement.usage import Usage, amount, plainly, usage_of

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
    """So many pods more, each of which ``uses`` so much. ``bare`` ones ask for neither CPU nor memory."""

    pods: int
    uses: Usage = field(default_factory=dict)
    priority: str | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Quotas:
    """The ResourceQuotas of a namespace, and how a version's pods meet them: their PriorityClass, and what comes
    ``beside`` them for a while.
    """

    found: Sequence[Body] = ()
    priority: str | None = None
    beside: Sequence[Ask] = ()

    def asks(self, hardware: Mapping[str, Hardware], pods: Mapping[str, int]) -> list[Ask]:
        """What so many more pods of each group ask of them, with what comes beside new pods."""
        asked = asks_of(hardware, pods, self.priority)
        return [*asked, *self.beside] if asked else []


#: Where there are none, or none are looked at.
NO_QUOTAS = Quotas()


@dataclass(frozen=True, slots=True)
class Count:
    """What one quota leaves of one resource, and what is needed of it."""

    quota: str
    resource: str
    needed: Fraction
    left: Fraction
    hard: Fraction

    @property
    def short(self) -> bool:
        """Whether that is too little."""
        return self.needed > self.left

    @property
    def written(self) -> tuple[str, str, str]:
        """What is needed, left, and allowed in all, as people write it: ("16", "500m", "8")."""
        needed, left, hard = (plainly(self.resource, each) for each in (self.needed, self.left, self.hard))
        return needed, left, hard

    @property
    def sentence(self) -> str:
        """For plans: "needs 4 GPUs, and the namespace's quota gpu-budget leaves 2 of 6"."""
        needed, left, hard = self.written
        what = _said(self.resource, needed)
        return f"needs {what}, and the namespace's quota {self.quota} leaves {left} of {hard}"


def _said(resource: str, needed: str) -> str:
    """So much of it, in a sentence: "4 GPUs", "8 of requests.cpu"."""
    noun = "GPU" if resource == GPUS else "pod" if resource in (PODS, POD_OBJECTS) else _KINDS.get(resource)
    if noun is None:
        return f"{needed} of {resource}"
    return f"{needed} {noun}{'' if needed == '1' else 's'}"


def asks_of(hardware: Mapping[str, Hardware], pods: Mapping[str, int], priority: str | None) -> list[Ask]:
    """What so many more pods of each group ask of a quota; nothing for groups that have all their pods."""
    return [
        Ask(count, _used_on(each), priority, not any(map(_sized, each.resources.values())))
        for name, each in hardware.items()
        if (count := pods.get(name, 0)) > 0
    ]


def _used_on(hardware: Hardware) -> Usage:
    return usage_of({"containers": [{"resources": each} for each in hardware.resources.values()]})


def asks_of_pods(spec: Body, count: int) -> Ask:
    """The same of pods with this spec."""
    return Ask(count, usage_of(spec), spec.get("priorityClassName"), _is_bare(spec))


def shortages(asks: Sequence[Ask], quotas: Sequence[Body], *, ending: Sequence[Body] = ()) -> list[Count]:
    """Every quota and resource that leaves less than is asked for, once the pods ``ending`` are gone."""
    return [each for each in counts(asks, quotas, ending=ending) if each.short]


def counts(asks: Sequence[Ask], quotas: Sequence[Body], *, ending: Sequence[Body] = ()) -> list[Count]:
    """The same of every quota and resource that is asked of at all, whether it leaves enough or not."""
    return [each for quota in quotas for each in _of_quota(quota, asks, ending)]


def object_shortages(groups: int, quotas: Sequence[Body], *, ending: int = 0, warmed: bool = False) -> list[Count]:
    """The same of the objects of one version more: its Service, its record, the tombstone of the one before it, the Job
    of a warm-up if it is ``warmed``, and a Deployment with its budget for each of its ``groups``. So many versions are
    ``ending``, with as many objects each.

    Quotas with scopes count no such objects.
    """
    each = {"Deployment": groups, "PodDisruptionBudget": groups, "Job": 1 + warmed}
    found: list[Count] = []
    for quota in quotas:
        spec = quota.get("spec") or {}
        for resource, noun in _KINDS.items() if not (spec.get("scopes") or spec.get("scopeSelector")) else ():
            needed = each.get(noun, 1)
            found += _counted(quota, resource, Fraction(needed), freed=Fraction(ending * needed))
    return [each for each in found if each.short]


def _of_quota(quota: Body, asks: Sequence[Ask], ending: Sequence[Body]) -> Iterator[Count]:
    own = [ask for ask in asks if covers(quota, ask)]
    needed = _sum(own) | _pods(sum(ask.pods for ask in own))
    gone = [(pod, ask) for pod in ending if covers(quota, ask := asks_of_pods(pod.get("spec") or {}, 1))]
    living = [ask for pod, ask in gone if holds_gpus(pod)]  # those that have ended are not counted any more
    freed = _sum(living) | _pods(len(living)) | {POD_OBJECTS: Fraction(len(gone))}
    for resource, much in needed.items():
        yield from _counted(quota, resource, much, freed=freed.get(resource, Fraction(0)))


def _pods(count: int) -> dict[str, Fraction]:
    return {PODS: Fraction(count), POD_OBJECTS: Fraction(count)}


def _sum(asks: Sequence[Ask]) -> dict[str, Fraction]:
    """What pods use together, the resources in one order."""
    total: Counter[str] = Counter()
    for ask in asks:
        total.update({resource: much * ask.pods for resource, much in ask.uses.items()})
    return {resource: Fraction(total[resource]) for resource in sorted(total, key=lambda each: (each != GPUS, each))}


def _counted(quota: Body, resource: str, needed: Fraction, *, freed: Fraction) -> Iterator[Count]:
    """What a quota leaves of one resource, when so much has been ``freed``; nothing where it says nothing of it."""
    status = quota.get("status") or {}
    hard = amount(((quota.get("spec") or {}).get("hard") or status.get("hard") or {}).get(resource))
    used = amount((status.get("used") or {}).get(resource)) or Fraction(0)
    if hard is None:  # nothing is said of it, or nothing that can be read
        return
    left = max(Fraction(0), hard - max(Fraction(0), used - freed))
    if needed > 0:
        yield Count(str(quota["metadata"]["name"]), resource, needed, left, hard)


def covers(quota: Body, ask: Ask) -> bool:
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
