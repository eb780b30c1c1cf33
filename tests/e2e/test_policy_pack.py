"""The policy pack under the real engine: what it refuses, and what it adds, through both doors at once."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import QUICK, workload
from tests.e2e.stack import ROOT, Stack
from tests.policy_pack.host import hosted, pulumi_policy

#: Both doors in one program; each has an Artifact and a Workload.
PROGRAM = """\
import json
import pathlib

import pulumi

from inference_provider import dynamic
from tests.e2e import door

said = json.loads(pathlib.Path("program.json").read_text())
for name, resources in (("dynamic", dynamic), ("plugin", door)):
    artifact = resources.Artifact(f"llama-{name}", **said["artifact"])
    resources.Workload(f"chat-{name}", artifact_id=artifact.version_id, **said["workload"])
"""
DOORS = ("dynamic", "plugin")


def test_x(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> None:
    stack = Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace).start()
    pack = hosted(tmp_path)
    importable = (ROOT / "provider", ROOT, pulumi_policy(), pack)
    stack.environment = {
        "PATH": os.pathsep.join((str(tmp_path), str(Path(__import__("sys").executable).parent), os.environ["PATH"])),
        "PYTHONPATH": os.pathsep.join(map(str, importable)),
    }
    (stack.folder / "__main__.py").write_text(PROGRAM)
    config = {
        "allowed-locations": {"locations": [{"type": "continent", "name": "eu"}]},
        "allowed-flavors": {"flavors": ["l4", "cpu"]},
        "required-tags": {"tags": ["team"]},
        "default-tags": {"tags": {"owner": "ml"}},
        "workload-cost": {"ceiling": 5, "prices": {"h100": 10}},
        "stack-cost": {"ceiling": 5, "prices": {"h100": 10}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    image = {"name": "vllm", "image": "example/vllm:v1", "primary": True, "port": 8000, "startup_probe": QUICK}
    bad: dict[str, Any] = {
        "artifact": {"spec": {"container_groups": [{"containers": [image]}]}},
        "workload": {**workload(), "importance": "critical", "replacement": {"surge": "recreate"}},
    }
    stack.declare(**bad)
    done = stack.preview("--policy-pack", str(pack), "--policy-pack-config", str(tmp_path / "config.json"))
    print(done.text)
    good: dict[str, Any] = {
        "artifact": {"spec": {"container_groups": [{"containers": [image | {"image": "example/vllm@sha256:" + "b"*64}]}]}, "status": "locked"},
        "workload": {**workload(2), "importance": "critical", "replacement": {"keep_old_version_minutes": 10}, "tags": {"team": "x"}},
    }
    config["allowed-locations"]["clusterRegion"] = "eu-west-1"
    config["allowed-flavors"]["flavors"].append("h100")
    config["workload-cost"]["ceiling"] = 50
    config["stack-cost"]["ceiling"] = 50
    (tmp_path / "config.json").write_text(json.dumps(config))
    stack.declare(**good)
    done = stack.up("--skip-preview", "--policy-pack", str(pack), "--policy-pack-config", str(tmp_path / "config.json"))
    print(done.text)
    for each in stack.resources():
        print(each["urn"], each.get("inputs", {}).get("tags"), each.get("outputs", {}).get("tags"), list(each.get("inputs", {})))
    assert 0
