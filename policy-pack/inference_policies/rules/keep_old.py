"""Is there a way back that loads nothing? Where it matters, the old version is kept for a while."""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload
from inference_provider.domain.fields import Minutes


class KeepOld(Settings):
    """How long, and where."""

    environments: Annotated[tuple[str, ...], Field(description="For Workloads of these environments.")] = (
        "production",
    )
    minutes: Annotated[Minutes, Field(ge=0, description="At least so many minutes.")] = 10.0


def judge(subject: Subject, settings: KeepOld, declared: Declared) -> Violations:
    """One sentence where the old version would go too early."""
    if not isinstance(subject, Workload | Replacement):
        return
    taking_over = subject.taking_over
    if taking_over is None or taking_over.keep_old_version_minutes >= settings.minutes:
        return
    workload = declared.workload_of(subject)
    if workload is not None and workload.environment not in settings.environments:
        return
    where = workload.environment if workload is not None else "the environment, which another program says,"
    yield (
        f"the old version is kept for {taking_over.keep_old_version_minutes:g} minutes, and {where} wants "
        f"{settings.minutes:g}; set `keepOldVersionMinutes` to {settings.minutes:g}"
    )


RULE = Rule("keep-old", "In production the old version is kept for a while, for going back.", KeepOld, judge)
