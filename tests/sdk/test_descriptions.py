"""Whoever reads the schema, or an SDK made of it, finds a meaning, a unit and a default for everything."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from inference_provider.plugin.schema import schema

JSON = dict[str, Any]
#: A property whose name ends so has its unit in its description, too.
UNITS = {"Seconds": r"[Ss]econds", "Minutes": r"[Mm]inutes", "Percent": r"of 100|%"}
LANGUAGES = ("typescript", "python", "go", "yaml")


@cache
def document() -> JSON:
    """The schema, made once for all of these tests."""
    return schema()


def objects(package: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    """Every thing with properties: its place, itself, and its properties by name."""
    yield "provider", package["provider"], package["provider"]["inputProperties"]
    yield "config", package["provider"], package["config"]["variables"]
    for token, kind in package["types"].items():
        yield token, kind, kind.get("properties", {})
    for token, resource in package["resources"].items():
        yield token, resource, {**resource["inputProperties"], **resource["properties"]}
    for token, function in package.get("functions", {}).items():
        for side in ("inputs", "outputs"):
            yield f"{token} {side}", function, function.get(side, {}).get("properties", {})


def inputs(package: JSON) -> Iterator[tuple[str, JSON, set[str]]]:
    """What a program writes for resources: the place, its properties, and which of them are required."""
    reached: set[str] = set()
    for token, resource in package["resources"].items():
        yield token, resource["inputProperties"], set(resource["requiredInputs"])
        reached |= references(resource["inputProperties"], package["types"])
    for token in sorted(reached):
        kind = package["types"][token]
        yield token, kind.get("properties", {}), set(kind.get("required", []))


def references(value: object, types: JSON) -> set[str]:
    """The types that are used in there, and those that these use."""
    if isinstance(value, list):
        return {token for item in value for token in references(item, types)}
    if not isinstance(value, dict):
        return set()
    own = str(value.get("$ref", "")).removeprefix("#/types/")
    deeper = references(types[own], types) | {own} if own in types else set()
    return deeper | {token for item in value.values() for token in references(item, types)}


def test_everything_says_what_it_is_for() -> None:
    silent = [place for place, described, _ in objects(document()) if not described.get("description", "").strip()]
    silent += [
        f"{place}.{name}"
        for place, _, properties in objects(document())
        for name, spec in properties.items()
        if not spec.get("description", "").strip()
    ]

    assert silent == []


def test_every_word_of_a_fixed_list_says_what_it_means() -> None:
    silent = [
        f"{token}: {value['value']}"
        for token, kind in document()["types"].items()
        for value in kind.get("enum", [])
        if not value.get("description", "").strip()
    ]

    assert silent == [], "describe them in plugin/enumerations.py"


def test_what_may_be_left_out_says_what_happens_then() -> None:
    silent = [
        f"{place}.{name}"
        for place, properties, required in inputs(document())
        for name, spec in properties.items()
        if name not in required and not re.search(r"[Dd]efault|Not yet supported", spec["description"])
    ]

    assert silent == []


@pytest.mark.parametrize("ending", UNITS)
def test_a_number_says_its_unit(ending: str) -> None:
    measured = [
        (f"{place}.{name}", spec["description"])
        for place, _, properties in objects(document())
        for name, spec in properties.items()
        if name.endswith(ending)
    ]

    assert measured
    assert [place for place, words in measured if not re.search(UNITS[ending], words)] == []


def test_inputs_that_take_the_same_words_share_one_list() -> None:
    lists = [
        frozenset(value["value"] for value in kind["enum"]) for kind in document()["types"].values() if "enum" in kind
    ]

    assert len(lists) == len(set(lists))


def test_every_resource_has_an_example_in_every_language() -> None:
    for token, resource in document()["resources"].items():
        text = resource["description"]
        _, _, examples = text.partition("{{% examples %}}")
        assert examples.strip().endswith("{{% /examples %}}"), token
        assert re.findall(r"^```(\w+)$", examples, re.MULTILINE) == list(LANGUAGES), token
