"""What keeps a Workload serving: several pods, a way back, no outage."""

import pytest

from tests.policy_pack.said import Inputs, artifact, group, replacement, shown, violations, workload


def scaled(least: int, most: int) -> Inputs:
    policy = {"scalingMetric": "gpuRequestQueueDepth", "target": 4.0, "minCount": float(least), "maxCount": float(most)}
    return {"autoscaling": {"policies": [policy]}}


def replicas(*groups: Inputs, importance: str = "critical", **more: object) -> list[str]:
    return violations("critical-replicas", shown("Workload", workload(*groups, importance=importance, **more)))


def test_a_critical_workload_with_one_pod_is_refused_and_told_what_the_second_is_for() -> None:
    assert replicas(group(replicaCount=1.0)) == [
        (
            "group default has 1 pod at least, and a critical Workload needs 2; set `replicaCount` to 2, so that its "
            "PodDisruptionBudget always leaves one"
        )
    ]
    assert replicas(group(replicaCount=2.0)) == []
    assert replicas(group(replicaCount=1.0), importance="high") == []
    assert replicas(group(replicaCount=1.0), running=False) == []


def test_load_must_not_take_the_second_pod_away() -> None:
    (said,) = replicas(group(**scaled(1, 8)))

    assert "set `minCount` of each autoscaling policy to 2" in said
    assert replicas(group(**scaled(2, 8))) == []


def test_every_group_counts_also_one_that_the_runtime_does_not_mention() -> None:
    runs = shown("Artifact", artifact(groups=("default", "router")))
    critical = shown("Workload", workload(group(replicaCount=2.0), importance="critical"))

    (said,) = violations("critical-replicas", critical, runs)

    assert said.startswith("group router has 1 pod")


def test_a_replacement_may_bring_a_group_that_its_workload_has_no_count_for() -> None:
    runs = shown("Artifact", artifact(groups=("default", "router")))
    driven = shown("Workload", workload(group(replicaCount=2.0), importance="critical", artifactId="models/llama@b"))

    (said,) = violations("critical-replicas", shown("Replacement", replacement()), runs, driven)

    assert said.startswith("group router has 1 pod")
    lone = shown("Workload", workload(group(), importance="critical", artifactId="models/llama@b"))
    (said,) = violations("critical-replicas", shown("Replacement", replacement()), runs, lone)
    assert said.startswith("group router"), "the Workload's own was said of the Workload"


def taking_over(rule: str, *, environment: str | None = None, **settings: object) -> list[str]:
    more = {"environment": environment} if environment else {}
    return violations(rule, shown("Workload", workload(replacement=settings, **more)))


def test_production_which_is_what_nobody_says_otherwise_keeps_the_old_version() -> None:
    assert taking_over("keep-old", keepOldVersionMinutes=10.0) == []
    assert taking_over("keep-old", keepOldVersionMinutes=9.5) == [
        "the old version is kept for 9.5 minutes, and production wants 10; set `keepOldVersionMinutes` to 10"
    ]
    assert taking_over("keep-old")
    assert taking_over("keep-old", environment="staging") == []


def test_an_outage_is_refused_in_production_only() -> None:
    (said,) = taking_over("no-outage", surge="recreate")

    assert "which is an outage in production" in said
    assert taking_over("no-outage", surge="recreate", environment="staging") == []
    assert taking_over("no-outage", surge="preempt") == []


@pytest.mark.parametrize("rule", ["keep-old", "no-outage"])
def test_a_workload_that_a_replacement_drives_is_judged_by_that(rule: str) -> None:
    driven = shown("Workload", workload(replacement={"driver": "external", "surge": "recreate"}))
    staging = shown("Workload", workload(replacement={"driver": "external"}, environment="staging"))
    change = shown("Replacement", replacement(surge="recreate"))

    assert violations(rule, driven) == []
    assert violations(rule, change, driven)
    assert violations(rule, change, staging) == []
    (said,) = violations(rule, change)
    assert "environment" in said, "nobody can say which, so it does not pass"
