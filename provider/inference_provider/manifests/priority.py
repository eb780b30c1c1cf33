"""Importance as four PriorityClasses: who is scheduled first when GPUs are scarce (nobody is evicted for it)."""

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.labels import MANAGED_BY

#: Importance (seed 001) → PriorityClass value. Below the system classes, above the default of 0.
VALUES = {"critical": 1_000_000, "high": 100_000, "moderate": 10_000, "low": 1_000}


def priority_class_name(importance: str) -> str:
    """The cluster-wide name of one of the four classes."""
    return f"{MANAGED_BY}-{importance}"


def priority_class(importance: str) -> Body:
    """One of the four classes. None preempts: a Workload asks for that with ``surge: preempt``."""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {
            "name": priority_class_name(importance),
            "labels": {"app.kubernetes.io/managed-by": MANAGED_BY},
        },
        "value": VALUES[importance],
        "globalDefault": False,
        "preemptionPolicy": "Never",
        "description": f"Model servers of {importance} importance, made by pulumi-inference.",
    }
