"""The Workload of a program: a model server with a stable endpoint."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi
import pulumi.dynamic

from inference_provider.domain.workload import WorkloadInputs
from inference_provider.dynamic.arguments import (
    InlineArtifactArgs,
    InlineArtifactArgsDict,
    PolicyRefArgs,
    PolicyRefArgsDict,
    ReplacementSettingsArgs,
    ReplacementSettingsArgsDict,
    RuntimeArgs,
    RuntimeArgsDict,
    ServiceSettingsArgs,
    ServiceSettingsArgsDict,
    SharedRoleArgs,
    SharedRoleArgsDict,
    TimeoutsArgs,
    TimeoutsArgsDict,
)
from inference_provider.dynamic.outputs import Rollout, Told, whole
from inference_provider.dynamic.provider import WorkloadProvider
from inference_provider.dynamic.resource import properties


class Workload(pulumi.dynamic.Resource, module="inference", name="Workload"):
    """How do I serve a model and change it without an outage? Point a Workload to a version of an Artifact.

    A change of what runs (``artifact_id``, resources) rolls: the new version comes up beside the old one, is proven,
    and takes the traffic; ``endpoint`` stays. A new version that fails is removed, and the old one serves on.
    The outputs say what really serves, not what was asked for.
    """

    endpoint = Told[str]()
    """Where it answers; the same over all versions."""

    status = Told[str]()
    """How it is, in one word."""

    status_message = Told[str]()
    """The same in a sentence."""

    active_artifact_id = Told[str | None]()
    """The version that serves now; compare with `artifact_id`, the version that was asked for."""

    active_proton_id = Told[str | None]()
    """What serves now: `namespace/name-r7`."""

    candidate_proton_ids = Told[list[str]]()
    """What is coming up beside it."""

    revision = Told[str | None]()
    """The revision that serves now, such as r7; numbers only rise."""

    rollout = Told[Rollout](Rollout.of)
    """The last replacement."""

    held = Told[dict[str, str] | None]()
    """Why rolling is withheld, when it is."""

    resolved_bundles = Told[dict[str, str]]()
    """Container group to the name of the resource bundle that what serves was given."""

    images = Told[dict[str, str]]()
    """Container name to the image that its pods really run."""

    ready_replicas = Told[int](whole)
    """Ready pods over all groups of the active version."""

    policy_verdicts = Told[list[dict[str, str | None]]]()
    """What each Policy that it is under says of what serves: policy, type, verdict, message."""

    hourly_cost = Told[float | None]()
    """What the pods of the version that serves cost per hour; None when the price of a bundle is not known."""

    artifact_id = Told[str | None]()
    """The version that was asked for."""

    name = Told[str]()
    """The Workload's name in its namespace."""

    namespace = Told[str]()
    """The namespace it runs in."""

    incarnation = Told[str]()
    """Changes when the Workload is made anew under the same name."""

    created_at = Told[str]()
    """When it was made (RFC 3339)."""

    updated_at = Told[str]()
    """When it was last changed (RFC 3339), by a program or at the command line."""

    creator = Told[str | None]()
    """Who made it: the person whom CI names, else the Kubernetes user."""

    updater = Told[str | None]()
    """Who changed it last."""

    def __init__(
        self,
        resource_name: str,
        *,
        artifact_id: pulumi.Input[str] | None = None,
        artifact: pulumi.Input[InlineArtifactArgs | InlineArtifactArgsDict] | None = None,
        source_ref: pulumi.Input[Mapping[str, pulumi.Input[object]]] | None = None,
        name: pulumi.Input[str] | None = None,
        namespace: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        importance: pulumi.Input[Literal["critical", "high", "moderate", "low"] | str] | None = None,
        environment: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        runtime: pulumi.Input[RuntimeArgs | RuntimeArgsDict] | None = None,
        serverless: pulumi.Input[Mapping[str, pulumi.Input[object]]] | None = None,
        offloading: pulumi.Input[Mapping[str, pulumi.Input[object]]] | None = None,
        policies: pulumi.Input[Sequence[pulumi.Input[PolicyRefArgs | PolicyRefArgsDict]]] | None = None,
        shared_roles: pulumi.Input[Sequence[pulumi.Input[SharedRoleArgs | SharedRoleArgsDict]]] | None = None,
        running: pulumi.Input[bool] | None = None,
        retain_history: pulumi.Input[bool] | None = None,
        service: pulumi.Input[ServiceSettingsArgs | ServiceSettingsArgsDict] | None = None,
        replacement: pulumi.Input[ReplacementSettingsArgs | ReplacementSettingsArgsDict] | None = None,
        timeouts: pulumi.Input[TimeoutsArgs | TimeoutsArgsDict] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a Workload.

        :param resource_name: Its name in the stack.
        :param artifact_id: The version that runs: an Artifact's ``version_id``. Either this or ``artifact``.
        :param artifact: What runs, written here instead of in an Artifact of its own.
        :param source_ref: Take over a Deployment or StatefulSet that already runs. Not yet supported.
        :param name: Its name in the cluster, a DNS label of at most 50 characters. Default: ``resource_name``.
        :param namespace: Default: the stack's ``inference:namespace``, else ``default``.
        :param display_name: Name for people.
        :param description: For people.
        :param importance: critical, high, moderate or low (default); counts from the next roll on.
        :param environment: Default "production".
        :param tags: Tags for people, keys as written.
        :param runtime: Replicas of each container group, and CPU, memory and GPUs of each container.
        :param serverless: Scale to zero when idle. Not yet supported.
        :param offloading: Offload memory of idle models. Not yet supported.
        :param policies: Policies that it is under beside those that choose it; they count from the next roll on.
        :param shared_roles: Who may look at it, call it, promote its versions, change it; at most 100. Default: nobody.
        :param running: true (default). false stops it: no pods, but the same endpoint and history.
        :param retain_history: true keeps the records when it is deleted; default false.
        :param service: Port and type of the endpoint.
        :param replacement: How the next version takes over.
        :param timeouts: Time allowed for create, update and delete: "30m", "1h30m" or seconds.
        :param opts: Pulumi's own options; ``custom_timeouts`` do nothing here, ``timeouts`` does.
        :raises TypeError: a field somewhere inside does not exist; the message says which was meant.
        """
        given = {
            "name": name,
            "namespace": namespace,
            "display_name": display_name,
            "description": description,
            "importance": importance,
            "environment": environment,
            "tags": tags,
            "artifact_id": artifact_id,
            "artifact": artifact,
            "source_ref": source_ref,
            "runtime": runtime,
            "serverless": serverless,
            "offloading": offloading,
            "policies": policies,
            "shared_roles": shared_roles,
            "running": running,
            "retain_history": retain_history,
            "service": service,
            "replacement": replacement,
            "timeouts": timeouts,
        }
        props = properties(Workload, resource_name, inputs=WorkloadInputs, given=given, opts=opts)
        super().__init__(WorkloadProvider(), resource_name, props, opts)
