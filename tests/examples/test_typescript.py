"""The TypeScript example compiles against the SDK, and would not if it said something that is not there."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT
from tools.built import node_packages, node_sdk, tsc


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example with its packages, as `npm install` lays them down."""
    folder = tmp_path / "autoscaling"
    shutil.copytree(ROOT / "examples/autoscaling", folder, ignore=shutil.ignore_patterns("node_modules", "bin"))
    modules = folder / "node_modules"
    modules.mkdir()
    (modules / "@pulumi-inference").symlink_to(node_sdk() / "node_modules/@pulumi-inference")
    for name in ("@pulumi", "@types"):
        (modules / name).symlink_to(node_packages() / "node_modules" / name)
    return folder


def test_the_program_fits_the_sdk_and_a_misspelt_property_would_not(project: Path) -> None:
    said = json.loads((project / "tsconfig.json").read_text())
    wrong = (project / "index.ts").read_text().replace("scalingMetric", "scalingMetrik", 1)
    (project / "wrong.ts").write_text(wrong)
    (project / "tsconfig.json").write_text(json.dumps({**said, "files": [*said["files"], "wrong.ts"]}))

    done = subprocess.run(
        [*tsc(), "-p", str(project), "--noEmit"], capture_output=True, text=True, timeout=300, check=False
    )

    faults = [line for line in done.stdout.splitlines() if "error" in line]
    assert [line.partition("(")[0].rpartition("/")[2] for line in faults] == ["wrong.ts"], done.stdout
    assert "'scalingMetrik' does not exist" in faults[0]
