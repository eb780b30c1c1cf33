"""What does a refresh or an import find? Outputs and inputs as they are in the cluster."""

from dataclasses import dataclass

from inference_provider.domain.names import check_artifact_name, check_namespace, check_workload_name
from inference_provider.errors import Fault, InputError
from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Properties, World

#: No id is longer: both names are DNS labels.
_LONGEST = 128
#: An id of those that are no Workload's.
_EXAMPLES = {"Artifact": "models/llama", "Policy": "models/eu-only"}


@dataclass(frozen=True)
class Seen:
    """What is there. ``amiss`` is what an interrupted run or a foreign hand has left, which an update puts right."""

    outputs: Properties
    inputs: Properties
    amiss: tuple[str, ...] = ()


async def seen(kind: Kind, world: World, identifier: str, known: Properties, given: Properties) -> Seen | None:
    """Outputs and inputs as they are; without any given ones (`pulumi import`) they are made out of what is there.

    None only when it is definitely gone.
    """
    importing = not given
    if importing:
        found = await kind.imported(world, identifier)
        if found is None:
            return None
        given = found
    outputs = await kind.read(world, identifier, _as_asked(kind, known, given))
    if outputs is None:
        return None
    amiss = () if importing else await kind.found(world, identifier, outputs)
    return Seen(outputs, {key: outputs.get(key, value) for key, value in given.items()}, amiss)


def checked_id(kind: Kind, identifier: str) -> str:
    """An id that somebody may have typed (`pulumi import`). Raises InputError when it can be none of this resource."""
    namespace, _, name = identifier.partition("/")
    try:
        check_namespace(namespace)
        (check_artifact_name if kind.name in _EXAMPLES else check_workload_name)(name)
    except ValueError as error:
        example = _EXAMPLES.get(kind.name, "models/chat")
        whose = "its Workload's" if kind.name == "Replacement" else "its"
        why = str(error) if len(identifier) <= _LONGEST else "it is too long"
        said = f"{identifier[:_LONGEST]!r} cannot be the id of any {kind.name} ({why})"
        raise InputError([Fault("", f"{said}: write {whose} namespace/name, such as {example}")]) from None
    return identifier


def _as_asked(kind: Kind, known: Properties, given: Properties) -> Properties:
    """Outputs that repeat the inputs of the state. Those of a failed update repeat what it never came to do."""
    asked = {field.alias or name for name, field in kind.inputs.model_fields.items()}
    return {**{key: value for key, value in known.items() if key not in asked}, **given}
