"""Who asks, from the URN and from what CI systems say."""

import pytest

from inference_provider.seam.facts import facts_of
from inference_provider.seam.wiring import settings_from

URN = "urn:pulumi:dev::shop::inference:index:Workload::chat"


def test_stack_and_project_are_in_the_urn() -> None:
    assert facts_of(URN, {}) == {"stack": "dev", "project": "shop"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"GITHUB_SHA": "c0ffee", "GITHUB_ACTOR": "ann"}, {"commit": "c0ffee", "person": "ann"}),
        ({"CI_COMMIT_SHA": "c0ffee", "GITLAB_USER_LOGIN": "bo"}, {"commit": "c0ffee", "person": "bo"}),
        ({"GIT_COMMIT": "c0ffee", "GITHUB_SHA": ""}, {"commit": "c0ffee"}),
        ({"GITHUB_ACTOR": "ann", "GITHUB_TRIGGERING_ACTOR": "bo"}, {"person": "bo"}),
        ({"BUILD_SOURCEVERSION": "c0ffee", "BUILD_REQUESTEDFOR": "Ann Lee"}, {"commit": "c0ffee", "person": "Ann Lee"}),
        ({"GIT_COMMIT": "c0ffee", "BUILD_USER_ID": "ann"}, {"commit": "c0ffee", "person": "ann"}),
        ({"HOME": "/root"}, {}),
    ],
)
def test_commit_and_person_are_what_ci_says(variables: dict[str, str], expected: dict[str, str]) -> None:
    assert facts_of("", variables) == expected


def test_settings_that_are_empty_count_as_left_out() -> None:
    settings = settings_from({"kubeconfig": "", "context": None, "namespace": ""})

    assert (settings.kubeconfig, settings.context, settings.namespace) == (None, None, "default")
    assert settings_from({"kubeconfig": "/k", "context": "c", "namespace": "n"}).namespace == "n"
