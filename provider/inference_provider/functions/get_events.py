"""What happened to a Workload, as Kubernetes and our records tell it?"""

from typing import Annotated

from pydantic import Field

from inference_provider.functions.asked import OfWorkload, Page, Paged
from inference_provider.functions.function import Answer, Function
from inference_provider.resources.events import events
from inference_provider.resources.plain import plain
from inference_provider.resources.world import World


class GetEventsInputs(Paged, OfWorkload):
    """Whose."""


class EventInfo(Answer):
    """One thing that happened."""

    at: Annotated[str, Field(description="When (RFC 3339); of one that was seen often, the last time.")]
    lasting: Annotated[bool, Field(description="True for our record; Kubernetes forgets its own after an hour.")]
    warning: Annotated[bool, Field(description="Whether something is wrong.")]
    about: Annotated[str, Field(description="A revision, or an object such as Pod/chat-r2-abc.")]
    reason: Annotated[str, Field(description="Kubernetes' word for it, or a phase.")]
    said: Annotated[str, Field(description="The same in a sentence.")]
    count: Annotated[int, Field(description="How often it was seen.")]


class EventsAnswer(Page):
    """A page of events."""

    events: Annotated[list[EventInfo], Field(description="Newest first.")]
    unseen: Annotated[list[str], Field(description="What we had no right to read, a sentence each.")]


async def ask(world: World, asked: GetEventsInputs) -> EventsAnswer:
    """Everything that is known to have happened. Raises NotFound with the names that there are instead."""
    found = await events(world, asked.place(world), asked.name)
    newest = found.happened[::-1]
    told = {"events": plain(asked.page(newest)), "unseen": plain(found.unseen)}
    return EventsAnswer.model_validate({**told, **asked.counted(newest)})


GET_EVENTS = Function(
    name="getEvents",
    description="What happened to a Workload? Kubernetes' events of the last hour among our records, which last.",
    arguments=GetEventsInputs,
    answer=EventsAnswer,
    ask=ask,
)
