"""What does a program get that asks for `--json`? Everything a status holds, under the names that outputs have."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from pydantic.alias_generators import to_camel

from inference_provider.resources.status import Status


def as_json(status: Status) -> str:
    """One Workload as an object, with its whole history."""
    return _written(_camel(asdict(status)))


def listed_as_json(statuses: Iterable[Status]) -> str:
    """Many Workloads as a list; their histories are left out, which only a look at one reads whole."""
    rows = [asdict(each) for each in statuses]
    return _written([_camel({key: value for key, value in row.items() if key != "records"}) for row in rows])


def _written(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _camel(value: object) -> object:
    if isinstance(value, Mapping):
        return {to_camel(str(key)): _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list | tuple) else value
