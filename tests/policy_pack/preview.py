"""Inputs as Pulumi's package for packs hands them over: whoever touches a value that is not known yet is stopped.

Its own proxies do the same; the package has an environment of its own, so only `tests/e2e/test_policy_pack.py` has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inference_provider.seam.unknowns import UNKNOWN


class NotKnownYet(Exception):
    """What is raised there. The rule is then said not to have run."""


class _Object(Mapping[str, Any]):
    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, key: str) -> object:
        return _touched(self._fields[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class _List(Sequence[Any]):
    def __init__(self, items: Sequence[Any]) -> None:
        self._items = items

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - as Sequence has it: an index, or a slice of them
        return _touched(self._items[index])

    def __len__(self) -> int:
        return len(self._items)


def in_preview(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same inputs, wrapped."""
    return _Object(inputs)


def _touched(value: object) -> object:
    if value == UNKNOWN:
        raise NotKnownYet
    if isinstance(value, dict):
        return _Object(value)
    return _List(value) if isinstance(value, list) else value
