"""What may be said about scaling by load, and what it comes to."""

import pytest

from inference_provider.domain.autoscaling import Scaling
from inference_provider.domain.faults import parse_workload
from inference_provider.domain.runtime import GroupRuntime
from inference_provider.errors import InputError
from tests.domain.programs import Inputs, inline, server, sidecar, workload

AUTOSCALING = "runtime.containerGroups[0].autoscaling"


def policy(metric: str = "gpuRequestQueueDepth", target: float = 4, **more: object) -> Inputs:
    return {"scalingMetric": metric, "target": target, "minCount": 1.0, "maxCount": 8.0, **more}


def scaled(*policies: Inputs, **group: object) -> Inputs:
    """A runtime whose only group is scaled by these."""
    return {"containerGroups": [{"autoscaling": {"policies": list(policies)}, **group}]}


def of(runtime: Inputs) -> GroupRuntime:
    return parse_workload(workload(runtime=runtime)).runtime.group("default")


def faults(inputs: Inputs) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        parse_workload(inputs)
    return {fault.path: fault.reason for fault in caught.value.faults}


def fault_of(*policies: Inputs) -> tuple[str, str]:
    """The only fault: the path within the autoscaling, and the sentence."""
    ((path, reason),) = faults(workload(runtime=scaled(*policies))).items()
    return path.removeprefix(f"{AUTOSCALING}."), reason


def given(**resources: object) -> list[Inputs]:
    return [{"name": "server", "resourceAllocation": resources}]


def test_policies_come_to_bounds_and_a_target_for_each_metric() -> None:
    group = of(scaled(policy(), policy("vllm:time_to_first_token", 0.5)))
    assert group.scaling == Scaling(1, 8, {"gpuRequestQueueDepth": 4, "vllm:time_to_first_token": 0.5})


def test_of_several_counts_those_of_the_highest_priority_hold() -> None:
    low, high = policy(priority=1), policy("httpRequestsConcurrency", minCount=2, maxCount=3, priority=5)
    for order in ((low, high), (high, low)):
        scaling = of(scaled(*order)).scaling
        assert scaling is not None
        assert (scaling.least, scaling.most, len(scaling.targets)) == (2, 3, 2)


def test_switched_off_the_fixed_count_holds() -> None:
    off: Inputs = {"containerGroups": [{"replicaCount": 3, "autoscaling": {"enabled": False, "policies": [policy()]}}]}
    assert (of(off).scaling, of(off).first_count) == (None, 3)


@pytest.mark.parametrize(("running", "starts"), [(None, 2), (0, 2), (1, 2), (5, 5), (9, 6)])
def test_a_new_version_starts_with_what_runs_within_the_bounds(running: int | None, starts: int) -> None:
    assert of(scaled(policy(minCount=2, maxCount=6))).candidate_count(running) == starts


@pytest.mark.parametrize(
    ("wrong", "where", "said"),
    [
        (policy(minCount=0), "policies[0].minCount", "`running: false` stops a Workload"),
        (policy(minCount=5, maxCount=2), "policies[0].maxCount", "must be at least `minCount`, which is 5"),
        (policy(target=0), "policies[0].target", "at least 0.001"),
        (policy("gpuCacheUtilization", 0.8), "policies[0].target", "in percent: give a number from 1 to 100"),
        (policy("gpuCacheUtilisation", 80), "policies[0].scalingMetric", "did you mean 'gpuCacheUtilization'?"),
        (policy("requests/second"), "policies[0].scalingMetric", "cannot be the name of a metric"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(wrong: Inputs, where: str, said: str) -> None:
    path, reason = fault_of(wrong)
    assert path == where
    assert said in reason


def test_without_a_policy_there_is_nothing_to_scale_by() -> None:
    assert "at least one policy" in fault_of()[1]


@pytest.mark.parametrize("other", ["gpuRequestQueueDepth", "vllm:num_requests_waiting"])
def test_the_same_metric_twice_is_refused_under_either_of_its_names(other: str) -> None:
    path, reason = fault_of(policy(), policy(other, 9))
    assert (path, "keep one of the two" in reason) == ("policies[1].scalingMetric", True)


@pytest.mark.parametrize("rank", [None, 1], ids=["no priority", "the same priority"])
def test_different_counts_need_a_priority_each(rank: int | None) -> None:
    path, reason = fault_of(policy(priority=rank), policy("httpRequestsConcurrency", maxCount=3, priority=rank))
    assert (path, "a `priority` of its own" in reason) == ("policies[1].minCount", True)


def test_a_share_of_cpu_needs_cpu_that_is_asked_for() -> None:
    cpu = policy("cpuAverageUtilization", 70)
    (path,) = faults(workload(runtime=scaled(cpu, containers=given(gpu=1))))
    assert path == "runtime.containerGroups[0].containers[0].resourceAllocation.cpu"
    assert of(scaled(cpu, containers=given(cpu=4))).scaling is not None


def test_a_share_of_cpu_needs_it_of_every_container_of_the_group() -> None:
    cpu = scaled(policy("cpuAverageUtilization", 70), containers=given(cpu=4))
    ((path, reason),) = faults(inline(server(), sidecar(), runtime=cpu)).items()
    assert (path, "`sidecar` is given none" in reason) == (AUTOSCALING, True)


@pytest.mark.parametrize("target", [70.5, 120])
def test_a_share_of_cpu_is_a_whole_percentage(target: float) -> None:
    assert fault_of(policy("cpuAverageUtilization", target))[0] == "policies[0].target"
