"""Which resources are there, and what does each of them do? The table of contents; every door opens from here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.domain.model import Input
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.resources import artifact, preview, replacement, replacement_plan, workload
from inference_provider.resources.world import Checked, Difference, Properties, World

#: When an output may change: never once it is there; when another version comes to serve; or at any time.
Lasts = Literal["for good", "with the version", "a moment"]


class Check(Protocol):
    """Validate inputs and fill in what is known beforehand; ``unknown`` are paths that a preview does not know yet."""

    def __call__(
        self, world: World, olds: Properties, news: Properties, /, *, unknown: tuple[str, ...] = ()
    ) -> Awaitable[Checked]: ...


@dataclass(frozen=True)
class Kind:
    """One resource: its inputs, what it does, and how long each of its computed outputs stays what it is."""

    name: str
    inputs: type[Input]
    check: Check
    diff: Callable[[Properties, Properties], Difference]
    found: Callable[[World, str, Properties], Awaitable[tuple[str, ...]]]
    foretell: Callable[[World, Properties, Properties, Difference], Awaitable[str | None]]
    create: Callable[[World, Properties], Awaitable[tuple[str, Properties]]]
    read: Callable[[World, str, Properties], Awaitable[Properties | None]]
    update: Callable[[World, str, Properties, Properties], Awaitable[Properties]]
    delete: Callable[[World, str, Properties], Awaitable[None]]
    outputs: Mapping[str, Lasts]
    secret: frozenset[str] = frozenset()

    @property
    def token(self) -> str:
        """Its type in Pulumi."""
        return f"inference:index:{self.name}"


async def _artifact_foretold(world: World, _olds: Properties, news: Properties, difference: Difference) -> str | None:
    if not difference.found or difference.replaces:
        return None
    place = f"{news.get('namespace') or world.namespace}/{news.get('name')}"
    return f"Artifact {place} is put right: {'; '.join(difference.found)}"


async def _artifact_updated(world: World, identifier: str, inputs: Properties, _olds: Properties) -> Properties:
    return await artifact.update(world, identifier, inputs)


def _lasting(for_good: str, with_the_version: str, a_moment: str) -> dict[str, Lasts]:
    names: tuple[tuple[str, Lasts], ...] = (
        (for_good, "for good"),
        (with_the_version, "with the version"),
        (a_moment, "a moment"),
    )
    return {name: lasts for listed, lasts in names for name in listed.split()}


ARTIFACT = Kind(
    name="Artifact",
    inputs=ArtifactInputs,
    check=artifact.check,
    diff=artifact.diff,
    found=artifact.found,
    foretell=_artifact_foretold,
    create=artifact.create,
    read=artifact.read,
    update=_artifact_updated,
    delete=artifact.delete,
    outputs=_lasting("createdAt incarnation", "versionId images", "version"),
    secret=frozenset({"secretEnv"}),
)
WORKLOAD = Kind(
    name="Workload",
    inputs=WorkloadInputs,
    check=workload.check,
    diff=workload.diff,
    found=workload.found,
    foretell=preview.plan_line,
    create=workload.create,
    read=workload.read,
    update=workload.update,
    delete=workload.delete,
    outputs=_lasting(
        "endpoint createdAt incarnation",
        "activeArtifactId activeProtonId revision images resolvedBundles hourlyCost",
        "status statusMessage candidateProtonIds rollout held readyReplicas updatedAt",
    ),
)
REPLACEMENT = Kind(
    name="Replacement",
    inputs=ReplacementInputs,
    check=replacement.check,
    diff=replacement.diff,
    found=replacement.found,
    foretell=replacement_plan.plan_line,
    create=replacement.create,
    read=replacement.read,
    update=replacement.update,
    delete=replacement.delete,
    outputs=_lasting(
        "incarnation token",
        "",
        "status message revision activeArtifactId candidateProtonIds previousProtonIds protonStatuses createdAt "
        "switchedAt updatedAt keepOldUntil",
    ),
)
#: Every resource, by its type in Pulumi.
KINDS: Mapping[str, Kind] = {kind.token: kind for kind in (ARTIFACT, WORKLOAD, REPLACEMENT)}
