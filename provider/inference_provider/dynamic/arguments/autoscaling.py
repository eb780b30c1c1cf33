"""What a program may say in the autoscaling part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/autoscaling.py; not edited by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

from pulumi import Input


@dataclass(kw_only=True)
class AutoscalingPolicyArgs:
    """One metric that a group is scaled by."""

    scaling_metric: Input[str]
    """cpuAverageUtilization, memoryAverageUtilization, httpRequestsConcurrency, gpuCacheUtilization,
    gpuRequestQueueDepth, or the name of any metric that the cluster knows of its pods, such as
    vllm:num_requests_waiting.
    """

    target: Input[float]
    """What the metric should be: percent for a utilization, else the average of a pod."""

    min_count: Input[int]
    """Never fewer pods than this; at least 1."""

    max_count: Input[int]
    """Never more pods than this."""

    priority: Input[int] | None = None
    """Which policy's counts hold where several say different ones: those of the highest. All metrics count, whatever
    their priority. Default 0.
    """


class AutoscalingPolicyArgsDict(TypedDict, total=False):
    """One metric that a group is scaled by."""

    scaling_metric: Required[Input[str]]
    """cpuAverageUtilization, memoryAverageUtilization, httpRequestsConcurrency, gpuCacheUtilization,
    gpuRequestQueueDepth, or the name of any metric that the cluster knows of its pods, such as
    vllm:num_requests_waiting.
    """

    target: Required[Input[float]]
    """What the metric should be: percent for a utilization, else the average of a pod."""

    min_count: Required[Input[int]]
    """Never fewer pods than this; at least 1."""

    max_count: Required[Input[int]]
    """Never more pods than this."""

    priority: Input[int] | None
    """Which policy's counts hold where several say different ones: those of the highest. All metrics count, whatever
    their priority. Default 0.
    """


@dataclass(kw_only=True)
class AutoscalingArgs:
    """How load decides the number of a group's pods."""

    enabled: Input[bool] | None = None
    """true (default). false: `replicaCount` says how many pods there are."""

    policies: Input[Sequence[Input[AutoscalingPolicyArgs | AutoscalingPolicyArgsDict]]] | None = None
    """One entry for each metric; the one that wants the most pods decides. No default where enabled."""


class AutoscalingArgsDict(TypedDict, total=False):
    """How load decides the number of a group's pods."""

    enabled: Input[bool] | None
    """true (default). false: `replicaCount` says how many pods there are."""

    policies: Input[Sequence[Input[AutoscalingPolicyArgs | AutoscalingPolicyArgsDict]]] | None
    """One entry for each metric; the one that wants the most pods decides. No default where enabled."""
