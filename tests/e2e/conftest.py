"""A stack per test, on the session's cluster, in a namespace of its own."""

import os
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, Stack
from tests.support.installed import lay_down


@pytest.fixture
def stack(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the real CLI."""
    return Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace).start()


@pytest.fixture(params=["dynamic", "plugin"])
def either(
    request: pytest.FixtureRequest, tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str
) -> Stack:
    """A fresh stack of each door in turn: one suite for both."""
    return Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace, door=request.param).start()


@pytest.fixture
def plugged(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the plugin door."""
    return Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace, door="plugin").start()


@pytest.fixture
def with_sdk(plugged: Stack, tmp_path: Path) -> Stack:
    """The same, of a program that uses the generated SDK, as users' do."""
    importable = (ROOT / "provider", lay_down(tmp_path), ROOT)
    plugged.environment = {"PYTHONPATH": os.pathsep.join(map(str, importable))}
    plugged.door = "SDK"
    return plugged


@pytest.fixture
def quickstart(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the repository's root project."""
    return Stack(tmp_path / "clone", toolchain_bin, kubeconfig, namespace).start_quickstart()
