"""What the engine, the generators of SDKs and Pulumi's registry are told of this package: one JSON document.

Made of the domain's models and the resources' outputs; schema.json is a copy of it. Format: Pulumi's package schema.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from pydantic import BaseModel

from inference_provider.domain.provider_settings import ENVIRONMENT, SECRET, ProviderSettings
from inference_provider.plugin import enumerations
from inference_provider.plugin.schema_functions import functions, list_inputs
from inference_provider.plugin.sdk_settings import languages
from inference_provider.resources.registry import KINDS, Kind

JSON = dict[str, Any]
_ANY = {"$ref": "pulumi.json#/Any"}
#: The dynamic door's types begin so. As an alias, it lets a program move here and keep what it has.
DYNAMIC = "pulumi-python:dynamic/inference"
#: What every resource answers by itself, so that no property may be called so.
_RESERVED = frozenset({"id", "urn"})


def schema() -> JSON:
    """The whole document, without a version: that is the package's."""
    types: JSON = {}
    offered = {kind.token: _resource(kind, types) for kind in KINDS.values()}
    told = functions(lambda model: _properties(model, types, without=frozenset()), lambda model: list(_always(model)))
    return {
        "name": "inference",
        "displayName": "Inference",
        "description": "GPU inference on Kubernetes as code: an update becomes a rolling replacement.",
        "keywords": ["pulumi", "kubernetes", "inference", "gpu", "category/infrastructure", "kind/native"],
        "license": "Apache-2.0",
        "config": {"variables": _configuration(types)},
        "provider": {
            "description": "The cluster that Workloads run in.",
            "inputProperties": _configuration(types),
        },
        "types": dict(sorted(types.items())),
        "resources": offered,
        "functions": told,
        "language": languages(),
    }


def _configuration(types: JSON) -> JSON:
    """The provider's own settings, with the environment variable that stands in for each."""
    found = _properties(ProviderSettings, types, secret=SECRET)
    for name, variable in ENVIRONMENT.items():
        found[name]["defaultInfo"] = {"environment": [variable]}
    return found


def _resource(kind: Kind, types: JSON) -> JSON:
    inputs = _properties(kind.inputs, types, secret=kind.secret)
    told = _properties(kind.told, types)
    document = kind.inputs.model_json_schema(by_alias=True)
    required = [name for name in document.get("required", []) if name != "name"]  # the resource's own name is taken
    always = [*required, *_always(kind.told)]
    return {
        "description": f"{kind.description}\n\n{example(kind.name)}",
        "inputProperties": inputs,
        "requiredInputs": sorted(required),
        "listInputs": list_inputs(lambda model: _properties(model, types)),
        "properties": {**inputs, **told},
        "required": sorted(always),
        "aliases": [{"type": f"{DYNAMIC}:{kind.name}"}],
    }


def example(name: str) -> str:
    """A resource's example in every language, in the form that Pulumi's generators pick their own language from."""
    return resources.files(__package__).joinpath("examples", f"{name.lower()}.md").read_text(encoding="utf-8")


def _always(told: type[BaseModel]) -> Iterator[str]:
    """The outputs that are never null."""
    for name, spec in told.model_json_schema(by_alias=True)["properties"].items():
        if not _may_be_null(spec):
            yield name


def _may_be_null(spec: JSON) -> bool:
    """Whether a field may be null: then no SDK may promise a value."""
    return any(option.get("type") == "null" for option in spec.get("anyOf", []))


def _properties(
    model: type[BaseModel], types: JSON, *, secret: frozenset[str] = frozenset(), without: frozenset[str] = _RESERVED
) -> JSON:
    """A model's fields as properties; the models and enumerations inside of it are added to ``types``."""
    document = model.model_json_schema(by_alias=True)
    for name, inner in document.get("$defs", {}).items():
        types.setdefault(_token(name), _object(name, inner, types))
    found = {name: _property(spec, f"{model.__name__}", name, types) for name, spec in document["properties"].items()}
    for name in secret:
        found[name]["secret"] = True
    return {name: spec for name, spec in found.items() if name not in without}


def _object(name: str, document: JSON, types: JSON) -> JSON:
    given: JSON = document.get("properties", {})
    properties = {key: _property(spec, name, key, types) for key, spec in given.items()}
    return {
        "type": "object",
        "description": document.get("description", ""),
        "properties": properties,
        "required": sorted(key for key in document.get("required", []) if not _may_be_null(given[key])),
    }


def _property(spec: JSON, owner: str, name: str, types: JSON) -> JSON:
    described = {"description": spec["description"]} if spec.get("description") else {}
    return {**_type(spec, f"{owner.removesuffix('Inputs')}{name[:1].upper()}{name[1:]}", types), **described}


def _type(spec: Mapping[str, Any], enumeration: str, types: JSON) -> JSON:
    """A JSON schema type as Pulumi writes it. An enumeration may also be plain text: pure ones break type checkers."""
    for union in ("anyOf", "oneOf"):
        if union in spec:
            options = [option for option in spec[union] if option.get("type") != "null"]
            if len(options) == 1:
                return _type(options[0], enumeration, types)
            return {"oneOf": [_type(option, enumeration, types) for option in options]}
    if "$ref" in spec:
        return {"$ref": f"#/types/{_token(spec['$ref'].rpartition('/')[2])}"}
    if "enum" in spec or "const" in spec:
        values = spec.get("enum") or [spec["const"]]
        described = enumerations.of(values)
        token = _token(described.name if described else enumeration)
        bare = {"type": "string", "enum": [{"value": value} for value in values]}
        types[token] = described.schema() if described else bare
        return {"type": "string", "oneOf": [{"type": "string"}, {"$ref": f"#/types/{token}"}]}
    match spec.get("type"):
        case "array":
            return {"type": "array", "items": _type(spec.get("items", {}), enumeration, types)}
        case "object":
            inside = spec.get("additionalProperties")
            return {
                "type": "object",
                "additionalProperties": _type(inside, enumeration, types) if isinstance(inside, Mapping) else _ANY,
            }
        case "string" | "integer" | "number" | "boolean" as plain:
            return {"type": plain}
        case _:
            return dict(_ANY)


def _token(name: str) -> str:
    return f"inference:index:{name}"
