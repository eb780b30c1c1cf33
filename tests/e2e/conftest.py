"""A stack per test, on the session's cluster, in a namespace of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.doors import Doors, opened
from tests.e2e.stack import Stack
from tools.cluster import Cluster


@pytest.fixture
def stack(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the real CLI."""
    return Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace).start()


@pytest.fixture
def doors(tmp_path: Path, toolchain_bin: Path, simulated_cluster: Cluster) -> Iterator[Doors]:
    """A fresh stack of each door, for one story that is told through both."""
    with opened(tmp_path, toolchain_bin, simulated_cluster) as both:
        yield both


@pytest.fixture
def plugged(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the plugin door, whose program uses the generated SDK, as users' do."""
    return Stack(tmp_path / "stack", toolchain_bin, kubeconfig, namespace, door="plugin").start()


@pytest.fixture
def quickstart(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Stack:
    """A fresh stack of the repository's root project."""
    return Stack(tmp_path / "clone", toolchain_bin, kubeconfig, namespace, lean=False).start_quickstart()
