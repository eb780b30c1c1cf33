"""Where does a simulated cluster keep its files, and which processes are its own?"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.client import ApiClient
from tools.cluster.config import Ports
from tools.store import cache_root

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")


class ClusterError(Exception):
    """A simulated cluster could not be made, asked or removed; the message says what to look at."""


@dataclass(frozen=True)
class Cluster:
    """One simulated cluster, there or not."""

    name: str
    root: Path
    """Everything of all clusters; kwokctl's own files are under `root/clusters/<name>`."""

    @property
    def folder(self) -> Path:
        """Our own files of this cluster."""
        return self.root / "sim" / self.name

    @property
    def kubeconfig(self) -> Path:
        """The cluster's own kubeconfig; nobody else's is ever touched."""
        return self.folder / "kubeconfig"

    @property
    def work(self) -> Path:
        """kwokctl's files: pids, logs, certificates, etcd's data."""
        return self.root / "clusters" / self.name

    def client(self) -> ApiClient:
        """Requests to its API server as administrator."""
        return ApiClient(self.ports().api, self.work / "pki")

    def ports(self) -> Ports:
        """The ports chosen when it was made.

        Raises:
            ClusterError: there is no such cluster.
        """
        try:
            return Ports(**json.loads((self.folder / "ports.json").read_text()))
        except (OSError, ValueError, TypeError):
            raise ClusterError(
                f"There is no simulated cluster {self.name!r}. Make it with `python3 -m tools.cluster create "
                f"--name {self.name}`."
            ) from None

    def exists(self) -> bool:
        """Whether anything of it is there, alive or dead."""
        return self.folder.exists() or self.work.exists()

    def processes(self) -> dict[str, int]:
        """Its living components and their process ids."""
        return {name: pid for name in COMPONENTS if (pid := self._pid(name)) and self._is_ours(pid)}

    def alive(self) -> bool:
        """Whether every component runs and the API server is ready."""
        if len(self.processes()) != len(COMPONENTS) or not self.kubeconfig.exists():
            return False
        return self.client().ready()

    def kill(self) -> None:
        """End its processes and wait until they are gone.

        Their pid files go too, so that nobody signals a stranger who gets such a number later.
        """
        for name, pid in self.processes().items():
            _signal(pid, signal.SIGTERM if name == "etcd" else signal.SIGKILL)
        deadline = time.monotonic() + 5
        while self.processes():
            if time.monotonic() > deadline:
                for pid in self.processes().values():
                    _signal(pid, signal.SIGKILL)
            time.sleep(0.02)
        for name in COMPONENTS:
            self._pid_file(name).unlink(missing_ok=True)

    def _pid_file(self, component: str) -> Path:
        return self.work / "pids" / f"{component}.pid"

    def _pid(self, component: str) -> int | None:
        try:
            return int(self._pid_file(component).read_text())
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        """Every component has a path of this cluster's folder among its arguments."""
        return f"{self.work}{os.sep}" in command_line(pid)


def command_line(pid: int) -> str:
    """What a process was started with; empty when it is gone, or dead and not yet collected."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    command = [shutil.which("ps") or "/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def cluster(name: str, *, root: Path | None = None) -> Cluster:
    """The cluster of that name, there or not.

    Raises:
        ClusterError: the name is not made of lower-case letters, digits and dashes.
    """
    if not _NAME.fullmatch(name):
        raise ClusterError(
            f"A cluster's name has 1 to 42 lower-case letters, digits and inner dashes; {name!r} is not one."
        )
    return Cluster(name, root or cache_root() / "kwok")


def names(*, root: Path | None = None) -> list[str]:
    """Every cluster that left anything on this machine."""
    base = root or cache_root() / "kwok"
    folders = [*(base / "sim").glob("*"), *(base / "clusters").glob("*")]
    return sorted({folder.name for folder in folders if folder.is_dir() and _NAME.fullmatch(folder.name)})


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
