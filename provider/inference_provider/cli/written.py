"""What does a program get that asks for JSON? Everything that is known, under the names that outputs have."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

from pydantic.alias_generators import to_camel

from inference_provider.resources.status import Status


def as_json(value: object, *, on_one_line: bool = False) -> str:
    """Anything of ours; on one line where another follows."""
    return json.dumps(_plain(value), indent=None if on_one_line else 2, ensure_ascii=False)


def listed(statuses: Iterable[Status]) -> list[object]:
    """Many Workloads without their histories, which only a look at one reads whole."""
    rows = [_plain(each) for each in statuses]
    return [{key: item for key, item in row.items() if key != "records"} for row in rows if isinstance(row, dict)]


def _plain(value: object) -> object:
    """The fields of our own classes in camelCase; the keys of mappings, which may be anybody's, as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {to_camel(each.name): _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
