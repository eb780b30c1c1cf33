"""What has been done to a Workload so far: replacements, undos, promotions, and how did each end?"""

from typing import Annotated

from pydantic import Field

from inference_provider.domain.fields import Truth
from inference_provider.functions.asked import OfWorkload, Page, Paged
from inference_provider.functions.function import Answer, Function
from inference_provider.resources.history import Past
from inference_provider.resources.plain import plain
from inference_provider.resources.revision import history
from inference_provider.resources.world import World


class GetHistoryInputs(Paged, OfWorkload):
    """Whose."""

    deleted: Annotated[
        Truth,
        Field(
            description="Whether the Workloads of that name are meant that are gone (`retainHistory`). Default false."
        ),
    ] = False


class HistoryEntry(Answer):
    """One record in short."""

    revision: Annotated[str, Field(description="Its number, such as r7.")]
    kind: Annotated[str, Field(description="create, replacement, undo or promotion.")]
    phase: Annotated[str, Field(description="How far it is or got, as getReplacement's `status`.")]
    outcome: Annotated[str | None, Field(description="completed, errored or cancelled; null while it is open.")]
    artifact_id: Annotated[str | None, Field(description="The version that it is about.")]
    who: Annotated[str, Field(description="Who asked for it: a person whom CI names, or a user.")]
    commit: Annotated[str | None, Field(description="The commit that the program came from, where that is known.")]
    began: Annotated[str | None, Field(description="When it began (RFC 3339).")]
    switched: Annotated[str | None, Field(description="When traffic moved (RFC 3339).")]
    ended: Annotated[str | None, Field(description="When it ended (RFC 3339).")]
    seconds: Annotated[float | None, Field(description="How long it took, once it has ended.")]
    message: Annotated[str | None, Field(description="Why it came to nothing, or who promoted it.")]
    reason: Annotated[str | None, Field(description="Why somebody asked for it, in their words.")]
    previous: Annotated[str | None, Field(description="The revision that served before.")]
    back_to: Annotated[str | None, Field(description="The revision that an undo brought back.")]
    promotes: Annotated[str | None, Field(description="The revision that a promotion is about.")]
    version: Annotated[int | None, Field(description="The number that a promotion gave it.")]
    phases: Annotated[dict[str, str], Field(description="When each phase was entered (RFC 3339).")]
    deleted_at: Annotated[str | None, Field(description="When its Workload was deleted (RFC 3339).")]
    deleted_by: Annotated[str | None, Field(description="Who deleted its Workload.")]


class HistoryAnswer(Page):
    """A page of history."""

    history: Annotated[list[HistoryEntry], Field(description="Newest first.")]


async def ask(world: World, asked: GetHistoryInputs) -> HistoryAnswer:
    """All records. Raises NotFound with the names that there are instead."""
    found: tuple[Past, ...] = await history(world, asked.place(world), asked.name, deleted=asked.deleted)
    newest = found[::-1]
    return HistoryAnswer.model_validate({"history": plain(asked.page(newest)), **asked.counted(newest)})


GET_HISTORY = Function(
    name="getHistory",
    description="What has been done to a Workload so far: replacements, undos and promotions, who asked for each, how "
    "long it took, and how it ended? The newest 50 are kept, and those whose pods are there.",
    arguments=GetHistoryInputs,
    answer=HistoryAnswer,
    ask=ask,
)
