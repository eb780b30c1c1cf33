"""May drafts serve? In sandboxes only: elsewhere what runs is immutable, and has a number that people can name."""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload


class LockedArtifacts(Settings):
    """Where drafts may serve."""

    sandboxes: Annotated[tuple[str, ...], Field(description="Environments in which drafts may serve.")] = ("sandbox",)
    trusted: Annotated[
        tuple[str, ...],
        Field(description="Artifacts of other programs (`namespace/name`) whose versions are known to be locked."),
    ] = ()


def judge(subject: Subject, settings: LockedArtifacts, declared: Declared) -> Violations:
    """One sentence where a draft would serve outside of a sandbox."""
    if not isinstance(subject, Workload | Replacement):
        return
    artifact = declared.artifact_of(subject)
    if artifact is not None and artifact.locked:
        return
    workload = declared.workload_of(subject)
    if workload is not None and workload.environment in settings.sandboxes:
        return
    where = f"in {workload.environment}" if workload is not None else "in an environment that another program says"
    if artifact is not None:
        yield f"a draft is to serve {where}; set the Artifact's `status` to locked"
    elif (subject.version or "").partition("@")[0] not in settings.trusted:
        yield (
            f"{subject.version or 'what'} is to serve {where}, and this program does not declare the Artifact, so "
            "nobody can say whether it is locked; name it among the pack's `trusted`, if it is"
        )


RULE = Rule("locked-artifacts", "Outside of sandboxes, only locked artifacts may serve.", LockedArtifacts, judge)
