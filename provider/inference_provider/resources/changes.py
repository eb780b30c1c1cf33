"""Which properties differ between two sets of inputs, by Pulumi's property paths."""

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from pydantic import BaseModel

from inference_provider.domain.paths import inside


def shown(model: BaseModel) -> dict[str, object]:
    """A model's canonical inputs: defaults filled in, amounts in one spelling, secrets still hidden."""
    return model.model_dump(mode="python", by_alias=True)


def changed_paths(old: object, new: object, path: str = "") -> list[str]:
    """The paths of all leaves that differ; a list that grew or shrank names the items that came or went."""
    if old == new:
        return []
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted({*old, *new})
        return [found for key in keys for found in changed_paths(old.get(key), new.get(key), inside(path, str(key)))]
    if _is_list(old) and _is_list(new):
        return _changed_items(list(old), list(new), path)
    return [path]


def _changed_items(old: list[object], new: list[object], path: str) -> list[str]:
    longest = max(len(old), len(new))
    padded = zip(old + [None] * (longest - len(old)), new + [None] * (longest - len(new)), strict=True)
    return [
        found for index, (one, other) in enumerate(padded) for found in changed_paths(one, other, f"{path}[{index}]")
    ]


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
