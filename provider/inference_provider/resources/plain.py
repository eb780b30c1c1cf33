"""What does a program get of a value of ours? Its fields under the names that outputs have."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from pydantic.alias_generators import to_camel


def plain(value: object) -> object:
    """Objects, lists and texts as JSON has them: the fields of our own classes in camelCase.

    The keys of mappings, which may be anybody's, stay as they are.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {to_camel(each.name): plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
