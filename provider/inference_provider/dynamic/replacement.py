"""The Replacement of a program: moving a Workload to another version, declared by itself."""

from typing import Literal

import pulumi
import pulumi.dynamic

from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.dynamic.arguments import (
    RuntimeArgs,
    RuntimeArgsDict,
    TimeoutsArgs,
    TimeoutsArgsDict,
    WarmupArgs,
    WarmupArgsDict,
)
from inference_provider.dynamic.outputs import Told
from inference_provider.dynamic.provider import ReplacementProvider
from inference_provider.dynamic.resource import properties


class Replacement(pulumi.dynamic.Resource, module="inference", name="Replacement"):
    """How do I say when a Workload changes its version, apart from the Workload? Point a Replacement to both.

    The Workload says ``replacement={"driver": "external"}``. Creating or changing a Replacement starts one and waits
    until the new version serves, or, with manual promotion, is staged. Deleting it while it is in progress calls it
    off; deleting it afterwards changes nothing that serves.
    """

    status = Told[str]()
    """How far it is: submitted, initializing, awaiting_promotion, switching, cleaning_up, completed or errored."""

    message = Told[str | None]()
    """Why it failed, or who promoted it."""

    revision = Told[str | None]()
    """The revision that it made, such as r7; `promote` names it."""

    active_artifact_id = Told[str | None]()
    """The version that serves now."""

    candidate_proton_ids = Told[list[str]]()
    """What is coming up, or waits for promotion."""

    previous_proton_ids = Told[list[str]]()
    """What served before, while it is kept."""

    proton_statuses = Told[dict[str, str]]()
    """How each of them is, in one word."""

    created_at = Told[str | None]()
    """When it began (RFC 3339)."""

    switched_at = Told[str | None]()
    """When traffic went over."""

    updated_at = Told[str | None]()
    """When it last moved on."""

    actor = Told[str | None]()
    """Who asked for it: the person whom CI names, else the Kubernetes user."""

    keep_old_until = Told[str | None]()
    """Until when going back needs no load."""

    def __init__(
        self,
        resource_name: str,
        *,
        workload_id: pulumi.Input[str],
        candidate_artifact_id: pulumi.Input[str],
        runtime: pulumi.Input[RuntimeArgs | RuntimeArgsDict] | None = None,
        strategy: pulumi.Input[Literal["rolling"] | str] | None = None,
        warmup_duration_minutes: pulumi.Input[float] | None = None,
        warmup: pulumi.Input[WarmupArgs | WarmupArgsDict] | None = None,
        keep_old_version_minutes: pulumi.Input[float] | None = None,
        surge: pulumi.Input[Literal["require", "wait", "preempt", "fallback", "recreate"] | str] | None = None,
        surge_wait_minutes: pulumi.Input[float] | None = None,
        promotion: pulumi.Input[Literal["automatic", "manual"] | str] | None = None,
        promote: pulumi.Input[str] | None = None,
        traffic_switch: pulumi.Input[Literal["overlap", "atomic"] | str] | None = None,
        on_failure: pulumi.Input[Literal["delete", "keep"] | str] | None = None,
        on_conflict: pulumi.Input[Literal["reject", "supersede"] | str] | None = None,
        drain_seconds: pulumi.Input[float] | None = None,
        resume: pulumi.Input[str] | None = None,
        timeouts: pulumi.Input[TimeoutsArgs | TimeoutsArgsDict] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a Replacement.

        :param resource_name: Its name in the stack.
        :param workload_id: The Workload's ``id``.
        :param candidate_artifact_id: The version that should serve: an Artifact's ``version_id``.
        :param runtime: What each container is given. Default: as what serves has it; counts are the Workload's.
        :param timeouts: Time allowed for create, update and delete.
        :param opts: Pulumi's own options.

        The others are the settings of a replacement, as in a Workload's ``replacement``.
        """
        given = {
            "workload_id": workload_id,
            "candidate_artifact_id": candidate_artifact_id,
            "runtime": runtime,
            "strategy": strategy,
            "warmup_duration_minutes": warmup_duration_minutes,
            "warmup": warmup,
            "keep_old_version_minutes": keep_old_version_minutes,
            "surge": surge,
            "surge_wait_minutes": surge_wait_minutes,
            "promotion": promotion,
            "promote": promote,
            "traffic_switch": traffic_switch,
            "on_failure": on_failure,
            "on_conflict": on_conflict,
            "drain_seconds": drain_seconds,
            "resume": resume,
            "timeouts": timeouts,
        }
        props = properties(Replacement, resource_name, inputs=ReplacementInputs, given=given, opts=opts)
        super().__init__(ReplacementProvider(), resource_name, props, opts)
