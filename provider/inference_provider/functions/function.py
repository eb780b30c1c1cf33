"""What is a function? A question that a program asks of the cluster, and the answer to it; nothing is changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from inference_provider.domain.faults import parse
from inference_provider.domain.model import Input
from inference_provider.resources.world import Properties, World

A = TypeVar("A", bound=Input)
T = TypeVar("T", bound=BaseModel)


class Answer(BaseModel):
    """Frozen base of answers. They are read out of what the command line prints as JSON, which may hold more."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True)


@dataclass(frozen=True)
class Function(Generic[A, T]):
    """One question: what it takes, what it answers, and who answers it. ``description`` is the schema's."""

    name: str
    description: str
    arguments: type[A]
    answer: type[T]
    ask: Callable[[World, A], Awaitable[T]]

    @property
    def token(self) -> str:
        """Its name in Pulumi."""
        return f"inference:index:{self.name}"

    async def answered(self, world: World, given: Properties) -> Properties:
        """The answer, in camelCase. Raises InputError with all that is wrong with what was given."""
        found = await self.ask(world, parse(self.arguments, given))
        return found.model_dump(by_alias=True)
