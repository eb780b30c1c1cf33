"""How does the pack's configuration of a rule become its settings, and how is Pulumi told what can be set?"""

from collections.abc import Mapping
from typing import TypeVar

from inference_policies.subjects import plain
from inference_provider.domain.faults import parse
from inference_provider.domain.model import Input

#: Settings are checked as a program's inputs are: misspelt names are refused, all mistakes are said at once.
Settings = Input
S = TypeVar("S", bound=Settings)


def read(model: type[S], given: object) -> S:
    """The settings. Raises InputError with a sentence for each mistake."""
    said = plain(given)
    return parse(model, said if isinstance(said, dict) else {})


def schema(model: type[Settings]) -> dict[str, dict[str, object]]:
    """JSON Schema of each setting, as the CLI checks a configuration by it before anything runs."""
    whole = model.model_json_schema()
    definitions = whole.get("$defs", {})
    return {
        name: {key: _resolved(value, definitions) for key, value in each.items() if value is not None}
        for name, each in whole["properties"].items()
    }


def _resolved(value: object, definitions: Mapping[str, object]) -> object:
    """Without references: the CLI is given single properties, and no place where it could look them up."""
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str):
            return _resolved(definitions[reference.rpartition("/")[2]], definitions)
        return {str(key): _resolved(each, definitions) for key, each in value.items()}
    return [_resolved(each, definitions) for each in value] if isinstance(value, list) else value
