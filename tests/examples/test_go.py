"""The Go example passes `go vet` against the SDK, and would not if it said something that is not there."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT
from tools.built import SDK, program, run
from tools.parts import MissingPartError

#: Its go.sum pins all that it is built from; nothing of Go's own is fetched.
SETTINGS = {"GOFLAGS": "-mod=mod", "GOWORK": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, with the SDK of this clone."""
    folder = tmp_path / "several-groups"
    shutil.copytree(ROOT / "examples/several-groups", folder)
    name = "github.com/pulumi-inference/pulumi-inference/sdk/go"
    run("the example", [program("go"), "mod", "edit", f"-replace={name}={SDK / 'go'}"], folder, **SETTINGS)
    return folder


def test_the_program_fits_the_sdk_and_a_misspelt_property_would_not(project: Path) -> None:
    wrong = project / "wrong"
    wrong.mkdir()
    text = (project / "main.go").read_text()
    (wrong / "main.go").write_text(text.replace("ReplicaCount:", "ReplicaKount:", 1))

    assert run("the example", [program("go"), "vet", "."], project, **SETTINGS) == ""
    with pytest.raises(MissingPartError, match="unknown field ReplicaKount"):
        run("the misspelt example", [program("go"), "vet", "./wrong"], project, **SETTINGS)
