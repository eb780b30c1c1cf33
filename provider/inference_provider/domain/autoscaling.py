"""How many pods a group has when load decides it: between which counts, and by which metrics.

Fields follow the seed's AutoscalingProperties. Utilizations are in percent; every other target is per pod.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import Number, Text, Truth, Whole
from inference_provider.domain.model import Broken, Given, Input

#: Metrics of the pods' own resources, in percent of what the containers ask for → that resource.
RESOURCES = {"cpuAverageUtilization": "cpu", "memoryAverageUtilization": "memory"}
#: Metrics of a model server → what vLLM calls them, as prometheus-adapter passes them on without rules of its own.
SERVING = {
    "httpRequestsConcurrency": "vllm:num_requests_running",
    "gpuCacheUtilization": "vllm:kv_cache_usage_perc",
    "gpuRequestQueueDepth": "vllm:num_requests_waiting",
}
#: Targets that are percentages, though the metric itself may be a fraction.
PERCENTAGES = (*RESOURCES, "gpuCacheUtilization")
_KNOWN = (*RESOURCES, *SERVING)


@dataclass(frozen=True)
class Scaling:
    """Between ``least`` and ``most`` pods, as many as the greediest of the metrics wants. ``targets`` are by metric."""

    least: int
    most: int
    targets: Mapping[str, float]

    def bounded(self, count: int) -> int:
        """The count nearest to this one that is allowed."""
        return max(self.least, min(count, self.most))


def _metric(name: str) -> str:
    if name in _KNOWN:
        return name
    close = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.75)
    if close:
        raise ValueError(f"{name!r} is not a metric; did you mean {close[0]!r}?")
    if "/" in name or "%" in name or name in (".", ".."):
        raise ValueError(f"{name!r} cannot be the name of a metric: the API server takes none with `/` or `%`")
    return name


def _never_nothing(count: int) -> int:
    if count < 1:
        raise ValueError(
            f"is {count}, but must be at least 1: without pods there is nothing to measure, and the first request "
            "would find nobody. `running: false` stops a Workload"
        )
    return count


def _measurable(target: float) -> float:
    if target < 0.001:
        raise ValueError(f"is {target:g}, but must be at least 0.001, the smallest step of a metric")
    return target


class AutoscalingPolicy(Input):
    """One metric that a group is scaled by."""

    scaling_metric: Annotated[
        Annotated[Text, AfterValidator(_metric)],
        Field(
            description=f"{', '.join(_KNOWN)}, or the name of any metric that the cluster knows of its pods, such as "
            "vllm:num_requests_waiting."
        ),
    ]
    target: Annotated[
        Annotated[Number, AfterValidator(_measurable)],
        Field(description="What the metric should be: percent for a utilization, else the average of a pod."),
    ]
    min_count: Annotated[
        Annotated[Whole, AfterValidator(_never_nothing)], Field(description="Never fewer pods than this; at least 1.")
    ]
    max_count: Annotated[Whole, Field(ge=1, description="Never more pods than this.")]
    priority: Annotated[
        Whole | None,
        Field(
            description="Which policy's counts hold where several say different ones: those of the highest. "
            "All metrics count, whatever their priority. Default 0."
        ),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Counts in order, and a target that can be met."""
        least, most = number_in(given, "minCount"), number_in(given, "maxCount")
        if least is not None and most is not None and most < least:
            yield ("maxCount",), f"is {most:g}, but must be at least `minCount`, which is {least:g}"
        metric, target = given.text("scalingMetric"), number_in(given, "target")
        if metric in PERCENTAGES and target is not None and not 1 <= target <= 100:
            yield ("target",), f"is {target:g}, but `{metric}` is in percent: give a number from 1 to 100"
        elif metric in RESOURCES and target is not None and target != int(target):
            yield ("target",), f"is {target:g}, but Kubernetes takes whole percents of {RESOURCES[metric]} only"


class Autoscaling(Input):
    """How load decides the number of a group's pods."""

    enabled: Annotated[
        Truth, Field(description="true (default). false: `replicaCount` says how many pods there are.")
    ] = True
    policies: Annotated[
        tuple[AutoscalingPolicy, ...],
        Field(
            description="One entry for each metric; the one that wants the most pods decides. No default where enabled."
        ),
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Something to scale by, no metric twice, and one answer to how many pods there may be."""
        policies = given.children("policies")
        if not policies and given.get("enabled") is not False:
            yield ("policies",), "give at least one policy, or `enabled: false`"
        yield from _metric_twice(policies)
        yield from _two_answers(policies)

    @property
    def scaling(self) -> Scaling | None:
        """What it comes to; None when it is not enabled."""
        if not self.enabled or not self.policies:
            return None
        first = max(self.policies, key=lambda each: each.priority or 0)
        targets = {each.scaling_metric: each.target for each in self.policies}
        return Scaling(first.min_count, first.max_count, targets)


def _metric_twice(policies: list[tuple[int, Given]]) -> Iterator[Broken]:
    """The same metric twice, also where one of the two goes by its serving name."""
    seen: dict[str, str] = {}
    for index, policy in policies:
        name = policy.text("scalingMetric")
        if name is None:
            continue
        meant = SERVING.get(name, name)
        if meant in seen:
            same = "is given twice" if seen[meant] == name else f"is the same metric as `{seen[meant]}` above"
            yield ("policies", index, "scalingMetric"), f"`{name}` {same}; keep one of the two"
        seen.setdefault(meant, name)


def _two_answers(policies: list[tuple[int, Given]]) -> Iterator[Broken]:
    """Different counts, and nothing that says which of them hold: one autoscaler has one least and one most count."""
    counts = {(number_in(each, "minCount"), number_in(each, "maxCount")) for _, each in policies}
    ranks = [number_in(each, "priority") for _, each in policies]
    clear = None not in ranks and len(set(ranks)) == len(ranks)
    for index, policy in policies[1:]:
        if len(counts) > 1 and not clear:
            where = ("policies", index, "minCount" if policy.has("minCount") else "maxCount")
            yield (
                where,
                "give all policies the same counts, or each a `priority` of its own: those of the highest hold",
            )
            return


def number_in(given: Given, name: str) -> float | None:
    """A number as it was written; None for everything else, of which the field itself complains."""
    value = given.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def unmeasured(given: Given) -> list[tuple[str, str]]:
    """The resources, with the metric, that every container of a group has to ask for."""
    if not given.has("autoscaling") or given.child("autoscaling").get("enabled") is False:
        return []
    metrics = [each.text("scalingMetric") or "" for _, each in given.child("autoscaling").children("policies")]
    return [(metric, RESOURCES[metric]) for metric in metrics if metric in RESOURCES]
