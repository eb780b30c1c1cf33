"""What happens with a configuration that is wrong, and what Pulumi is told of the settings."""

import json
from pathlib import Path

import pytest

from inference_policies.check import main, mistakes
from inference_policies.rules.catalogue import SETTINGS
from inference_policies.settings import schema
from tests.policy_pack.host import PACK
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


@pytest.mark.parametrize("rule", SETTINGS)
def test_the_schema_of_each_setting_stands_alone_as_the_cli_needs_it(rule: str) -> None:
    told = schema(SETTINGS[rule])

    assert "$ref" not in json.dumps(told)
    assert set(told) == {field.alias or name for name, field in SETTINGS[rule].model_fields.items()}
    assert all(each.get("description") for each in told.values())


def test_the_example_is_a_right_one_and_speaks_of_most_rules() -> None:
    example = json.loads((PACK / "example.json").read_text())

    assert main([str(PACK / "example.json")]) == 0
    assert set(SETTINGS) - set(example) == {"no-outage", "known-inputs"}, "whose defaults will do"


def test_a_misspelt_rule_which_pulumi_ignores_is_named_with_the_one_that_was_meant() -> None:
    wrong = {
        "all": "advisory",
        "keep_old": {"minutes": 5},
        "tags": {},
        "no-outage": 3,
        "keep-old": {"minute": 5},
        "required-tags": "mandatry",
        "stack-cost": {"enforcementLevel": "strict"},
    }

    rule, tags, outage, keep, level, strict = mistakes(wrong)

    assert rule == "there is no rule 'keep_old'; did you mean 'keep-old'?"
    assert tags.startswith("there is no rule 'tags'; ")
    assert outage.startswith("no-outage: is to be an object")
    assert keep == "keep-old: minute: there is no field `minute` here; did you mean `minutes`?"
    assert level.startswith("required-tags: there is no level 'mandatry'; there are advisory, ")
    assert strict.startswith("stack-cost: there is no level 'strict'; ")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_file_that_is_no_configuration_is_no_success(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.json"
    file.write_text(text)

    assert main([str(file)]) == 1
    assert main([str(tmp_path / "none.json")]) == 1
    assert main([]) == 2
    assert capsys.readouterr().err.count("\n") == 3
