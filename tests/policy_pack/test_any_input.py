"""Whatever a program sends, every rule comes to an end, and says in words what it has to say."""

from random import Random

import pytest

from inference_policies.cost import Prices
from inference_policies.declared import Declared
from inference_policies.rules import stack_cost
from inference_policies.rules.catalogue import RULES
from inference_policies.subjects import Subject, subject
from inference_policies.verdict import verdict
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from tests.plugin.strewn import VALID, strewing, strewn
from tests.policy_pack.said import EVERYTHING

#: How many inputs of each kind of resource.
INPUTS = 200


@pytest.mark.parametrize("kind", [ARTIFACT, WORKLOAD, REPLACEMENT], ids=lambda kind: kind.name)
def test_whatever_the_inputs_are_every_rule_comes_to_an_end(kind: Kind) -> None:
    random = Random(0)
    refused = sum(_refusals(kind, random) for _ in range(INPUTS))
    assert refused > INPUTS / 5, f"hardly anything was refused: {refused}"


def _refusals(kind: Kind, random: Random) -> int:
    odd = subject(kind.token, strewn(random.choice(VALID[kind.token]), strewing(random)))
    assert odd is not None
    said = list(_said(odd))
    assert all(said)
    return len(said)


def _said(odd: Subject) -> list[str]:
    declared = Declared()
    declared.remember(odd)
    each = [line for rule in RULES for line in rule.violations(odd, EVERYTHING.get(rule.name, {}), declared)]
    together = EVERYTHING["workload-cost"]
    return [*each, *verdict(stack_cost.NAME, Prices, together, lambda settings: stack_cost.judge([odd], settings))]
