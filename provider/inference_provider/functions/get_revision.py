"""What is all that is on record of one revision: what ran, with what, where, and how it went?"""

from typing import Annotated, Any

from pydantic import Field

from inference_provider.domain.fields import RevisionName
from inference_provider.domain.names import parse_revision
from inference_provider.functions.asked import OfWorkload
from inference_provider.functions.function import Answer, Function
from inference_provider.functions.get_revisions import RevisionInfo, told_of
from inference_provider.resources.revision import revision
from inference_provider.resources.world import World


class GetRevisionInputs(OfWorkload):
    """Which one."""

    revision: Annotated[RevisionName, Field(description="Its number, such as r7.")]


class ContainerInfo(Answer):
    """One container as recorded."""

    group: Annotated[str, Field(description="Its container group.")]
    name: Annotated[str, Field(description="Its name.")]
    image: Annotated[str, Field(description="Its image, by digest where it was pinned.")]
    command: Annotated[list[str] | None, Field(description="Its command; null: the image's own.")]
    args: Annotated[list[str] | None, Field(description="Its arguments; null: the image's own.")]
    primary: Annotated[bool, Field(description="Whether it answers the requests.")]


class WarmupInfo(Answer):
    """What the requests of a warm-up came to."""

    count: Annotated[int, Field(description="How many were sent.")]
    errors: Annotated[int, Field(description="How many of them failed.")]
    p50: Annotated[float | None, Field(description="Half of the answers came within so many seconds.")]
    p95: Annotated[float | None, Field(description="95 % of the answers came within so many seconds.")]
    first_error: Annotated[str | None, Field(description="What the first failure said.")]


class RevisionAnswer(RevisionInfo):
    """One record in full."""

    workload: Annotated[str, Field(description="The Workload's name.")]
    namespace: Annotated[str, Field(description="The Workload's namespace.")]
    actor: Annotated[str | None, Field(description="The Kubernetes user who asked for it.")]
    stack: Annotated[str | None, Field(description="The stack that asked for it.")]
    project: Annotated[str | None, Field(description="The Pulumi project that asked for it.")]
    resource_urn: Annotated[str | None, Field(description="The URN of the resource that asked for it.")]
    written_images: Annotated[dict[str, str], Field(description="Each image as written, and what it was pinned to.")]
    containers: Annotated[list[ContainerInfo], Field(description="What ran.")]
    spec: Annotated[dict[str, Any] | None, Field(description="The Artifact's content; null where it is not on record.")]
    runtime: Annotated[dict[str, Any] | None, Field(description="The runtime as the program had it.")]
    settings: Annotated[dict[str, Any] | None, Field(description="The `replacement` settings as the program had them.")]
    phases: Annotated[dict[str, str], Field(description="When each phase was entered (RFC 3339).")]
    places: Annotated[dict[str, Any] | None, Field(description="Node to its pods, its pool, and its GPUs' model.")]
    warm_up: Annotated[WarmupInfo | None, Field(description="What its warm-up came to; null without requests.")]


async def ask(world: World, asked: GetRevisionInputs) -> RevisionAnswer:
    """One record, also of a Workload that is gone. Raises NotFound with the numbers that there are instead."""
    found = await revision(world, asked.place(world), asked.name, parse_revision(asked.revision))
    more = {"resourceUrn": found.urn, "phases": dict(found.past.phases)}
    return RevisionAnswer.model_validate({**told_of(found), **more})


GET_REVISION = Function(
    name="getRevision",
    description="What is all that is on record of one revision, also of a Workload that is gone: what ran, with which "
    "runtime and settings, where, who asked for it, and how it went? Values of `secretEnv` are on no record.",
    arguments=GetRevisionInputs,
    answer=RevisionAnswer,
    ask=ask,
)
