"""The YAML example: known to the schema and right to the domain. Its language host is not to be had here."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from inference_provider.domain.faults import parse_artifact, parse_replacement, parse_workload
from inference_provider.resources.registry import ARTIFACT, REPLACEMENT, WORKLOAD, Kind
from tests.e2e.stack import ROOT
from tests.examples.yaml_program import filled, token, unknown

#: By name, because PyYAML (there through pulumi) comes without types.
yaml = importlib.import_module("yaml")
SCHEMA = json.loads((ROOT / "schema.json").read_text())
PROGRAM = yaml.safe_load((ROOT / "examples/replacement/Pulumi.yaml").read_text())
VERSION = "models/chat@0123456789ab"
#: What the engine would know of each resource.
TOLD = {"artifact.versionId": VERSION, "workload.id": "models/chat"}
OPTIONS = {"customTimeouts"}


def declared(kind: str) -> dict[str, Any]:
    """The properties of the program's only resource of that kind."""
    known = {**{name: said["default"] for name, said in PROGRAM["config"].items()}, **TOLD}
    (found,) = (each for each in PROGRAM["resources"].values() if token(each["type"]) == kind)
    properties = filled(found["properties"], known)
    assert isinstance(properties, dict)
    return properties


@pytest.mark.parametrize("kind", [ARTIFACT, WORKLOAD, REPLACEMENT], ids=lambda kind: kind.name)
def test_every_property_is_in_the_schema_with_its_type(kind: Kind) -> None:
    resource = SCHEMA["resources"][kind.token]
    properties = declared(kind.token)

    assert list(unknown(SCHEMA, resource["inputProperties"], properties, at=kind.name)) == []
    assert set(resource.get("requiredInputs", ())) <= set(properties)


def test_our_checks_take_it() -> None:
    assert parse_artifact(declared(ARTIFACT.token)).spec.primary_container.port == 8000
    assert parse_workload(declared(WORKLOAD.token)).replacement.driver == "external"
    assert parse_replacement(declared(REPLACEMENT.token)).traffic_switch == "atomic"


def test_every_output_is_one_that_the_schema_has() -> None:
    kinds = {name: token(each["type"]) for name, each in PROGRAM["resources"].items()}
    asked = [value.removeprefix("${").removesuffix("}").partition(".") for value in PROGRAM["outputs"].values()]

    assert asked
    for resource, _, output in asked:
        assert output in SCHEMA["resources"][kinds[resource]]["properties"]


def test_a_misspelt_property_a_wrong_type_and_a_wrong_word_would_be_found() -> None:
    wrong = {
        "containerGroups": [{"containers": [{"name": "vllm", "imagee": "x", "port": "8000", "primary": "yes"}]}],
        "storage": {"mode": "tape"},
    }
    spec = SCHEMA["types"]["inference:index:ArtifactSpec"]["properties"]

    assert list(unknown(SCHEMA, spec, wrong, at="spec")) == [
        "spec.containerGroups[0].containers[0].imagee does not exist",
        "spec.containerGroups[0].containers[0].port is '8000', not integer",
        "spec.containerGroups[0].containers[0].primary is 'yes', not boolean",
        "spec.storage.mode is 'tape', which is none of what it may be",
    ]


def test_every_example_has_a_readme_and_a_project() -> None:
    for folder in (each for each in (ROOT / "examples").iterdir() if each.is_dir()):
        assert (folder / "README.md").is_file(), folder.name
        assert folder.name == "quickstart" or (folder / "Pulumi.yaml").is_file(), folder.name


def test_a_project_that_uses_the_plugin_says_where_the_engine_finds_it() -> None:
    for project in (ROOT / "examples").glob("*/Pulumi.yaml"):
        said = yaml.safe_load(project.read_text())
        dynamic = project.parent.name == "ci"
        providers = said.get("plugins", {}).get("providers", [])
        assert [Path(each["path"]).name for each in providers] == ([] if dynamic else ["bin"]), project
