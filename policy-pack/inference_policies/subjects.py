"""What does a program say of an Artifact, a Workload, a Replacement, a Policy? Read from inputs, alike for both doors.

Only what is asked for is read: the engine's placeholder for a value that a preview does not know yet raises where it is
touched, and the policy is then said not to have run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from inference_provider.domain.model import Given, Input
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.replacement import ReplacementSettings, TakingOver
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import WorkloadInputs

#: The plugin's types, and those of Pulumi's dynamic resources in Python.
_FAMILIES = ("inference:index:", "pulumi-python:dynamic/inference:")
_DEFAULTS = WorkloadInputs.model_fields


@dataclass(frozen=True)
class Artifact:
    """What runs: an Artifact of its own, or one that is written inside a Workload. ``door``: as its type begins."""

    given: Given
    door: str

    @property
    def id(self) -> str:
        """As its versions begin: `namespace/name`."""
        return _id(self.given)

    @property
    def version(self) -> str | None:
        """The version that it declares, where that could be told beforehand."""
        return self.given.text("versionId")

    @property
    def locked(self) -> bool:
        """Whether it is immutable and numbered."""
        return self.given.get("status") == "locked"

    @property
    def type(self) -> str:
        """What it serves: service, nim, agent or tool."""
        return self.given.text("type") or "service"

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of its groups of pods."""
        return tuple(group.text("name") or "default" for _, group in self._groups())

    def images(self) -> Iterator[tuple[str, str]]:
        """Where an image is written, and which."""
        for at, group in self._groups():
            for index, container in group.children("containers"):
                image = container.text("image")
                if image is not None:
                    yield f"spec.containerGroups[{at}].containers[{index}].image", image

    @property
    def resolved(self) -> Mapping[str, str]:
        """Images as written, and what the registry said that they are; only where the provider has asked it."""
        found = self.given.get("images")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}

    def _groups(self) -> list[tuple[int, Given]]:
        return self.given.child("spec").children("containerGroups")


@dataclass(frozen=True)
class Workload:
    """A model server."""

    given: Given
    door: str

    @property
    def namespace(self) -> str:
        """Where it is, and its own Policies are."""
        return _namespace(self.given)

    @property
    def id(self) -> str:
        """As Replacements name it: `namespace/name`."""
        return _id(self.given)

    @property
    def environment(self) -> str:
        """Where it belongs, as people say it."""
        return self.given.text("environment") or str(_DEFAULTS["environment"].default)

    @property
    def importance(self) -> str:
        """How important it is."""
        return self.given.text("importance") or str(_DEFAULTS["importance"].default)

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags."""
        return {str(key): str(value) for key, value in _object(self.given.get("tags")).items()}

    @property
    def running(self) -> bool:
        """Whether it has pods at all."""
        return self.given.get("running") is not False

    @property
    def artifact(self) -> Artifact | None:
        """What runs, where that is written inside."""
        return Artifact(self.given.child("artifact"), self.door) if self.given.has("artifact") else None

    @property
    def version(self) -> str | None:
        """The version that runs, where it is an Artifact's of its own."""
        return self.given.text("artifactId")

    @property
    def policies(self) -> tuple[str, ...]:
        """The ids of the Policies that it names."""
        named = (each for _, each in self.given.children("policies"))
        return tuple(each.text("id") or f"{self.namespace}/{each.text('name') or ''}" for each in named)

    @property
    def runtime(self) -> Runtime:
        """How its groups run."""
        return Runtime.model_validate(_object(self.given.get("runtime")))

    @property
    def taking_over(self) -> TakingOver | None:
        """How its next version takes over; None where a Replacement says that."""
        settings = ReplacementSettings.model_validate(_object(self.given.get("replacement")))
        return settings if settings.driver == "artifact" else None


@dataclass(frozen=True)
class Replacement:
    """A change of a Workload's version, declared beside it."""

    given: Given
    door: str

    @property
    def workload(self) -> str | None:
        """The id of the Workload that it drives."""
        return self.given.text("workloadId")

    @property
    def version(self) -> str | None:
        """The version that it brings."""
        return self.given.text("candidateArtifactId")

    @property
    def runtime(self) -> Runtime | None:
        """What each container is given, where it says so itself; counts are the Workload's."""
        return Runtime.model_validate(_object(self.given.get("runtime"))) if self.given.has("runtime") else None

    @property
    def taking_over(self) -> TakingOver:
        """How its version takes over."""
        return TakingOver.model_validate(_fields(self.given, TakingOver))


@dataclass(frozen=True)
class Policy:
    """A rule about where and on what Workloads may run, which the provider itself holds them to."""

    given: Given
    door: str

    @property
    def id(self) -> str:
        """As Workloads name it: `namespace/name`."""
        return _id(self.given)

    @property
    def inputs(self) -> PolicyInputs:
        """What it says, and whom it chooses."""
        return PolicyInputs.model_validate({**_fields(self.given, PolicyInputs), "namespace": _namespace(self.given)})


Subject: TypeAlias = Artifact | Workload | Replacement | Policy
_KINDS: Mapping[str, type[Artifact] | type[Workload] | type[Replacement] | type[Policy]] = {
    "Artifact": Artifact,
    "Workload": Workload,
    "Replacement": Replacement,
    "Policy": Policy,
}


def subject(resource_type: str, inputs: object) -> Subject | None:
    """The resource, when it is one of ours."""
    for family in _FAMILIES:
        kind = _KINDS.get(resource_type.removeprefix(family)) if resource_type.startswith(family) else None
        if kind is not None:
            return kind(Given(inputs), family)
    return None


def plain(value: object) -> object:
    """Dicts and lists, of whatever the engine's values are wrapped into."""
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def _object(value: object) -> dict[str, object]:
    found = plain(value)
    return found if isinstance(found, dict) else {}


def _fields(given: Given, model: type[Input]) -> dict[str, object]:
    """What is given of a model's fields, and nothing that only one door, or a provider of its own, puts beside them."""
    known = [field.alias or name for name, field in model.model_fields.items()]
    return {name: plain(given.get(name)) for name in known if given.has(name)}


def _namespace(given: Given) -> str:
    return given.text("namespace") or "default"


def _id(given: Given) -> str:
    return f"{_namespace(given)}/{given.text('name') or ''}"
