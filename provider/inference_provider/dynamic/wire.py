"""How what a program wrote (classes, dicts, Outputs, in Python's spelling) becomes what Pulumi sends.

Names of fields become camelCase by the *type* at that place, so keys of tags, annotations and HTTP headers stay as
they are. Values are not judged here: the provider's check does that, with all of them known.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

import pulumi

from inference_provider.domain.model import Input
from inference_provider.domain.sentences import unknown_field

Model = type[Input]
#: An input that only this door knows, and no part of the resource: whether the program was started for a preview.
PREVIEWING = "previewing"


def wire(model: Model, given: Mapping[str, object], *, of: str) -> dict[str, pulumi.Input[object]]:
    """The properties of a resource, by wire name; whatever is None is left out.

    ``of`` names the resource in errors. Raises Misplaced for a field that does not exist, and says which was meant.
    """
    return _fields(model, given, _Place(of))


class Misplaced(TypeError):
    """A field that does not exist, or the wrong class for it: the program's mistake, and none of ours."""


class _Place:
    """Where we are, as a program spells it."""

    def __init__(self, resource: str, path: str = "") -> None:
        self._resource, self._path = resource, path

    def field(self, name: str) -> "_Place":
        return _Place(self._resource, f"{self._path}.{name}" if self._path else name)

    def item(self, index: int) -> "_Place":
        return _Place(self._resource, f"{self._path}[{index}]")

    def wrong(self, reason: str) -> "Misplaced":
        return Misplaced(f"{self._resource}: {f'{self._path}: ' if self._path else ''}{reason}")


def _fields(model: Model, given: Mapping[str, object], place: _Place) -> dict[str, pulumi.Input[object]]:
    _refuse_unknown(model, given, place)
    return {
        field.alias or name: _translated(given[name], field.annotation, place.field(name))
        for name, field in model.model_fields.items()
        if given.get(name) is not None
    }


def _refuse_unknown(model: Model, given: Iterable[object], place: _Place) -> None:
    for name in given:
        if name not in model.model_fields:
            raise place.wrong(unknown_field(str(name), known=list(model.model_fields)))


def _translated(value: object, hint: object, place: _Place) -> object:
    """``value`` in its wire form; ``hint`` is the type that the domain gives this place."""
    model, listed = _model_at(hint)
    if model is None:
        return value
    if isinstance(value, pulumi.Output | Awaitable):
        return pulumi.Output.from_input(value).apply(lambda known: _translated(known, hint, place))
    if listed:
        return _translated_items(value, model, place)
    return _translated_struct(value, model, place)


def _translated_items(value: object, model: Model, place: _Place) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [_translated(item, model, place.item(index)) for index, item in enumerate(value)]


def _translated_struct(value: object, model: Model, place: _Place) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        if type(value).__name__ != f"{model.__name__}Args":
            raise place.wrong(f"takes {model.__name__}Args, not {type(value).__name__}")
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    return _fields(model, value, place) if isinstance(value, Mapping) else value


def _model_at(hint: object) -> tuple[Model | None, bool]:
    """The model that belongs at a place, if any, and whether the place holds a list of them."""
    if isinstance(hint, type) and issubclass(hint, Input):
        return hint, False
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _model_at(parts[0])
    if origin in (Union, UnionType):
        found = (_model_at(part) for part in parts)
        return next((each for each in found if each[0] is not None), (None, False))
    if origin is tuple:
        return _model_at(parts[0])[0], True
    return None, False
