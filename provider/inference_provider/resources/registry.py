"""Which resources are there, and what does each of them do? The table of contents; every door opens from here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from inference_provider.domain.artifact import ArtifactInputs
from inference_provider.domain.explicit_replacement import ReplacementInputs
from inference_provider.domain.model import Input
from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.workload import WorkloadInputs
from inference_provider.resources import (
    artifact,
    births,
    imported,
    ours,
    policy,
    preview,
    replacement,
    replacement_plan,
    workload,
)
from inference_provider.resources.outputs import (
    ArtifactOutputs,
    Lasts,
    PolicyOutputs,
    ReplacementOutputs,
    Told,
    WorkloadOutputs,
)
from inference_provider.resources.world import Checked, Difference, Properties, World


class Check(Protocol):
    """Validate inputs and fill in what is known beforehand; ``unknown`` are paths that a preview does not know yet."""

    def __call__(
        self, world: World, olds: Properties, news: Properties, /, *, unknown: tuple[str, ...] = ()
    ) -> Awaitable[Checked]: ...


@dataclass(frozen=True)
class Kind:
    """One resource: its inputs, what it does, and what the stack is told of it.

    ``computed`` are inputs that check fills in, whatever was there.
    ``announced`` foretells its creation, where that changes what is there already; it gets what is not known yet.
    """

    name: str
    description: str
    inputs: type[Input]
    check: Check
    diff: Callable[[Properties, Properties], Difference]
    found: Callable[[World, str, Properties], Awaitable[tuple[str, ...]]]
    foretell: Callable[[World, Properties, Properties, Difference], Awaitable[str | None]]
    create: Callable[[World, Properties], Awaitable[tuple[str, Properties]]]
    read: Callable[[World, str, Properties], Awaitable[Properties | None]]
    update: Callable[[World, str, Properties, Properties], Awaitable[Properties]]
    delete: Callable[[World, str, Properties], Awaitable[None]]
    imported: Callable[[World, str], Awaitable[Properties | None]]
    ours: Callable[[World, str], Awaitable[bool]]
    told: type[Told]
    computed: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    announced: Callable[[World, Properties, tuple[str, ...]], Awaitable[str | None]] | None = None

    @property
    def token(self) -> str:
        """Its type in Pulumi."""
        return f"inference:index:{self.name}"

    @property
    def outputs(self) -> Mapping[str, Lasts]:
        """Its computed outputs, and how long each stays what it is."""
        return self.told.lasting()


async def _artifact_foretold(world: World, _olds: Properties, news: Properties, difference: Difference) -> str | None:
    if not difference.found or difference.replaces:
        return None
    place = f"{news.get('namespace') or world.namespace}/{news.get('name')}"
    return f"Artifact {place} is put right: {'; '.join(difference.found)}"


async def _artifact_updated(world: World, identifier: str, inputs: Properties, _olds: Properties) -> Properties:
    return await artifact.update(world, identifier, inputs)


ARTIFACT = Kind(
    name="Artifact",
    description="What should my model server run? Images, arguments, environment, probes: every content of it is a "
    "version. Give `versionId` to a Workload, not `id`: the id never changes, so nothing would ever roll.",
    inputs=ArtifactInputs,
    check=artifact.check,
    diff=artifact.diff,
    found=artifact.found,
    foretell=_artifact_foretold,
    create=artifact.create,
    read=artifact.read,
    update=_artifact_updated,
    delete=artifact.delete,
    imported=imported.artifact_inputs,
    ours=ours.artifact_is_ours,
    told=ArtifactOutputs,
    computed=frozenset({"versionId", "images"}),
    secret=frozenset({"secretEnv"}),
)
WORKLOAD = Kind(
    name="Workload",
    description="How do I serve a model and change it without an outage? A change of what runs rolls: the new version"
    " comes up beside the old one, is proven, and takes the traffic; `endpoint` stays. A new version that"
    " fails is removed, and the old one serves on.",
    inputs=WorkloadInputs,
    check=workload.check,
    diff=workload.diff,
    found=workload.found,
    foretell=preview.plan_line,
    create=workload.create,
    read=workload.read,
    update=workload.update,
    delete=workload.delete,
    imported=imported.workload_inputs,
    ours=ours.workload_is_ours,
    told=WorkloadOutputs,
    computed=frozenset({"endpoint"}),
    announced=births.announce,
)
REPLACEMENT = Kind(
    name="Replacement",
    description="How do I say when a Workload changes its version, apart from the Workload? Creating or changing a "
    "Replacement starts one and waits until the new version serves or, with manual promotion, is staged. "
    "The Workload says `replacement.driver: external`.",
    inputs=ReplacementInputs,
    check=replacement.check,
    diff=replacement.diff,
    found=replacement.found,
    foretell=replacement_plan.plan_line,
    create=replacement.create,
    read=replacement.read,
    update=replacement.update,
    delete=replacement.delete,
    imported=imported.replacement_inputs,
    ours=ours.replacement_is_ours,
    told=ReplacementOutputs,
    announced=replacement_plan.first_line,
)
POLICY = Kind(
    name="Policy",
    description="How do I say where, and on which hardware, models may run? A Policy counts for every Workload of its "
    "namespace that it chooses by `resourceTypes` and `labels`, and for those that name it. A version that it does not"
    " allow is never started; what runs already is left alone, and told of.",
    inputs=PolicyInputs,
    check=policy.check,
    diff=policy.diff,
    found=policy.found,
    foretell=policy.foretell,
    create=policy.create,
    read=policy.read,
    update=policy.update,
    delete=policy.delete,
    imported=imported.policy_inputs,
    ours=ours.policy_is_ours,
    told=PolicyOutputs,
    announced=policy.announce,
)
#: Every resource, by its type in Pulumi.
KINDS: Mapping[str, Kind] = {kind.token: kind for kind in (ARTIFACT, WORKLOAD, REPLACEMENT, POLICY)}
