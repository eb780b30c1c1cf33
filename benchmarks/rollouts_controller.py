"""How does Argo Rollouts' controller run beside a simulated cluster? As its own manifests run it, but for its ports.

One process with its defaults: all namespaces, leader election, 40 requests a second with bursts of 80. The controller
cannot be told an address, so its two small servers (metrics, health) listen on all of them while it runs.
"""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.ground import tell
from tools import toolchain
from tools.cluster import Cluster, ClusterError
from tools.parts import ARGO_ROLLOUTS_CRDS, ARGO_ROLLOUTS_VERSION

WHAT = f"Argo Rollouts {ARGO_ROLLOUTS_VERSION}"
PROGRAM = "rollouts-controller"
#: Where its manifests install it: the lock of its leader election lies there.
_HOME = "argo-rollouts"
#: Longest wait until it works, and between two looks (seconds). Its caches fill in less than a second.
_PATIENCE, _PAUSE = 60.0, 0.1


@dataclass(frozen=True)
class Programs:
    """The folder with what it takes: the controller, the files of its CRDs, and kubectl to apply them."""

    folder: Path

    @classmethod
    def had(cls) -> "Programs":
        """Found or built; the first build is told to who waits. Raises MissingPartError."""
        return cls(toolchain.ensure(["kubectl", PROGRAM], report=tell))


@contextlib.contextmanager
def controlling(programs: Programs, cluster: Cluster) -> Iterator[None]:
    """The controller works as long as the block lasts. Raises ClusterError when it does not come up."""
    _kubectl(programs, cluster, ["create", "namespace", _HOME])
    crds = [f"--filename={programs.folder / each.name}" for each in ARGO_ROLLOUTS_CRDS]
    _kubectl(programs, cluster, ["create", *crds])
    _kubectl(programs, cluster, ["wait", "--for=condition=Established", f"--timeout={_PATIENCE:.0f}s", *crds])
    health = _free_port()
    command = [str(programs.folder / PROGRAM), f"--kubeconfig={cluster.kubeconfig}", f"--healthzPort={health}"]
    log = cluster.folder / f"{PROGRAM}.log"
    with log.open("w") as output:
        running = subprocess.Popen(
            [*command, f"--metricsPort={_free_port()}"], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait(running, health, log)
        yield
    finally:
        running.kill()
        running.wait()


def _kubectl(programs: Programs, cluster: Cluster, arguments: Sequence[str]) -> None:
    """One call. Raises ClusterError."""
    command = [str(programs.folder / "kubectl"), f"--kubeconfig={cluster.kubeconfig}", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip()[-800:]
        raise ClusterError(f"{WHAT} could not be installed: `kubectl {' '.join(arguments[:2])}` said: {said}")


def _wait(running: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return when it says that it is well. Raises ClusterError."""
    deadline = time.monotonic() + _PATIENCE
    while not _is_well(port):
        ended = running.poll() is not None
        if ended or time.monotonic() > deadline:
            why = "ended" if ended else f"was not healthy within {_PATIENCE:.0f} s"
            raise ClusterError(f"The controller of {WHAT} {why}. Its last lines: {log.read_text().strip()[-800:]}")
        time.sleep(_PAUSE)


def _is_well(port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
