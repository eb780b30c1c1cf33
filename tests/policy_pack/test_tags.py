"""Whose a Workload is: tags that it must have, and tags that it is given."""

from inference_policies.rules.default_tags import DefaultTags, missing
from inference_policies.settings import read
from tests.policy_pack.said import artifact, shown, violations, workload


def tagged(*, required: tuple[str, ...] = ("team",), **tags: str) -> list[str]:
    values = {"tier": ["gold", "silver"]}
    return violations("required-tags", shown("Workload", workload(tags=tags)), tags=list(required), values=values)


def test_a_workload_without_its_team_is_refused() -> None:
    assert tagged(team="ml") == []
    assert tagged() == ["the tag `team` is missing; add it to `tags`"]
    assert tagged(team="") == ["the tag `team` is missing; add it to `tags`"]


def test_a_tag_may_have_some_values_only_and_is_not_quoted_since_it_may_be_secret() -> None:
    assert tagged(team="ml", tier="gold") == []
    assert tagged(team="ml", tier="lead") == ["the tag `tier` is not what it may be: gold, silver"]


def test_artifacts_have_no_tags_and_need_none() -> None:
    assert violations("required-tags", shown("Artifact", artifact()), tags=["team"]) == []


def test_what_the_program_says_is_never_overwritten() -> None:
    settings = read(DefaultTags, {"tags": {"team": "platform", "managed-by": "pulumi"}})

    assert missing({"team": "ml"}, settings) == {"managed-by": "pulumi"}
    assert missing({"team": "ml", "managed-by": ""}, settings) == {}
