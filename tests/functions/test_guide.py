"""What docs/guides/functions.md shows can be asked: every function is in it, and no snippet says what there is not."""

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from inference_provider.domain.faults import parse
from inference_provider.functions.registry import FUNCTIONS

GUIDE = (Path(__file__).parents[2] / "docs/guides/functions.md").read_text()
NAMES = {each.name: each for each in FUNCTIONS.values()}


def blocks(language: str) -> list[str]:
    """The snippets of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_every_function_is_in_the_guide_and_shown_in_a_snippet() -> None:
    shown = {name for name, _ in spoken()} | {name for name, _ in written()}

    assert shown == set(NAMES)
    assert {name for name in NAMES if f"`{name}`" in GUIDE} == set(NAMES)


def spoken() -> Iterator[tuple[str, set[str]]]:
    """The calls of Python and TypeScript: function, and arguments in camelCase."""
    for block in blocks("python"):
        for name, given in re.findall(r"inference\.(\w+?)(?:_output)?\((.*?)\)", block):
            yield to_camel(name), {to_camel(each) for each in re.findall(r"(\w+)=", given)} - {"opts"}
    for block in blocks("typescript"):
        for name, given in re.findall(r"inference\.(\w+?)(?:Output)?\(\{(.*?)\}\)", block):
            yield name, set(re.findall(r"(\w+):", given))


def written() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The invocations of YAML: function and arguments."""
    yaml = importlib.import_module("yaml")  # by name, because PyYAML (there through pulumi) comes without types
    for block in blocks("yaml"):
        for variable in yaml.safe_load(block)["variables"].values():
            call = variable["fn::invoke"]
            yield call["function"].rpartition(":")[2], call["arguments"]


def test_no_call_names_an_argument_that_there_is_not() -> None:
    for name, given in spoken():
        assert given <= {field.alias for field in NAMES[name].arguments.model_fields.values()}, name


def test_every_yaml_snippet_would_be_accepted() -> None:
    calls = list(written())

    assert calls
    for name, given in calls:
        parse(NAMES[name].arguments, given)
