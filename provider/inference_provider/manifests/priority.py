"""Importance as PriorityClasses: who is scheduled first when GPUs are scarce, and who may push others out for it.

Four classes never preempt. Four more, of the same values, do: they are made when somebody asks for it by name.
"""

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.labels import MANAGED_BY

#: Importance (seed 001) → PriorityClass value. Below the system classes, above the default of 0.
VALUES = {"critical": 1_000_000, "high": 100_000, "moderate": 10_000, "low": 1_000}

_PREEMPTING = "-preempting"


def priority_class_name(importance: str, *, preempts: bool = False) -> str:
    """The cluster-wide name of one of the classes."""
    return f"{MANAGED_BY}-{importance}{_PREEMPTING if preempts else ''}"


def importance_of(name: str) -> str | None:
    """The importance that a class of ours stands for; None for other people's classes."""
    importance = name.removeprefix(f"{MANAGED_BY}-").removesuffix(_PREEMPTING)
    return importance if name.startswith(MANAGED_BY) and importance in VALUES else None


def value_of(name: str) -> int | None:
    """The value of a class of ours; None for other people's classes."""
    importance = importance_of(name)
    return VALUES[importance] if importance else None


def priority_class(importance: str, *, preempts: bool = False) -> Body:
    """One of the classes. Only those that ``preempts`` asks for let a pod push out others of a lower value."""
    more = " They may push out pods of lower importance." if preempts else ""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {
            "name": priority_class_name(importance, preempts=preempts),
            "labels": {"app.kubernetes.io/managed-by": MANAGED_BY},
        },
        "value": VALUES[importance],
        "globalDefault": False,
        "preemptionPolicy": "PreemptLowerPriority" if preempts else "Never",
        "description": f"Model servers of {importance} importance, made by pulumi-inference.{more}",
    }
