"""What the pack is shown: both doors' resources, others' resources, and values that are not known yet."""

import pytest

from inference_policies.cost import Prices
from inference_policies.rules import stack_cost
from inference_policies.rules.catalogue import RULES
from inference_policies.settings import read
from inference_policies.subjects import subject
from inference_provider.seam.unknowns import UNKNOWN
from tests.policy_pack.preview import NotKnownYet, in_preview
from tests.policy_pack.said import (
    DYNAMIC,
    EVERYTHING,
    Inputs,
    about_places,
    artifact,
    group,
    replacement,
    shown,
    violations,
    workload,
)


def test_both_doors_are_judged_alike_and_what_only_one_of_them_has_is_not_looked_at() -> None:
    plugin = shown("Workload", workload())
    dynamic = shown("Workload", {**workload(), "resourceUrn": "urn"}, family=DYNAMIC)

    for rule in RULES:
        settings = EVERYTHING.get(rule.name, {})
        assert violations(rule.name, plugin, **settings) == violations(rule.name, dynamic, **settings)


@pytest.mark.parametrize("other", ["aws:s3/bucket:Bucket", "inference:index:Other", "pulumi:providers:inference"])
def test_other_resources_are_none_of_the_pack_s_business(other: str) -> None:
    assert subject(other, {}) is None


def test_a_value_that_nobody_knows_yet_stops_the_rules_that_need_it_and_no_others() -> None:
    early = shown("Workload", in_preview({**workload(), "importance": UNKNOWN, "tags": {"team": UNKNOWN}}))

    with pytest.raises(NotKnownYet):
        violations("critical-replicas", early)
    with pytest.raises(NotKnownYet):
        violations("required-tags", early, tags=["team"])
    assert violations("keep-old", early)


def test_a_policy_that_nobody_knows_yet_stops_only_what_rests_on_it() -> None:
    named = shown("Workload", in_preview(workload(policies=[{"refType": "remotePolicy", "id": UNKNOWN}])))
    union = [{"type": "continent", "name": "eu"}]

    with pytest.raises(NotKnownYet):
        violations("allowed-locations", named, locations=union)
    assert violations("allowed-locations", named, locations=union, clusterRegion="eu-central-1") == []


def test_a_first_preview_does_not_know_whose_a_replacement_is_and_only_that_is_left_open() -> None:
    """`workload.id` is not known before there is one. What it brings itself is."""
    asked = group(gpu=1, model="Tesla-T4")
    change = shown("Replacement", in_preview({**replacement(), "workloadId": UNKNOWN, "surge": "recreate"}))
    brings = shown(
        "Replacement",
        in_preview({**replacement(runtime={"containerGroups": [asked]}), "workloadId": UNKNOWN}),
    )
    locked = shown("Artifact", artifact(status="locked"))

    assert violations("allowed-flavors", brings, flavors=["h100"])
    assert violations("allowed-flavors", brings, flavors=["t4"]) == []
    assert violations("locked-artifacts", change, locked) == []
    assert violations("no-outage", brings) == []
    for rule, told in (("no-outage", change), ("locked-artifacts", brings), ("keep-old", brings)):
        with pytest.raises(NotKnownYet):
            violations(rule, told)


def test_what_workloads_cost_is_said_though_a_replacement_s_is_not_known_yet() -> None:
    dear, change = shown("Workload", workload(group(replicaCount=9.0))), in_preview({"workloadId": UNKNOWN})
    stack = [dear, shown("Replacement", change)]

    (said,) = stack_cost.judge(stack, read(Prices, {"ceiling": 8, "prices": {"cpu": 1.0}}))

    assert said.startswith("its Workload may cost 9 per hour, and a stack may cost 8; ")
    with pytest.raises(NotKnownYet):
        list(stack_cost.judge(stack, read(Prices, {"ceiling": 9, "prices": {"cpu": 1.0}})))


def test_what_nobody_can_read_is_said_once_and_no_rule_is_claimed_to_hold() -> None:
    newer = shown("Workload", workload({"replicas": 1.0}, importance="critical"))

    (said,) = violations("known-inputs", newer)

    assert said.startswith("runtime.containerGroups[0].replicas: there is no field")
    assert "the pack needs the same release" in said
    assert violations("critical-replicas", newer) == []


@pytest.mark.parametrize(
    ("kind", "inputs", "path"),
    [
        ("Workload", workload(replacement={"surge": "sometimes"}), "replacement.surge: "),
        ("Replacement", replacement(surge="sometimes"), "surge: "),
        ("Replacement", replacement(runtime={"containerGroups": 3}), "runtime.containerGroups: "),
        ("Policy", about_places(locations=[]), "locations: "),
    ],
)
def test_whatever_rules_read_is_tried_beforehand(kind: str, inputs: Inputs, path: str) -> None:
    (said,) = violations("known-inputs", shown(kind, inputs))

    assert said.startswith(path)
