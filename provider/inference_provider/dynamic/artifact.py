"""The Artifact of a program: what a model server runs, kept as versions."""

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi.dynamic

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.dynamic.arguments import ArtifactSpecArgs, ArtifactSpecArgsDict, TimeoutsArgs, TimeoutsArgsDict
from inference_provider.dynamic.outputs import Told, whole
from inference_provider.dynamic.provider import ArtifactProvider
from inference_provider.dynamic.resource import properties


class Artifact(pulumi.dynamic.Resource, module="inference", name="Artifact"):
    """What should my model server run? Images, arguments, environment, probes: every content of it is a version.

    Give ``version_id`` to a Workload, not ``id``: the id never changes, so nothing would ever roll. Changing an
    Artifact restarts nothing by itself; going back to an older content is the same version again.
    """

    version_id = Told[str]()
    """`namespace/name@<12 hex digits>`: the version that these inputs make."""

    version = Told[int | None](whole)
    """The version's number, once locked."""

    status = Told[str]()
    """draft or locked."""

    images = Told[dict[str, str]]()
    """Each image as written, and the digest it is pinned to."""

    name = Told[str]()
    """The Artifact's name in its namespace."""

    namespace = Told[str]()
    """The namespace it is kept in."""

    created_at = Told[str]()
    """When it was made (RFC 3339)."""

    incarnation = Told[str]()
    """Changes when the Artifact is made anew under the same name."""

    def __init__(
        self,
        resource_name: str,
        *,
        spec: pulumi.Input[ArtifactSpecArgs | ArtifactSpecArgsDict],
        name: pulumi.Input[str] | None = None,
        namespace: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        type: pulumi.Input[Literal["service", "nim", "agent", "tool"] | str] | None = None,
        status: pulumi.Input[Literal["draft", "locked"] | str] | None = None,
        secret_env: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        pin_images: pulumi.Input[Literal["always", "ifReachable"] | str] | None = None,
        retain_versions: pulumi.Input[int] | None = None,
        timeouts: pulumi.Input[TimeoutsArgs | TimeoutsArgsDict] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare an Artifact.

        :param resource_name: Its name in the stack.
        :param spec: What runs: container groups and their containers.
        :param name: Its name in the cluster, at most 50 characters. Default: ``resource_name``.
        :param namespace: Default: the stack's ``inference:namespace``, else ``default``.
        :param description: For people; changes nothing that runs.
        :param type: service (default), nim, agent or tool.
        :param status: draft (default) may change; locked is immutable and numbered. Locking restarts nothing.
        :param secret_env: Secret environment variables, name to value, for the group of the primary container.
            Kept in a Secret; always secret in the stack's state, whether or not you mark them.
        :param pin_images: always (no version without digests) or ifReachable (keep the tag, with a warning).
            Default: ifReachable for drafts, always for locked.
        :param retain_versions: How many locked versions are kept. Default 20.
        :param timeouts: Time allowed; only ``delete`` waits (for the last user): "10m" or seconds.
        :param opts: Pulumi's own options.
        :raises TypeError: a field of ``spec`` does not exist; the message says which was meant.
        """
        given = {
            "name": name,
            "namespace": namespace,
            "description": description,
            "type": type,
            "status": status,
            "spec": spec,
            "secret_env": None if secret_env is None else pulumi.Output.secret(secret_env),
            "pin_images": pin_images,
            "retain_versions": retain_versions,
            "timeouts": timeouts,
        }
        props = properties(Artifact, resource_name, inputs=ArtifactInputs, given=given, opts=opts)
        hiding = pulumi.ResourceOptions(additional_secret_outputs=["secretEnv"])
        super().__init__(ArtifactProvider(), resource_name, props, pulumi.ResourceOptions.merge(opts, hiding))
