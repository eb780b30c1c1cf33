"""What runs: an Artifact's inputs, and what must hold between its groups and containers."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from inference_provider.domain.container import Container
from inference_provider.domain.fields import ArtifactName, EnvName, GroupName, Memory, Namespace, Text, Whole, not_yet
from inference_provider.domain.model import Broken, Given, Input
from inference_provider.domain.paths import Location, path_text
from inference_provider.domain.timeouts import Timeouts

ArtifactType = Literal["service", "nim", "agent", "tool"]
ArtifactStatus = Literal["draft", "locked"]
PinImages = Literal["always", "ifReachable"]


def _pvc_size(canonical: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[A-Za-z]*", canonical):
        raise ValueError("must be more than nothing, as in 150Gi")
    return canonical


class Storage(Input):
    """Where a NIM keeps its model weights."""

    mode: Annotated[
        Literal["dedicatedPvc", "nimCache"],
        not_yet(default="dedicatedPvc"),
        Field(description="dedicatedPvc (default): a volume of this Workload's own. nimCache: not yet supported."),
    ] = "dedicatedPvc"
    pvc_size: Annotated[
        Annotated[Memory, AfterValidator(_pvc_size)] | None,
        Field(description="Size of the dedicated volume, such as 150Gi. Default: the provider's own."),
    ] = None


class ContainerGroup(Input):
    """Containers that run together in one pod; every group is scaled on its own."""

    name: Annotated[GroupName, Field(description='Unique; the runtime refers to it. Default "default".')] = "default"
    containers: Annotated[tuple[Container, ...], Field(description="The containers of each pod.")]

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """At least one container, and no name twice."""
        if given.is_empty("containers"):
            yield ("containers",), "needs at least one container"
        yield from name_taken_twice(given, "containers", default=None)


class ArtifactSpec(Input):
    """Everything that decides what the pods run."""

    container_groups: Annotated[
        tuple[ContainerGroup, ...],
        Field(description="The groups; one Deployment each. Exactly one container in all is primary."),
    ]
    storage: Annotated[Storage | None, Field(description="Storage of model weights; type nim only. Default: none.")] = (
        None
    )
    template_id: Annotated[Text | None, Field(description="The template that this was made from. Default: none.")] = (
        None
    )

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """At least one group, no name twice, one primary container in all."""
        if given.is_empty("containerGroups"):
            yield ("containerGroups",), "needs at least one container group"
        yield from name_taken_twice(given, "containerGroups", default="default")
        containers = list(_containers(given))
        primaries = [location for location, container in containers if container.get("primary")]
        if containers and not primaries:
            yield ("containerGroups",), "no container is primary; set `primary` on the one that answers requests"
        for location in primaries if len(primaries) > 1 else ():
            others = " and ".join(path_text(other) for other in primaries if other != location)
            yield (*location, "primary"), f"only one container in all may be primary, and {others} is too"

    @property
    def primary_group(self) -> ContainerGroup:
        """The group with the primary container."""
        return next(
            group for group in self.container_groups if any(container.primary for container in group.containers)
        )

    @property
    def primary_container(self) -> Container:
        """The container that answers requests."""
        return next(container for container in self.primary_group.containers if container.primary)

    @property
    def group_names(self) -> list[str]:
        """The groups' names in order."""
        return [group.name for group in self.container_groups]


class ArtifactBody(Input):
    """What an Artifact and an artifact written inside a Workload have in common."""

    description: Annotated[str, Field(description="For people; changes nothing that runs. Default: empty.")] = ""
    type: Annotated[ArtifactType, Field(description="service (default), nim, agent or tool.")] = "service"
    status: Annotated[
        ArtifactStatus,
        Field(description="draft (default) may change; locked is immutable and numbered. Locking restarts nothing."),
    ] = "draft"
    spec: Annotated[ArtifactSpec, Field(description="What runs.")]

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Storage is for NIM only."""
        if given.child("spec").has("storage") and given.get("type") != "nim":
            yield ("spec", "storage"), "only goes with type nim; leave it out, or set `type` to nim"


class ArtifactInputs(ArtifactBody):
    """The inputs of an Artifact."""

    name: Annotated[
        ArtifactName,
        Field(description="DNS label of at most 50 characters. Default: the resource's name in the program."),
    ]
    namespace: Annotated[Namespace | None, Field(description="Default: the provider's namespace.")] = None
    secret_env: Annotated[
        dict[EnvName, SecretStr],
        Field(
            description="Secret environment variables, name to value, given to every container of the group that holds "
            "the primary container. Kept in a Secret; never shown. Default: none.",
        ),
    ] = Field(default_factory=dict)
    pin_images: Annotated[
        PinImages | None,
        Field(
            description="always: no version without digests. ifReachable: keep the tag, with a warning, when the "
            "registry does not answer. Default: ifReachable for drafts, always for locked."
        ),
    ] = None
    timeouts: Annotated[
        Timeouts, Field(description="Time allowed; only `delete` waits (for the last user). Default: 10 minutes.")
    ] = Timeouts()
    retain_versions: Annotated[Whole, Field(ge=0, description="How many locked versions are kept. Default 20.")] = 20

    @property
    def pinning(self) -> PinImages:
        """``pin_images`` with its default filled in."""
        return self.pin_images or ("always" if self.status == "locked" else "ifReachable")

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """Also: no variable both secret and plain where both would be set."""
        yield from super().rules(given)
        secret = given.get("secretEnv")
        if not isinstance(secret, Mapping):
            return
        for group, container in _primary_containers(given.child("spec")):
            for index, variable in container.children("env"):
                if variable.text("name") in secret:
                    where = ("spec", *group, "env", index, "name")
                    yield (
                        where,
                        f"`{variable.text('name')}` is also in `secretEnv`, which this container gets; give it once",
                    )


def name_taken_twice(given: Given, field: str, *, default: str | None) -> Iterator[Broken]:
    """Yield every item of the list ``field`` whose name an earlier item has; ``default`` is the name left out."""
    first: dict[str, int] = {}
    for index, item in given.children(field):
        name = item.text("name") or default
        if name in first:
            yield (field, index, "name"), f"`{name}` is already the name of {field}[{first[name]}]"
        elif name is not None:
            first[name] = index


def _containers(spec: Given) -> Iterator[tuple[Location, Given]]:
    for group_index, group in spec.children("containerGroups"):
        for index, container in group.children("containers"):
            yield ("containerGroups", group_index, "containers", index), container


def _primary_containers(spec: Given) -> Iterator[tuple[Location, Given]]:
    """The containers of those groups that have a primary container."""
    everything = list(_containers(spec))
    groups = {location[1] for location, container in everything if container.get("primary")}
    yield from ((location, container) for location, container in everything if location[1] in groups)
