"""What the stack is told of each resource beside its inputs: names, types, meaning, and how long each stays true.

The schema is made of these; a test holds them to what the resources really answer.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

#: When an output may change: never once it is there; when another version comes to serve; or at any time.
Lasts = Literal["for good", "with the version", "a moment"]


class Told(BaseModel):
    """Frozen base of everything that a resource tells, in camelCase."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    @classmethod
    def lasting(cls) -> dict[str, Lasts]:
        """By camelCase name, how long each output stays what it is."""
        return {field.alias or name: _lasts(field) for name, field in cls.model_fields.items()}


def _lasts(field: FieldInfo) -> Lasts:
    marks: tuple[Lasts, ...] = (FOR_GOOD, WITH_THE_VERSION)
    return next((mark for mark in marks if mark in field.metadata), "a moment")


#: Marks; what carries none of them may change at any time.
FOR_GOOD: Lasts = "for good"
WITH_THE_VERSION: Lasts = "with the version"


class Rollout(Told):
    """The last replacement of a Workload."""

    status: Annotated[str, Field(description="initializing, awaiting_promotion, completed or errored.")]
    message: Annotated[str | None, Field(description="Why it failed, or since when it waits.")]
    revision: Annotated[str | None, Field(description="The revision that it is about, such as r7.")]
    retained: Annotated[str | None, Field(description="The revision before it, while its pods are kept.")]
    retained_artifact_id: Annotated[str | None, Field(description="The version that the kept revision runs.")]
    keep_old_until: Annotated[str | None, Field(description="Until when the kept pods live (RFC 3339).")]


class Held(Told):
    """Why rolling is withheld: somebody took the Workload back, cancelled a replacement, or stopped it."""

    kind: Annotated[str, Field(description="undo, cancel or stop.")]
    template: Annotated[str, Field(description="What is withheld: the hash of its pod template.")]
    revision: Annotated[str, Field(description="The revision that was rejected or stopped.")]
    by: Annotated[str, Field(description="Who said so.")]
    at: Annotated[str, Field(description="When (RFC 3339).")]
    reason: Annotated[str, Field(description="Why, in their words.")]


class PolicyVerdict(Told):
    """What one Policy says of the version that serves."""

    policy: Annotated[str | None, Field(description="The Policy's id; null for one that nobody can find or read.")]
    type: Annotated[str | None, Field(description="location, flavor or maxTokens.")]
    verdict: Annotated[str, Field(description="allowed, violated, or warned (a sandbox that is violated).")]
    message: Annotated[str | None, Field(description="Why, and what is not kept to.")]


class ArtifactOutputs(Told):
    """What the stack is told of an Artifact."""

    version_id: Annotated[
        str,
        WITH_THE_VERSION,
        Field(
            description="`namespace/name@<12 hex digits>`: the version that these inputs make. Give it to Workloads."
        ),
    ]
    version: Annotated[int | None, Field(description="The version's number, once locked.")]
    images: Annotated[
        dict[str, str], WITH_THE_VERSION, Field(description="Each image as written, and the digest it is pinned to.")
    ]
    created_at: Annotated[str, FOR_GOOD, Field(description="When it was made (RFC 3339).")]
    incarnation: Annotated[
        str, FOR_GOOD, Field(description="Changes when the Artifact is made anew under the same name.")
    ]


