"""A stack per test, on the session's cluster, in a namespace of its own."""

from pathlib import Path

import pytest

from tests.e2e.stack import Stack


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
def quickstart(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the repository's root project."""
    return Stack(tmp_path / "clone", toolchain_bin, kubeconfig, namespace).start_quickstart()
