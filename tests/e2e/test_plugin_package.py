"""The plugin's tarball: the real CLI installs it, and takes it from there, with nothing but a bare Python beside it."""

import json
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack
from tools.plugin_package.pythons import own
from tools.plugin_package.tarball import pack

#: Far more than starting takes (seconds).
LONG = 30.0


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make plugin` packs it, for this Python only."""
    return pack(tmp_path_factory.mktemp("dist"))


def bare(folder: Path, *names: str) -> str:
    """A PATH on which Python has these names, and no plugin lies."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_the_cli_installs_it_and_it_serves_an_update_from_there(
    tarball: Path, tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str
) -> None:
    stack = Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace, door="plugin").start()
    stack = replace(stack, environment={"PATH": f"{bare(tmp_path / 'bin', 'python', 'python3')}:{toolchain_bin}"})
    (stack.folder / "Pulumi.yaml").write_text(json.dumps({"name": "shop", "runtime": "python"}))
    stack.declare(artifact=artifact(), workload=workload())
    assert "no resource plugin 'pulumi-resource-inference'" in stack.preview().text, "there is no other"
    version = tarball.name.split("-v")[1].split("-")[0]

    installed = stack.run("plugin", "install", "resource", "inference", version, "--file", str(tarball))

    assert installed.code == 0, installed.text
    done = stack.must_up("--skip-preview")
    assert not done.has("warning"), done.text
    assert stack.outputs()["revision"] == "r1"


def test_without_a_python_that_it_was_packed_for_it_says_so(tarball: Path, tmp_path: Path) -> None:
    with tarfile.open(tarball) as packed:
        packed.extractall(tmp_path, filter="data")
    (tmp_path / "pythons.py").write_text('SUITABLE = ("3.1",)\n')
    launcher, path = tmp_path / "pulumi-resource-inference", bare(tmp_path / "bin", "python3")

    other = _started(launcher, {"PATH": path})
    none = _started(launcher, {"PATH": path, "PULUMI_INFERENCE_PYTHON": "python-nowhere"})

    assert f"was packed for Python 3.1 and found none of them on PATH; {sys.executable} is {own()}" in other
    assert "there is no `python-nowhere` on PATH" in none


def _started(launcher: Path, environment: dict[str, str]) -> str:
    done = subprocess.run([launcher, "127.0.0.1:1"], env=environment, capture_output=True, timeout=LONG, check=False)
    assert done.returncode != 0
    assert not done.stdout, "the engine would take it for the port"
    return done.stderr.decode()
