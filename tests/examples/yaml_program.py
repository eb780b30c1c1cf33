"""What does a Pulumi YAML program declare, and does our schema know all of it?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_WHOLE, _PART = re.compile(r"^\$\{([^}]+)}$"), re.compile(r"\$\{([^}]+)}")


def token(short: str) -> str:
    """``inference:Workload`` is short for ``inference:index:Workload``."""
    package, _, name = short.partition(":")
    return short if ":" in name else f"{package}:index:{name}"


def filled(value: object, known: Mapping[str, object]) -> object:
    """The value with each ``${…}`` replaced by what is known of it.

    Raises:
        KeyError: it names something that the program does not have.
    """
    match value:
        case str() if whole := _WHOLE.match(value):
            return known[whole.group(1)]
        case str():
            return _PART.sub(lambda found: str(known[found.group(1)]), value)
        case list():
            return [filled(each, known) for each in value]
        case dict():
            return {key: filled(each, known) for key, each in value.items()}
        case _:
            return value


def unknown(schema: Schema, inputs: Mapping[str, Any], value: Mapping[str, Any], *, at: str) -> Iterator[str]:
    """Where ``value`` has a property that is not among ``inputs``, or of another type, the nested ones too."""
    for key, each in value.items():
        if key not in inputs:
            yield f"{at}.{key} does not exist"
        else:
            yield from _unfit(schema, inputs[key], each, at=f"{at}.{key}")


def _unfit(schema: Schema, wanted: Mapping[str, Any], value: object, *, at: str) -> Iterator[str]:
    either = wanted.get("oneOf", ())
    named = [each for each in either if "$ref" in each]
    if named:  # text, but of these words: the schema lets both be said, so that languages may offer them by name
        either = named
    if either:
        if all(list(_unfit(schema, each, value, at=at)) for each in either):
            yield f"{at} is {value!r}, which is none of what it may be"
        return
    name = str(wanted.get("$ref", "")).removeprefix("#/types/")
    if name:
        yield from _unfit_type(schema, schema["types"][name], value, at=at)
    elif wanted["type"] == "array" and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unfit(schema, wanted["items"], each, at=f"{at}[{index}]")
    elif not isinstance(value, _PYTHON[wanted["type"]]) or (isinstance(value, bool) and wanted["type"] != "boolean"):
        yield f"{at} is {value!r}, not {wanted['type']}"


def _unfit_type(schema: Schema, named: Mapping[str, Any], value: object, *, at: str) -> Iterator[str]:
    if "enum" in named:
        if value not in [each["value"] for each in named["enum"]]:
            yield f"{at} is {value!r}, which is not one of its values"
    elif isinstance(value, dict):
        yield from unknown(schema, named["properties"], value, at=at)
        yield from (f"{at}.{key} is missing" for key in named.get("required", ()) if key not in value)
    else:
        yield f"{at} is {value!r}, not an object"


_PYTHON: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}
