"""Who asks, from the URN and from what CI systems say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from inference_provider.seam.facts import Facts, checked_out, facts_of

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


def test_nobody_finds_them_out_before_somebody_wants_one_and_nobody_twice() -> None:
    asked: list[str] = []

    def find() -> dict[str, str]:
        asked.append("git")
        return {"commit": "c0ffee"}

    facts = Facts(find)
    assert not asked

    assert (dict(facts), facts.get("person"), asked) == ({"commit": "c0ffee"}, None, ["git"])


def git(folder: Path, *words: str) -> str:
    """Git, as nobody in particular."""
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    found = shutil.which("git")
    assert found is not None
    ran = subprocess.run((found, "-C", str(folder), *named, *words), capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_without_ci_the_commit_is_that_of_the_programs_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    git(tmp_path, "init", "-q")
    (tmp_path / "inner" / "main.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "-am", "v1", "v1")
    head = git(tmp_path, "rev-parse", "HEAD")

    assert checked_out(tmp_path / "inner") == head
    assert facts_of("", {}, checkout=head) == {"commit": head}
    assert facts_of("", {"GITHUB_SHA": "c0ffee"}, checkout=head) == {"commit": "c0ffee"}

    (tmp_path / "inner" / "main.py").write_text("2")
    assert checked_out(tmp_path) == f"{head}-dirty"


def test_a_folder_without_repository_or_a_repository_without_commit_has_no_commit(tmp_path: Path) -> None:
    assert checked_out(tmp_path / "nowhere") is None
    git(tmp_path, "init", "-q")
    assert checked_out(tmp_path) is None
