"""May the old version end before the new one is there? Not in production: that is an outage."""

from typing import Annotated

from pydantic import Field

from inference_policies.declared import Declared
from inference_policies.rule import Rule, Violations
from inference_policies.settings import Settings
from inference_policies.subjects import Replacement, Subject, Workload


class Surge(Settings):
    """Where outages are not allowed."""

    environments: Annotated[
        tuple[str, ...], Field(description="Workloads of these environments must not have an outage.")
    ] = ("production",)


def judge(subject: Subject, settings: Surge, declared: Declared) -> Violations:
    """One sentence where the next replacement may be an outage."""
    if not isinstance(subject, Workload | Replacement):
        return
    taking_over = subject.taking_over
    if taking_over is None or taking_over.surge != "recreate":
        return
    workload = declared.workload_of(subject)
    if workload is None:
        yield (
            "`surge: recreate` ends the old version first, and this program does not declare the Workload that is "
            "driven, so nobody can say which environment that is in"
        )
    elif workload.environment in settings.environments:
        yield (
            f"`surge: recreate` ends the old version before the new one is there, which is an outage in "
            f"{workload.environment}; say wait, require, preempt or fallback"
        )


RULE = Rule("no-outage", "No replacement is allowed to be an outage in production.", Surge, judge)
