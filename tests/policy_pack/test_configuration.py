"""What happens with a configuration that is wrong, and what Pulumi is told of the settings."""

import json
from typing import Any

import pytest

from inference_policies.rule import Rule
from inference_policies.rules.catalogue import RULES
from inference_policies.settings import schema
from tests.policy_pack.said import shown, violations, workload


@pytest.mark.parametrize(
    ("rule", "settings", "said"),
    [
        ("keep-old", {"minuts": 5.0}, "did you mean `minutes`?"),
        ("keep-old", {"minutes": -1.0}, "minutes: "),
        ("allowed-flavors", {"flavors": ["h100", "h1000"]}, "flavors[1]: 'h1000' is no hardware that is known of"),
        ("allowed-locations", {"locations": [{"type": "country", "name": "EU"}]}, "'EU' is no country"),
        ("allowed-locations", {"regions": {"dc": "Germany"}}, "'Germany' is no country"),
        ("workload-cost", {"ceiling": 1.0, "prices": {"h1000": 1.0}}, "'h1000' is no hardware"),
    ],
)
def test_a_wrong_configuration_lets_nothing_pass_and_says_what_is_wrong(
    rule: str, settings: dict[str, object], said: str
) -> None:
    (only,) = violations(rule, shown("Workload", workload()), **settings)

    assert only.startswith(f"the pack's configuration of {rule} is wrong: ")
    assert said in only


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_schema_of_each_setting_stands_alone_as_the_cli_needs_it(rule: Rule[Any]) -> None:
    told = schema(rule.settings)

    assert "$ref" not in json.dumps(told)
    assert set(told) == {field.alias or name for name, field in rule.settings.model_fields.items()}
    assert all(each.get("description") for each in told.values())
