"""Who asks for a change, as far as the outside can tell: stack and project from the URN, commit from CI or git."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

#: CI variables that hold the commit: GitHub, GitLab and Woodpecker, Bitbucket, Buildkite, CircleCI, Jenkins, Azure,
#: Drone, Travis, Semaphore, AppVeyor and AWS CodeBuild.
COMMIT_VARIABLES = (
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BITBUCKET_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "GIT_COMMIT",
    "BUILD_SOURCEVERSION",
    "DRONE_COMMIT_SHA",
    "TRAVIS_COMMIT",
    "SEMAPHORE_GIT_SHA",
    "APPVEYOR_REPO_COMMIT",
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
)
#: CI variables that hold the person who started the run: GitHub (whoever runs it again, before whoever pushed), GitLab,
#: Buildkite, CircleCI, Azure, and Jenkins with its plugin for that. Bitbucket tells a UUID only.
PERSON_VARIABLES = (
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BUILD_REQUESTEDFOR",
    "BUILD_USER_ID",
)
#: `git` may have to look at every file of a large checkout (seconds).
GIT_SECONDS = 10.0


def facts_of(urn: str, environ: Mapping[str, str], *, checkout: str | None = None) -> dict[str, str]:
    """The facts that are known, by name: stack, project, commit, person.

    ``checkout`` is the commit of the program's own folder (``checked_out``), for runs without CI.
    """
    parts = urn.removeprefix("urn:pulumi:").split("::") if urn.startswith("urn:pulumi:") else []
    known = {
        "stack": parts[0] if len(parts) > 1 else None,
        "project": parts[1] if len(parts) > 1 else None,
        "commit": _first(environ, COMMIT_VARIABLES) or checkout,
        "person": _first(environ, PERSON_VARIABLES),
    }
    return {key: value for key, value in known.items() if value}


class Facts(Mapping[str, str]):
    """Facts that are found out when somebody asks for the first of them: `git` takes its time, a preview wants none."""

    def __init__(self, find: Callable[[], Mapping[str, str]]) -> None:
        """``find`` is called once, or never."""
        self._find = find

    @cached_property
    def _found(self) -> Mapping[str, str]:
        return self._find()

    def __getitem__(self, name: str) -> str:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


@lru_cache(maxsize=8)
def checked_out(folder: Path) -> str | None:
    """The commit that a folder has checked out; ``-dirty`` is added when a file of it was changed since.

    Asked once: a program is read once, when its run begins. None where there is no repository, or no git.
    """
    git = shutil.which("git")
    if git is None:
        return None
    asked = (git, "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        ran = subprocess.run(asked, capture_output=True, text=True, timeout=GIT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout.strip() or None
