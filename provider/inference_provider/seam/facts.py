"""Who asks for a change, as far as the outside can tell: stack and project from the URN, commit from CI."""

from collections.abc import Mapping

#: CI variables that hold the commit: GitHub, GitLab, Bitbucket, Buildkite, CircleCI, Jenkins and Azure.
COMMIT_VARIABLES = (
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BITBUCKET_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "GIT_COMMIT",
    "BUILD_SOURCEVERSION",
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


def facts_of(urn: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The facts that are known, by name: stack, project, commit, person."""
    parts = urn.removeprefix("urn:pulumi:").split("::") if urn.startswith("urn:pulumi:") else []
    known = {
        "stack": parts[0] if len(parts) > 1 else None,
        "project": parts[1] if len(parts) > 1 else None,
        "commit": _first(environ, COMMIT_VARIABLES),
        "person": _first(environ, PERSON_VARIABLES),
    }
    return {key: value for key, value in known.items() if value}


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)
