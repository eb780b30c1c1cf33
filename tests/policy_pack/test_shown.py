"""What the pack is shown: both doors' resources, others' resources, and values that are not known yet."""

from collections.abc import Iterator, Mapping

import pytest

from inference_policies.rules.catalogue import RULES
from inference_policies.subjects import subject
from tests.policy_pack.said import EVERYTHING, shown, violations, workload


class NotKnownYet(Exception):
    """What Pulumi's package raises where a value is touched that a preview does not know."""


class Preview(Mapping[str, object]):
    """Inputs of which some are not known yet."""

    def __init__(self, known: Mapping[str, object], *unknown: str) -> None:
        self._known, self._unknown = known, unknown

    def __getitem__(self, key: str) -> object:
        if key in self._unknown:
            raise NotKnownYet(key)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._known, *self._unknown))

    def __len__(self) -> int:
        return len(self._known) + len(self._unknown)


def test_both_doors_are_judged_alike_and_what_only_one_of_them_has_is_not_looked_at() -> None:
    plugin = shown("Workload", workload())
    dynamic = shown("Workload", {**workload(), "resourceUrn": "urn"}, family="pulumi-python:dynamic/inference:")

    for rule in RULES:
        settings = EVERYTHING.get(rule.name, {})
        assert violations(rule.name, plugin, **settings) == violations(rule.name, dynamic, **settings)


@pytest.mark.parametrize("other", ["aws:s3/bucket:Bucket", "inference:index:Policy", "pulumi:providers:inference"])
def test_other_resources_are_none_of_the_pack_s_business(other: str) -> None:
    assert subject(other, {}) is None


def test_a_value_that_nobody_knows_yet_stops_the_rules_that_need_it_and_no_others() -> None:
    early = shown("Workload", Preview(workload(), "importance", "tags"))

    with pytest.raises(NotKnownYet):
        violations("critical-replicas", early)
    with pytest.raises(NotKnownYet):
        violations("required-tags", early, tags=["team"])
    assert violations("keep-old", early)


def test_what_the_provider_refuses_is_left_to_the_provider() -> None:
    assert violations("critical-replicas", shown("Workload", workload({"replicas": 1.0}, importance="critical"))) == []
