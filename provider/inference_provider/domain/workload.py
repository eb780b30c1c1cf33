"""A model server with a stable endpoint: a Workload's inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from inference_provider.domain.artifact import ArtifactBody
from inference_provider.domain.fields import AnnotationKey, ArtifactName, Namespace, Port, Truth, WorkloadName, not_yet
from inference_provider.domain.gateway import GatewayRoute
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.names import check_deployment_names
from inference_provider.domain.policy_reference import PolicyRef
from inference_provider.domain.reference import VersionId
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.shared_roles import SharedRole, faults_among
from inference_provider.domain.timeouts import Timeouts

Importance = Literal["critical", "high", "moderate", "low"]
ServiceType = Literal["ClusterIP", "LoadBalancer", "NodePort"]


def _version_id(text: str) -> str:
    return str(VersionId.parse(text))


class InlineArtifact(ArtifactBody):
    """An artifact written inside a Workload; its version is made together with the Workload."""

    name: Annotated[ArtifactName | None, Field(description="Default: the Workload's name.")] = None


#: Annotations under this prefix are how a Workload's Service remembers what it is.
OUR_PREFIX = "pulumi-inference.dev/"


class ServiceSettings(Input):
    """The Workload's endpoint."""

    port: Annotated[Port, Field(description="Port of the endpoint. Default 80.")] = 80
    type: Annotated[ServiceType, Field(description="ClusterIP (default), LoadBalancer or NodePort.")] = "ClusterIP"
    annotations: Annotated[
        dict[AnnotationKey, str], Field(description="Annotations of the Service, keys as written. Default: none.")
    ] = Field(default_factory=dict)
    gateway: Annotated[
        GatewayRoute | None,
        Field(
            description="Route of an Envoy AI Gateway to the endpoint, which can limit tokens. Default: none; it is "
            "called directly."
        ),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Our own annotations are ours."""
        annotations = given.get("annotations")
        for key in annotations if isinstance(annotations, Mapping) else ():
            if str(key).startswith(OUR_PREFIX):
                yield ("annotations", str(key)), f"keys under {OUR_PREFIX} are the provider's own; use another prefix"


class WorkloadInputs(Input):
    """The inputs of a Workload. Either ``artifact_id`` or ``artifact`` is set."""

    name: Annotated[
        WorkloadName,
        Field(
            description="DNS label of at most 50 characters, not ending like a revision (-r3). Default: the "
            "resource's name in the program."
        ),
    ]
    namespace: Annotated[Namespace | None, Field(description="Default: the provider's namespace.")] = None
    display_name: Annotated[str, Field(description="Name for people. Default: empty.")] = ""
    description: Annotated[str, Field(description="For people. Default: empty.")] = ""
    importance: Annotated[
        Importance, Field(description="critical, high, moderate or low (default); counts from the next roll on.")
    ] = "low"
    environment: Annotated[str, Field(description='The environment. Default "production".')] = "production"
    tags: Annotated[dict[str, str], Field(description="Tags for people, keys as written. Default: none.")] = Field(
        default_factory=dict
    )
    artifact_id: Annotated[
        Annotated[str, AfterValidator(_version_id)] | None,
        Field(description="The version that runs: an Artifact's `versionId`. Either this or `artifact`; no default."),
    ] = None
    artifact: Annotated[
        InlineArtifact | None,
        Field(
            description="What runs, written here instead of in an Artifact of its own. Either this or `artifactId`; "
            "no default."
        ),
    ] = None
    source_ref: Annotated[
        dict[str, object] | None,
        not_yet(),
        Field(description="Take over a Deployment or StatefulSet that already runs. Not yet supported."),
    ] = None
    runtime: Annotated[
        Runtime, Field(description="Pods and resources of each group. Default: one pod each, without requests.")
    ] = Runtime()
    serverless: Annotated[
        dict[str, object] | None, not_yet(), Field(description="Scale to zero when idle. Not yet supported.")
    ] = None
    offloading: Annotated[
        dict[str, object] | None, not_yet(), Field(description="Offload memory of idle models. Not yet supported.")
    ] = None
    policies: Annotated[
        tuple[PolicyRef, ...],
        Field(
            description="Policies that it is under beside those that choose it by themselves; they count from the next "
            "roll on. Default: none."
        ),
    ] = ()
    shared_roles: Annotated[
        tuple[SharedRole, ...],
        Field(
            description="Who may look at it, call it, promote its versions, change it, beside those whom the cluster "
            "lets anyway; at most 100, replaced as a whole. Default: nobody."
        ),
    ] = ()
    running: Annotated[
        Truth, Field(description="true (default). false stops it: no pods, but the same endpoint and history.")
    ] = True
    retain_history: Annotated[
        Truth, Field(description="true keeps the records when the Workload is deleted. Default false.")
    ] = False
    service: Annotated[ServiceSettings, Field(description="The endpoint. Default: port 80, inside the cluster.")] = (
        ServiceSettings()
    )
    replacement: Annotated[
        ReplacementSettings, Field(description="How the next version takes over. Default: as soon as it is ready.")
    ] = ReplacementSettings()
    timeouts: Annotated[
        Timeouts, Field(description="Time allowed for each operation. Default: an hour, 10 minutes to delete.")
    ] = Timeouts()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """One source of what runs, and names that fit together."""
        if given.has("artifactId") and given.has("artifact"):
            yield ("artifactId",), "cannot be given together with `artifact`; keep one of the two"
        if not any(given.has(field) for field in ("artifactId", "artifact", "sourceRef")):
            yield ("artifactId",), "give `artifactId` (the `versionId` of an Artifact) or `artifact`"
        written = given.get("sharedRoles")
        count = len(written) if isinstance(written, Sequence) and not isinstance(written, str) else 0
        yield from faults_among(given.children("sharedRoles"), count)
        groups = given.child("artifact").child("spec").children("containerGroups")
        names = [group.text("name") or "default" for _, group in groups]
        for index, reason in check_deployment_names(given.text("name") or "", names):
            yield ("artifact", "spec", "containerGroups", index, "name"), reason
