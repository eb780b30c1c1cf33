"""Whatever a program sends, and however the pack is configured, every rule says in words what it has to say."""

from random import Random

import pytest

from inference_policies.check import mistakes
from inference_policies.cost import Prices
from inference_policies.declared import Declared
from inference_policies.rules import stack_cost
from inference_policies.rules.catalogue import RULES, SETTINGS
from inference_policies.rules.default_tags import DefaultTags, missing
from inference_policies.subjects import Subject, subject
from inference_policies.verdict import verdict
from inference_provider.resources.registry import ARTIFACT, POLICY, REPLACEMENT, WORKLOAD, Kind
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.strewn import VALID, strewing, strewn
from tests.policy_pack.preview import NotKnownYet, in_preview
from tests.policy_pack.said import EVERYTHING, Inputs, shown

#: How many inputs of each kind of resource, and configurations of each rule.
INPUTS = 200
KINDS = (ARTIFACT, POLICY, WORKLOAD, REPLACEMENT)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_whatever_the_inputs_are_every_rule_comes_to_an_end(kind: Kind) -> None:
    random = Random(0)
    refused = sum(_refusals(kind, random) for _ in range(INPUTS))
    assert refused > INPUTS / 5, f"hardly anything was refused: {refused}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_a_preview_does_not_know_is_never_taken_for_a_value(kind: Kind) -> None:
    random = Random(1)
    stopped = 0
    for _ in range(INPUTS):
        odd = strewn(random.choice(VALID[kind.token]), strewing(random))
        if UNKNOWN in _keys(odd):
            continue  # names of fields are always known
        for rule in SETTINGS:
            try:
                said = _said(rule, [shown(kind.name, in_preview(odd))], EVERYTHING.get(rule, {}))
            except NotKnownYet:
                stopped += 1
            else:
                assert not any(UNKNOWN in line for line in said), (rule, odd)
    assert stopped, "nothing was unknown"


@pytest.mark.parametrize("rule", SETTINGS)
def test_a_configuration_is_right_or_said_to_be_wrong_by_the_rule_and_beforehand(rule: str) -> None:
    random = Random(2)
    program = [shown(kind.name, VALID[kind.token][0]) for kind in KINDS]
    wrong = 0
    for _ in range(INPUTS):
        settings = strewn(EVERYTHING.get(rule, {"digests": "any", "sandboxes": ["a"]}), strewing(random))
        beforehand = list(mistakes({rule: settings}))
        said = _said(rule, program, settings)
        assert all(said)
        assert bool(beforehand) == any("the pack's configuration of" in line for line in said), (settings, beforehand)
        wrong += bool(beforehand)
    assert wrong > INPUTS / 20, f"hardly any configuration was wrong: {wrong}"


def _refusals(kind: Kind, random: Random) -> int:
    odd = subject(kind.token, strewn(random.choice(VALID[kind.token]), strewing(random)))
    assert odd is not None
    said = [line for rule in SETTINGS for line in _said(rule, [odd], EVERYTHING.get(rule, {}))]
    assert all(said)
    return len(said)


def _said(rule: str, program: list[Subject], settings: Inputs) -> list[str]:
    """What a rule of any sort says of the last resource of a program."""
    declared = Declared()
    for each in program:
        declared.remember(each)
    if rule == stack_cost.NAME:
        return list(verdict(rule, Prices, settings, lambda read: stack_cost.judge(program, read)))
    if rule in (found := {each.name: each for each in RULES}):
        return list(found[rule].violations(program[-1], settings, declared))
    return list(verdict(rule, DefaultTags, settings, lambda read: [*missing({}, read)][:0]))


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(key for item in value.values() for key in _keys(item))}
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()
