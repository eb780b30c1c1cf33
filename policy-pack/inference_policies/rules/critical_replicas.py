"""Does what is critical outlive one node? It needs a second pod, which the provider's disruption budgets then keep.

The provider makes a PodDisruptionBudget for every group of every version: at most one pod goes at a time. With a single
pod that one is all there is, and a drained node is an outage.
"""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.pods import pods_of
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Subject, Workload
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
    if not isinstance(subject, Workload) or subject.importance not in settings.importances or not subject.running:
        return
    for pods in pods_of(subject, declared):
        least = pods.least or 0
        if least < settings.replicas:
            how = "`minCount` of each autoscaling policy" if least != pods.most else "`replicaCount`"
            yield (
                f"group {pods.group} has {least} pod{'' if least == 1 else 's'} at least, and a {subject.importance} "
                f"Workload needs {settings.replicas}; set {how} to {settings.replicas}, so that its "
                "PodDisruptionBudget always leaves one"
            )


RULE = Rule(
    "critical-replicas",
    "What is critical has several pods, which its PodDisruptionBudget keeps from going at once.",
    CriticalReplicas,
    judge,
)
