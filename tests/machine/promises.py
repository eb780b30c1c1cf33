"""Does a preview lie? What it says of each resource's outputs before a run, held against what the run brings."""

from collections.abc import Callable, Collection, Mapping

from inference_provider.plugin.foreseen import foreseen_creation, foreseen_update
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from inference_provider.resources.world import Properties, World
from inference_provider.seam import inquiry
from inference_provider.seam.unknowns import UNKNOWN
from tests.machine.engine import Engine, Resource
from tests.machine.program import Program

_KINDS: Mapping[str, Kind] = {"artifact": ARTIFACT, "workload": WORKLOAD, "replacement": REPLACEMENT}


async def promised(
    engine: Engine, program: Program, world: Callable[[str], World], *, replace: Collection[str] = ()
) -> dict[str, Properties]:
    """By kind, the outputs that a preview gives, as the plugin makes them."""
    known: dict[str, Properties] = {}
    for declared in program.declared():
        old = engine.before(declared)
        forced = old is not None and (old.tainted or declared.kind in replace)
        given = {**declared.inputs(known), "resourceUrn": declared.urn}
        known[declared.kind] = await _foreseen(
            _KINDS[declared.kind], None if forced else old, given, world(declared.urn)
        )
    return {kind: {key: value for key, value in said.items() if key != "id"} for kind, said in known.items()}


async def _foreseen(kind: Kind, old: Resource | None, given: Properties, world: World) -> Properties:
    checked = await inquiry.checked(kind, world, old.inputs if old else {}, given)
    assert not checked.faults, checked.faults
    if old is None:
        return {**foreseen_creation(kind, checked.inputs), "id": UNKNOWN}
    difference = await inquiry.differing(kind, world, old.id, old.outputs, checked.inputs)
    if difference.replaces:
        return await _foreseen(kind, None, given, world)
    said = foreseen_update(kind, old.outputs, checked.inputs, difference) if difference.changes else old.outputs
    return {**said, "id": old.id}


def lies(engine: Engine, said: Mapping[str, Properties]) -> list[str]:
    """What a preview said for certain, and is not so."""
    return [
        f"the preview said {kind}.{key} is {value!r}, and it is {real.outputs.get(key)!r}"
        for kind, outputs in said.items()
        if (real := engine.find(kind)) is not None
        for key, value in outputs.items()
        if value != UNKNOWN and not _unknown_within(value) and real.outputs.get(key) != value
    ]


def _unknown_within(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_unknown_within, value.values()))
    return any(map(_unknown_within, value)) if isinstance(value, list) else value == UNKNOWN
