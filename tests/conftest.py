"""What tests share: the real parts, one simulated cluster per session, a namespace per test, a real registry."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.namespaces import fresh_namespace
from tests.support.order import dealt
from tests.support.registry import LocalRegistry, running_registry
from tools import toolchain
from tools.cluster import Cluster, create, delete, names

_PREFIX = "pytest-"

# The same examples in every run, on a machine that may be busy: a red run tells of a change, not of luck.
# OTHER_EXAMPLES=1 is for whoever looks for more.
settings.register_profile("the same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("others" if "OTHER_EXAMPLES" in os.environ else "the same")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers share the tests, each begins with long ones."""
    told: dict[str, int] | None = getattr(config, "workerinput", None)
    if told is not None:
        items[:] = dealt(items, told["workercount"])


@pytest.fixture(scope="session")
def toolchain_bin() -> Path:
    """The folder with every real part; what is missing is built first."""
    return toolchain.ensure(report=_tell)


@pytest.fixture(scope="session")
def simulated_cluster(toolchain_bin: Path) -> Iterator[Cluster]:
    """This session's own simulated cluster."""
    assert toolchain_bin.is_dir()
    _remove_leftovers()
    name = f"{_PREFIX}{os.getpid()}"
    try:
        yield create(name)
    finally:
        delete(name)


@pytest.fixture(scope="session")
def kubeconfig(simulated_cluster: Cluster) -> Path:
    """The kubeconfig of this session's cluster."""
    return simulated_cluster.kubeconfig


@pytest.fixture
def namespace(simulated_cluster: Cluster) -> Iterator[str]:
    """A fresh namespace of this session's cluster."""
    with fresh_namespace(simulated_cluster.client()) as name:
        yield name


@pytest.fixture(scope="session")
def registry(toolchain_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRegistry]:
    """A real, empty OCI registry on loopback."""
    with running_registry(toolchain_bin / "registry", tmp_path_factory.mktemp("registry")) as running:
        yield running


def _remove_leftovers() -> None:
    """Clusters of sessions that were killed: their names carry the number of a process that is gone."""
    for name in names():
        owner = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and owner.isdigit() and not _runs(int(owner)):
            delete(name)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
