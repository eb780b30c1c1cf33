"""What are the generators of SDKs told of the functions? What each takes and answers, made of its models."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from inference_provider.functions.function import Function
from inference_provider.functions.ids import IdsQuery
from inference_provider.functions.registry import FUNCTIONS

JSON = dict[str, Any]
#: A model's fields as the schema has properties; models inside of it become types.
Properties = Callable[[type[BaseModel]], JSON]


def functions(properties: Properties, always: Callable[[type[BaseModel]], list[str]]) -> JSON:
    """The schema's ``functions``. ``always`` names the fields of an answer that are never null."""
    return {token: _function(each, properties, always) for token, each in FUNCTIONS.items()}


def list_inputs(properties: Properties) -> JSON:
    """What every resource's ``listInputs`` are: how its List may be narrowed."""
    return _object(properties(IdsQuery), [])


def _function(
    function: Function[Any, Any], properties: Properties, always: Callable[[type[BaseModel]], list[str]]
) -> JSON:
    required = function.arguments.model_json_schema(by_alias=True).get("required", [])
    return {
        "description": function.description,
        "inputs": _object(properties(function.arguments), list(required)),
        "outputs": _object(properties(function.answer), always(function.answer)),
    }


def _object(properties: JSON, required: list[str]) -> JSON:
    return {"type": "object", "properties": properties, "required": sorted(required)}
