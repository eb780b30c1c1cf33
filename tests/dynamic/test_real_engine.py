"""What only the real CLI can say: which URNs it gives, and that the root's Pulumi.yaml finds its environment."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = "example/server@sha256:" + "a" * 64
PROGRAM = f"""
import pulumi
from inference_provider.dynamic import Artifact, Workload

group = pulumi.ComponentResource("acme:index:Group", "g")
team = pulumi.ComponentResource("acme:index:Team", "t", None, pulumi.ResourceOptions(parent=group))
container = {{"name": "main", "image": "{IMAGE}", "primary": True, "port": 8000}}
artifact = Artifact("a", spec={{"container_groups": [{{"containers": [container]}}]}},
    opts=pulumi.ResourceOptions(parent=team))
Workload("inside", artifact_id=artifact.version_id, opts=pulumi.ResourceOptions(parent=team))
Workload("outside", artifact_id=artifact.version_id)
"""


def previewed(folder: Path, parts: Path, *, config: dict[str, str]) -> list[dict[str, str]]:
    """The inputs and URN of each of our resources in a first preview; no cluster is needed for one."""
    home, state = folder / "home", folder / "state"
    state.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{parts}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "provider"),
        "KUBECONFIG": "/nonexistent",
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }

    def pulumi(*arguments: str) -> str:
        call = [str(parts / "pulumi"), *arguments]
        done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("stack", "init", "dev")
    for key, value in config.items():
        pulumi("config", "set", key, value)
    steps = json.loads(pulumi("preview", "--json"))["steps"]
    states = [step["newState"] for step in steps if "dynamic/inference" in step["newState"]["type"]]
    return [{**state["inputs"], "urn": state["urn"]} for state in states]


def test_the_engine_gives_the_urns_that_we_computed(tmp_path: Path, toolchain_bin: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("{name: urns, runtime: python}")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    told = previewed(tmp_path, toolchain_bin, config={})

    assert [each["resourceUrn"] for each in told] == [each["urn"] for each in told]
    assert sorted(each["urn"].split("::")[2].count("$") for each in told) == [0, 2, 2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of a clone that the quickstart needs, with this Python's environment as its .venv."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    quickstart = tmp_path / "examples/quickstart"
    shutil.copytree(ROOT / "examples/quickstart", quickstart, symlinks=True)
    return tmp_path


def test_the_quickstart_runs_from_the_root(clone: Path, toolchain_bin: Path) -> None:
    told = previewed(clone, toolchain_bin, config={"image": IMAGE, "namespace": "team"})

    assert [each["name"] for each in told] == ["chat", "chat"]
    assert told[1]["artifactId"] == told[0]["versionId"]
    assert told[1]["endpoint"] == "http://chat.team.svc.cluster.local"
