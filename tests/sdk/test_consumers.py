"""A program in each language is checked by that language's own checker, and all three ask the plugin for the same."""

import importlib
import re

import pytest

from inference_provider.functions.registry import FUNCTIONS
from inference_provider.resources.registry import KINDS, Kind
from tests.sdk import programs
from tests.sdk.programs import Asked

Json = dict[str, "Json"] | list["Json"] | str | float | bool | None

#: How a secret is marked on the wire, in all of Pulumi's languages.
_MARK, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


@pytest.fixture(scope="module")
def python_asked() -> Asked:
    return programs.python()


def test_the_python_program_is_well_typed_and_asks_for_what_the_provider_accepts(python_asked: Asked) -> None:
    ours = {name: inputs for name, inputs in python_asked.items() if inputs and name.split()[0] in KINDS}

    assert {name.split()[0] for name in ours} == set(KINDS)
    for name, inputs in ours.items():
        kind = KINDS[name.split()[0]]
        kind.inputs.model_validate(with_name(kind, name.split()[1], plain(inputs)))


def test_its_questions_are_those_that_the_provider_answers(python_asked: Asked) -> None:
    questions = {token: FUNCTIONS[token] for token in python_asked if token in FUNCTIONS}

    assert len(questions) == 3
    for token, function in questions.items():
        function.arguments.model_validate(plain(python_asked[token]))


def test_secrets_are_marked_before_they_leave_the_program(python_asked: Asked) -> None:
    assert python_asked["inference:index:Artifact chat"]["secretEnv"][_MARK] == _SECRET
    assert python_asked["pulumi:providers:inference cluster"]["kubeconfig"][_MARK] == _SECRET


def test_the_typescript_program_compiles_and_asks_for_the_same(python_asked: Asked) -> None:
    assert programs.typescript() == python_asked


def test_the_go_program_is_vetted_and_asks_for_the_same(python_asked: Asked) -> None:
    assert programs.go() == python_asked


@pytest.mark.parametrize("name", [kind.name.lower() for kind in KINDS.values()])
def test_the_yaml_example_asks_for_what_the_provider_accepts(name: str) -> None:
    document = importlib.import_module("yaml").safe_load(programs.examples("yaml")[name])

    assert document["runtime"] == "yaml"
    for key, resource in document["resources"].items():
        kind = KINDS[resource["type"].replace(":", ":index:")]
        kind.inputs.model_validate(with_name(kind, key, known(resource["properties"])))
    for reference in re.findall(r"\$\{(\w+)\.(\w+)\}", programs.examples("yaml")[name]):
        kind = KINDS[document["resources"][reference[0]]["type"].replace(":", ":index:")]
        assert reference[1] in {*kind.outputs, "id"}


def with_name(kind: Kind, name: str, inputs: Json) -> dict[str, Json]:
    """The inputs as Check completes them: a resource that takes a name has its own."""
    assert isinstance(inputs, dict)
    return {"name": name, **inputs} if "name" in kind.inputs.model_fields else {**inputs}


def plain(value: Json) -> Json:
    """The same without marks of secrets."""
    if isinstance(value, dict):
        return (
            plain(value["value"]) if value.get(_MARK) == _SECRET else {key: plain(item) for key, item in value.items()}
        )
    return [plain(item) for item in value] if isinstance(value, list) else value


def known(value: Json) -> Json:
    """The same with an id or a version where the YAML program refers to one."""
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value]
    return {"${chat.versionId}": "models/chat@0123456789ab", "${workload.id}": "models/chat"}.get(str(value), value)
