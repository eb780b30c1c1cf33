"""What every input model has in common, and how its mistakes become sentences.

Each model reports all its mistakes at once: what pydantic finds in single fields, and what the model's own
``rules`` find between fields. Rules look at what was *given*, not at the validated model, so a misspelt field
in one place does not hide a broken rule in another.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import InitErrorDetails, PydanticCustomError

from inference_provider.domain.paths import Location
from inference_provider.domain.sentences import FAULT, sentence

#: Asked for the same few names with every object.
_snake = cache(to_snake)
#: One broken rule: where (relative to the model whose rule it is) and a sentence.
Broken = tuple[Location, str]


class Given:
    """What the user wrote for one model, before anything was checked; reading it never fails."""

    def __init__(self, value: object) -> None:
        if isinstance(value, BaseModel):
            value = value.model_dump(by_alias=True, exclude_unset=True)
        self._fields: Mapping[object, object] = value if isinstance(value, Mapping) else {}

    def get(self, name: str) -> object:
        """The value under the camelCase ``name`` (or its Python spelling), None when it was left out."""
        value = self._fields.get(name)
        return self._fields.get(_snake(name)) if value is None else value

    def has(self, name: str) -> bool:
        """Whether a value other than None was given."""
        return self.get(name) is not None

    def text(self, name: str) -> str | None:
        """The value when it is text, else None."""
        value = self.get(name)
        return value if isinstance(value, str) else None

    def child(self, name: str) -> "Given":
        """The nested object under ``name``, empty when there is none."""
        return Given(self.get(name))

    def is_amiss(self, name: str) -> bool:
        """Whether something was given where an object belongs; that is then its only fault."""
        return self.has(name) and not isinstance(self.get(name), Mapping | BaseModel)

    def is_empty(self, name: str) -> bool:
        """Whether an empty list was given."""
        value = self.get(name)
        return isinstance(value, Sequence) and not isinstance(value, str) and not value

    def children(self, name: str) -> list[tuple[int, "Given"]]:
        """The nested objects of the list under ``name``, each with its index; what is no object is none of them."""
        value = self.get(name)
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
        return [(index, Given(item)) for index, item in enumerate(items) if isinstance(item, Mapping | BaseModel)]


class Input(BaseModel):
    """Frozen base of everything a user writes: camelCase from Pulumi, Python names from our own code.

    Raises pydantic's ValidationError whose items all carry a finished sentence; ``faults.faults_of`` lists them.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
        defer_build=True,
    )

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """What is wrong *between* the fields of this model."""
        del given  # a model without rules of its own
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _all_mistakes_at_once(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return handler(data)
        known, spellings = _names(cls)
        rules = (
            cls.rules(Given(data)) if isinstance(data, Mapping) else ()
        )  # that it is no object is all there is to say
        problems = [_problem(location, reason) for location, reason in rules]
        try:
            valid = handler(_without_nulls(data, spellings))
        except ValidationError as error:
            said = {problem["loc"] for problem in problems}  # a rule about a field that is none knows where it belongs
            amiss = [each for each in error.errors() if each["type"] != "extra_forbidden" or each["loc"] not in said]
            found = [_problem(item["loc"], sentence(item, known=known)) for item in amiss]
            raise ValidationError.from_exception_data(cls.__name__, found + problems) from None
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return valid


@cache
def _names(model: type[BaseModel]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of a model's fields as Pulumi has them, and every way to write them. Asked for each nested object."""
    known = tuple(field.alias or name for name, field in model.model_fields.items())
    return known, frozenset((*known, *model.model_fields))


def _without_nulls(data: object, known: frozenset[str]) -> object:
    """A known field that is null counts as left out."""
    if not isinstance(data, Mapping):
        return data
    return {key: value for key, value in data.items() if value is not None or key not in known}


def _problem(location: Location, reason: str) -> InitErrorDetails:
    """An item of a ValidationError that carries our sentence and never the value itself."""
    return InitErrorDetails(type=PydanticCustomError(FAULT, "{reason}", {"reason": reason}), loc=location, input=None)
