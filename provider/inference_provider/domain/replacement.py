"""How a Workload moves from one version to the next."""

from typing import Annotated, Literal

from pydantic import Field

from inference_provider.domain.fields import Minutes, PlainSeconds, RevisionName
from inference_provider.domain.model import Input
from inference_provider.domain.warmup import Warmup


class TakingOver(Input):
    """How a version takes over from another one; all of it takes effect with the next replacement, none rolls."""

    strategy: Annotated[
        Literal["rolling"], Field(description="rolling (default): the new version comes up beside the old one.")
    ] = "rolling"
    warmup_duration_minutes: Annotated[
        Minutes, Field(ge=0, description="Minutes that a ready new version waits before it gets traffic. Default 0.")
    ] = 0.0
    warmup: Annotated[
        Warmup | None,
        Field(description="Requests that a ready new version answers before it gets traffic. Default: none."),
    ] = None
    keep_old_version_minutes: Annotated[
        Minutes, Field(ge=0, description="Minutes that the old version is kept for going back. Default 0.")
    ] = 0.0
    surge: Annotated[
        Literal["require", "wait", "preempt", "fallback", "recreate"],
        Field(
            description="When there are not enough free GPUs for both versions. wait (default): the new one waits. "
            "require: the update is refused before anything moves. preempt: pods of lower importance may be pushed "
            "out. recreate: the old version ends first, which is an outage. fallback: the new one takes the first "
            "of its `resourceBundles` that has room, and waits for the first when none has."
        ),
    ] = "wait"
    surge_wait_minutes: Annotated[
        Minutes | None,
        Field(gt=0, description="Longest wait for room, in minutes. Default: as long as the operation may take."),
    ] = None
    promotion: Annotated[
        Literal["automatic", "manual"],
        Field(
            description="automatic (default): traffic moves when all is ready. manual: the new version then waits, "
            "staged, until `promote` names its revision."
        ),
    ] = "automatic"
    promote: Annotated[
        RevisionName | None,
        Field(
            description="The revision (`r7`) that may get traffic with manual promotion; no other ever does. "
            "Default: none."
        ),
    ] = None
    traffic_switch: Annotated[
        Literal["overlap", "atomic"],
        Field(description="overlap (default): both versions serve for a moment. atomic: one change, never both."),
    ] = "overlap"
    on_failure: Annotated[
        Literal["delete", "keep"],
        Field(description="What becomes of a new version that fails: delete (default), or keep it for inspection."),
    ] = "delete"
    on_conflict: Annotated[
        Literal["reject", "supersede"],
        Field(
            description="When another version comes up already, or waits for promotion: reject (default) refuses the "
            "change before anything moves, supersede lets the other one step back first."
        ),
    ] = "reject"
    drain_seconds: Annotated[
        PlainSeconds,
        Field(ge=0, description="Seconds that the old pods live on after traffic has left them. Default 30."),
    ] = 30.0
    resume: Annotated[
        RevisionName | None,
        Field(description="The revision (`r7`) whose hold, left by undo or cancel, is lifted. Default: none."),
    ] = None


class ReplacementSettings(TakingOver):
    """The settings of a replacement; all of them take effect with the next one, none rolls by itself."""

    driver: Annotated[
        Literal["artifact", "external"],
        Field(
            description="artifact (default): a changed Workload rolls by itself. external: what it runs is changed by "
            "a Replacement alone, and `artifactId` is only what it is born with."
        ),
    ] = "artifact"
