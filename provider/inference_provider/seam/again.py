"""Are these inputs still those that check answered with? A policy pack may have changed them since.

The engine lets policy packs put inputs right after check, and does not check again: what they wrote was never
validated, and what check had made of the old values (an Artifact's version, a Workload's address) is stale.
"""

from collections.abc import Mapping

from inference_provider.errors import Fault, InputError
from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Checked, Properties, World
from inference_provider.seam import inquiry

_WHOSE = "it was changed after it had been checked, as policy packs do"


class Answers:
    """By URN, the inputs with which check answered last."""

    def __init__(self) -> None:
        self._given: dict[str, object] = {}

    def remember(self, urn: str, found: Checked) -> None:
        """What the engine was told; where it was told of faults, it goes no further."""
        self._given.pop(urn, None)
        if urn and not found.faults:
            self._given[urn] = _as_it_travels(found.inputs)

    def changed(self, urn: str, inputs: Properties) -> bool:
        """Whether somebody has changed them on their way; no, where this process was not asked to check them."""
        return urn in self._given and self._given[urn] != _as_it_travels(inputs)


async def checked_again(kind: Kind, world: World, *, olds: Properties, inputs: Properties) -> Properties:
    """The inputs validated, and what check fills in filled in anew. Raises InputError.

    ``olds`` are the outputs of the last run: an image that was resolved before keeps its digest.
    """
    images = {**_object(olds.get("images")), **_object(inputs.get("images"))}
    said = {key: value for key, value in inputs.items() if key not in kind.computed}
    found = await inquiry.checked(kind, world, {**olds, "images": images}, said)
    if found.faults:
        raise InputError([Fault(each.path, f"{each.reason} ({_WHOSE})") for each in found.faults])
    return found.inputs


def _as_it_travels(value: object) -> object:
    """Without nulls, which the engine drops."""
    if isinstance(value, Mapping):
        return {key: _as_it_travels(item) for key, item in value.items() if item is not None}
    return [_as_it_travels(item) for item in value] if isinstance(value, list | tuple) else value


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
