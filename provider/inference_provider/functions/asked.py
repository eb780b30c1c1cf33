"""What have many questions in common? Which Workload is meant, and which page of a long answer."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field

from inference_provider.domain.fields import Namespace, Whole, WorkloadName
from inference_provider.domain.model import Input
from inference_provider.functions.function import Answer
from inference_provider.resources.world import World

T = TypeVar("T")


class Somewhere(Input):
    """A namespace."""

    namespace: Annotated[
        Namespace | None, Field(description="Namespace to look in. Default: that of the provider's configuration.")
    ] = None

    def place(self, world: World) -> str:
        """The namespace that is meant."""
        return self.namespace or world.namespace


class OfWorkload(Somewhere):
    """One Workload."""

    name: Annotated[WorkloadName, Field(description="Name of the Workload, as its output `name` has it.")]


class Paged(Input):
    """A part of a long answer."""

    offset: Annotated[Whole, Field(ge=0, description="How many entries are left out at the beginning. Default 0.")] = 0
    limit: Annotated[
        Whole | None, Field(ge=1, description="The most entries that are answered. Default: all of them.")
    ] = None

    def page(self, found: Sequence[T]) -> list[T]:
        """What is asked for of all that was found."""
        return list(found[self.offset : None if self.limit is None else self.offset + self.limit])

    def counted(self, found: Sequence[object]) -> dict[str, int | None]:
        """How much there is on the page and in all, and where the next page begins; for a ``Page``."""
        here = len(self.page(found))
        more = self.offset + here < len(found) and here > 0
        return {"count": here, "total_count": len(found), "next_offset": self.offset + here if more else None}


class Page(Answer):
    """How much of a long answer this is."""

    count: Annotated[int, Field(description="How many entries this answer has.")]
    total_count: Annotated[int, Field(description="How many there are in all, on every page.")]
    next_offset: Annotated[int | None, Field(description="`offset` of the next page; null on the last one.")]
