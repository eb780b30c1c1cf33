"""Does what is critical outlive one node? It needs a second pod, which the provider's disruption budgets then keep.

The provider makes a PodDisruptionBudget for every group of every version: at most one pod goes at a time. With a single
pod that one is all there is, and a drained node is an outage.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.pods import Pods, pods_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload
from inference_provider.domain.fields import Whole
from inference_provider.domain.workload import Importance


class CriticalReplicas(Settings):
    """How many pods, and for what."""

    importances: Annotated[tuple[Importance, ...], Field(description="For Workloads as important as these.")] = (
        "critical",
    )
    replicas: Annotated[Whole, Field(ge=1, description="Never fewer pods than this in any group.")] = 2


def judge(subject: Subject, settings: CriticalReplicas, declared: Declared) -> Violations:
    """One sentence for each group that has, or may come to have, too few pods."""
    if not isinstance(subject, Workload | Replacement):
        return
    workload = declared.workload_of(subject)
    if workload is None or workload.importance not in settings.importances or not workload.running:
        return
    for pods in _brought(subject, workload, declared):
        if (pods.least or 0) < settings.replicas:
            yield _too_few(pods, workload.importance, settings.replicas)


def _brought(subject: Workload | Replacement, workload: Workload, declared: Declared) -> Iterator[Pods]:
    """A Workload's groups; of a Replacement, which has no counts, only groups that its Workload does not have."""
    told = [pods.group for pods in pods_of(workload, declared)] if isinstance(subject, Replacement) else []
    return (pods for pods in pods_of(subject, declared) if pods.group not in told)


def _too_few(pods: Pods, importance: str, wanted: int) -> str:
    least = pods.least or 0
    how = "`minCount` of each autoscaling policy" if least != pods.most else "`replicaCount`"
    return (
        f"group {pods.group} has {least} pod{'' if least == 1 else 's'} at least, and a {importance} Workload needs "
        f"{wanted}; set {how} to {wanted}, so that its PodDisruptionBudget always leaves one"
    )


RULE = Rule(
    "critical-replicas",
    "What is critical has several pods, which its PodDisruptionBudget keeps from going at once.",
    CriticalReplicas,
    judge,
)
