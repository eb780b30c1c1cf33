"""What a program may say in the replacement part of its inputs: each as a class, or as a dict of the same shape.

Written by tools/argsgen.py from domain/replacement.py; not edited by hand.
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

from pulumi import Input

from inference_provider.dynamic.arguments.warmup import WarmupArgs, WarmupArgsDict


@dataclass(kw_only=True)
class ReplacementSettingsArgs:
    """The settings of a replacement; all of them take effect with the next one, none rolls by itself."""

    strategy: Input[Literal["rolling"] | str] | None = None
    """rolling (default): the new version comes up beside the old one."""

    warmup_duration_minutes: Input[float] | None = None
    """Minutes that a ready new version waits before it gets traffic. Default 0."""

    warmup: Input[WarmupArgs | WarmupArgsDict] | None = None
    """Requests that a ready new version answers before it gets traffic. Default: none."""

    keep_old_version_minutes: Input[float] | None = None
    """Minutes that the old version is kept for going back. Default 0."""

    surge: Input[Literal["require", "wait", "preempt", "fallback", "recreate"] | str] | None = None
    """When there are not enough free GPUs for both versions. wait (default): the new one waits. require: the update
    is refused before anything moves. preempt: pods of lower importance may be pushed out. recreate: the old
    version ends first, which is an outage. fallback: the new one takes the first of its `resourceBundles` that
    has room, and waits for the first when none has.
    """

    surge_wait_minutes: Input[float] | None = None
    """Longest wait for room, in minutes. Default: as long as the operation may take."""

    promotion: Input[Literal["automatic", "manual"] | str] | None = None
    """automatic (default): traffic moves when all is ready. manual: the new version then waits, staged, until
    `promote` names its revision.
    """

    promote: Input[str] | None = None
    """The revision (`r7`) that may get traffic with manual promotion; no other ever does. Default: none."""

    traffic_switch: Input[Literal["overlap", "atomic"] | str] | None = None
    """overlap (default): both versions serve for a moment. atomic: one change, never both."""

    on_failure: Input[Literal["delete", "keep"] | str] | None = None
    """What becomes of a new version that fails: delete (default), or keep it for inspection."""

    on_conflict: Input[Literal["reject", "supersede"] | str] | None = None
    """When another version comes up already, or waits for promotion: reject (default) refuses the change before
    anything moves, supersede lets the other one step back first.
    """

    drain_seconds: Input[float] | None = None
    """Seconds that the old pods live on after traffic has left them. Default 30."""

    resume: Input[str] | None = None
    """The revision (`r7`) whose hold, left by undo or cancel, is lifted. Default: none."""

    driver: Input[Literal["artifact", "external"] | str] | None = None
    """artifact (default): a changed Workload rolls by itself. external: what it runs is changed by a Replacement
    alone, and `artifactId` is only what it is born with.
    """


class ReplacementSettingsArgsDict(TypedDict, total=False):
    """The settings of a replacement; all of them take effect with the next one, none rolls by itself."""

    strategy: Input[Literal["rolling"] | str] | None
    """rolling (default): the new version comes up beside the old one."""

    warmup_duration_minutes: Input[float] | None
    """Minutes that a ready new version waits before it gets traffic. Default 0."""

    warmup: Input[WarmupArgs | WarmupArgsDict] | None
    """Requests that a ready new version answers before it gets traffic. Default: none."""

    keep_old_version_minutes: Input[float] | None
    """Minutes that the old version is kept for going back. Default 0."""

    surge: Input[Literal["require", "wait", "preempt", "fallback", "recreate"] | str] | None
    """When there are not enough free GPUs for both versions. wait (default): the new one waits. require: the update
    is refused before anything moves. preempt: pods of lower importance may be pushed out. recreate: the old
    version ends first, which is an outage. fallback: the new one takes the first of its `resourceBundles` that
    has room, and waits for the first when none has.
    """

    surge_wait_minutes: Input[float] | None
    """Longest wait for room, in minutes. Default: as long as the operation may take."""

    promotion: Input[Literal["automatic", "manual"] | str] | None
    """automatic (default): traffic moves when all is ready. manual: the new version then waits, staged, until
    `promote` names its revision.
    """

    promote: Input[str] | None
    """The revision (`r7`) that may get traffic with manual promotion; no other ever does. Default: none."""

    traffic_switch: Input[Literal["overlap", "atomic"] | str] | None
    """overlap (default): both versions serve for a moment. atomic: one change, never both."""

    on_failure: Input[Literal["delete", "keep"] | str] | None
    """What becomes of a new version that fails: delete (default), or keep it for inspection."""

    on_conflict: Input[Literal["reject", "supersede"] | str] | None
    """When another version comes up already, or waits for promotion: reject (default) refuses the change before
    anything moves, supersede lets the other one step back first.
    """

    drain_seconds: Input[float] | None
    """Seconds that the old pods live on after traffic has left them. Default 30."""

    resume: Input[str] | None
    """The revision (`r7`) whose hold, left by undo or cancel, is lifted. Default: none."""

    driver: Input[Literal["artifact", "external"] | str] | None
    """artifact (default): a changed Workload rolls by itself. external: what it runs is changed by a Replacement
    alone, and `artifactId` is only what it is born with.
    """
