"""What does a program say of an Artifact, a Workload, a Replacement? Read from their inputs, the same from both doors.

Only what is asked for is read: the engine's placeholder for a value that a preview does not know yet raises where it is
touched, and the policy is then said not to have run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from inference_provider.domain.model import Given
from inference_provider.domain.replacement import ReplacementSettings, TakingOver
from inference_provider.domain.runtime import Runtime
from inference_provider.domain.workload import WorkloadInputs

#: The plugin's types, and those of Pulumi's dynamic resources in Python.
_FAMILIES = ("inference:index:", "pulumi-python:dynamic/inference:")
_DEFAULTS = WorkloadInputs.model_fields


@dataclass(frozen=True)
class Artifact:
    """What runs: an Artifact of its own, or one that is written inside a Workload."""

    given: Given

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
        return Artifact(self.given.child("artifact")) if self.given.has("artifact") else None

    @property
    def version(self) -> str | None:
        """The version that runs, where it is an Artifact's of its own."""
        return self.given.text("artifactId")

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
        known = [field.alias or name for name, field in TakingOver.model_fields.items()]
        said = {name: plain(self.given.get(name)) for name in known if self.given.has(name)}
        return TakingOver.model_validate(said)


Subject: TypeAlias = Artifact | Workload | Replacement
_KINDS: Mapping[str, type[Artifact] | type[Workload] | type[Replacement]] = {
    "Artifact": Artifact,
    "Workload": Workload,
    "Replacement": Replacement,
}


def subject(resource_type: str, inputs: object) -> Subject | None:
    """The resource, when it is one of ours."""
    for family in _FAMILIES:
        kind = _KINDS.get(resource_type.removeprefix(family)) if resource_type.startswith(family) else None
        if kind is not None:
            return kind(Given(inputs))
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


def _id(given: Given) -> str:
    return f"{given.text('namespace') or 'default'}/{given.text('name') or ''}"