class ServingOutputs(Told):
    """What everybody is told of a Workload who names one: what was observed, never what was asked for."""

    endpoint: Annotated[str, FOR_GOOD, Field(description="Where it answers; the same over all versions.")]
    status: Annotated[str, Field(description="How it is, in one word.")]
    status_message: Annotated[str, Field(description="The same in a sentence.")]
    active_artifact_id: Annotated[
        str | None, WITH_THE_VERSION, Field(description="The version that serves now; compare with `artifactId`.")
    ]
    active_proton_id: Annotated[
        str | None, WITH_THE_VERSION, Field(description="What serves now: `namespace/name-r7`.")
    ]
    candidate_proton_ids: Annotated[list[str], Field(description="What is coming up beside it.")]
    revision: Annotated[
        str | None, WITH_THE_VERSION, Field(description="The revision that serves now, such as r7; numbers only rise.")
    ]
    rollout: Annotated[Rollout, Field(description="The last replacement.")]
    held: Annotated[Held | None, Field(description="Why rolling is withheld, when it is.")]
    resolved_bundles: Annotated[
        dict[str, str],
        WITH_THE_VERSION,
        Field(description="Container group to the resource bundle that was chosen for it."),
    ]
    images: Annotated[
        dict[str, str],
        WITH_THE_VERSION,
        Field(description="Container name to the image that its pods really run."),
    ]
    ready_replicas: Annotated[int, Field(description="Ready pods over all groups of the active version.")]
    hourly_cost: Annotated[float | None, Field(description="What it costs per hour, where prices are known.")]
    incarnation: Annotated[
        str | None, FOR_GOOD, Field(description="Changes when the Workload is made anew under the same name.")
    ]
    created_at: Annotated[str | None, FOR_GOOD, Field(description="When it was made (RFC 3339).")]
    updated_at: Annotated[str | None, Field(description="When it was last changed (RFC 3339).")]
    creator: Annotated[str | None, FOR_GOOD, Field(description="Who made it: a person whom CI names, or a user.")]
    updater: Annotated[str | None, Field(description="Who changed it last.")]


class WorkloadOutputs(ServingOutputs):
    """What the stack is told of a Workload."""

    policy_verdicts: Annotated[
        list[PolicyVerdict], Field(description="What each Policy that it is under says of what serves.")
    ]


class ReplacementOutputs(Told):
    """What the stack is told of a Replacement."""

    status: Annotated[
        str,
        Field(
            description="submitted, initializing, awaiting_promotion, switching, cleaning_up, completed, errored or "
            "deleting."
        ),
    ]
    message: Annotated[str | None, Field(description="Why it failed, or who promoted it.")]
    actor: Annotated[str | None, Field(description="Who asked for it: a person whom CI names, or a user.")]
    revision: Annotated[str | None, Field(description="The revision that it made, such as r7; `promote` names it.")]
    active_artifact_id: Annotated[str | None, Field(description="The version that serves now.")]
    candidate_proton_ids: Annotated[list[str], Field(description="What is coming up, or waits for promotion.")]
    previous_proton_ids: Annotated[list[str], Field(description="What served before, while it is kept.")]
    proton_statuses: Annotated[dict[str, str], Field(description="How each of them is, in one word.")]
    created_at: Annotated[str | None, Field(description="When it began (RFC 3339).")]
    switched_at: Annotated[str | None, Field(description="When traffic went over.")]
    updated_at: Annotated[str | None, Field(description="When it last moved on.")]
    keep_old_until: Annotated[str | None, Field(description="Until when going back needs no load.")]
    incarnation: Annotated[
        str | None, FOR_GOOD, Field(description="That of the Workload, so that another one of the same name is told.")
    ]
    token: Annotated[str, FOR_GOOD, Field(description="Whose replacement it is, so that deleting it ends no other.")]


class PolicyOutputs(Told):
    """What the stack is told of a Policy."""

    workloads: Annotated[list[str], Field(description="The ids of the Workloads that are under it.")]
    created_at: Annotated[str | None, FOR_GOOD, Field(description="When it was made (RFC 3339).")]
    updated_at: Annotated[str | None, Field(description="When it was last changed (RFC 3339).")]
    creator: Annotated[str | None, FOR_GOOD, Field(description="Who made it: a person whom CI names, or a user.")]
    updater: Annotated[str | None, Field(description="Who changed it last.")]
    incarnation: Annotated[
        str, FOR_GOOD, Field(description="Changes when the Policy is made anew under the same name.")
    ]
