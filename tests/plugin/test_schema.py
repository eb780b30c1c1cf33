"""What the generators of SDKs are told: the committed copy is what the plugin answers, and Pulumi accepts it."""

import json
import os
import subprocess
from pathlib import Path

from inference_provider.plugin.schema import schema
from inference_provider.resources.registry import KINDS
from tools.schemagen import text

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_what_the_provider_says() -> None:
    assert (ROOT / "schema.json").read_text() == text(), "run `python -m tools.schemagen`"


def test_pulumi_itself_finds_no_fault_in_it(tmp_path: Path, toolchain_bin: Path) -> None:
    environment = {**os.environ, "PULUMI_HOME": str(tmp_path), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = [str(toolchain_bin / "pulumi"), "schema", "check", str(ROOT / "schema.json")]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def test_every_input_and_output_says_what_it_is_for() -> None:
    for token, resource in schema()["resources"].items():
        for name, spec in resource["properties"].items():
            assert spec.get("description"), f"{token}.{name}"


def test_every_resource_is_there_with_all_it_takes_and_tells() -> None:
    found = schema()["resources"]

    assert set(found) == set(KINDS)
    for token, kind in KINDS.items():
        inputs = {field.alias or name for name, field in kind.inputs.model_fields.items()}
        assert set(found[token]["inputProperties"]) == inputs
        assert set(found[token]["properties"]) == inputs | set(kind.outputs)


def test_an_enumeration_may_also_be_plain_text_and_every_reference_leads_somewhere() -> None:
    document = schema()
    references = {each for each in _references(document) if each.startswith("#/types/")}

    assert references <= {f"#/types/{token}" for token in document["types"]}
    assert {"type": "string"} in document["resources"]["inference:index:Workload"]["inputProperties"]["importance"][
        "oneOf"
    ]
    assert json.loads(text()) == document


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []
