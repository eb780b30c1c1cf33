"""How is a simulated cluster made, repaired and removed?"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from tools import toolchain
from tools.cluster.client import Answer, ApiError
from tools.cluster.config import CONTAINER_LOG, Flag, Ports, kwok_config
from tools.cluster.nodes import DEFAULT_NODES, NodeSpec, node_body
from tools.cluster.state import Cluster, ClusterError, cluster
from tools.parts import CLUSTER_PARTS
from tools.store import Report, locked

_PATIENCE = 60.0
"""Seconds until a cluster that does not come up is given up: ten times what it takes on two busy cores."""


def create(
    name: str,
    *,
    nodes: Sequence[NodeSpec] = DEFAULT_NODES,
    root: Path | None = None,
    flags: Sequence[Flag] = (),
    report: Report = lambda _: None,
) -> Cluster:
    """A running cluster of that name with ready nodes; one that runs already is kept, a dead one is repaired.

    ``flags`` are for its components when it is made anew.

    Raises:
        ClusterError: it does not come up.
        tools.parts.MissingPartError: one of its programs cannot be had.
    """
    wanted = cluster(name, root=root)
    binaries = toolchain.ensure(CLUSTER_PARTS, report=report)
    with _one_at_a_time(wanted, report):
        if not wanted.alive() and not _revived(wanted, binaries, report):
            _make(wanted, binaries, flags)
        _post_nodes(wanted, nodes)
        _wait(wanted, "its nodes are ready", lambda: _settled(wanted, nodes))
    return wanted


def delete(name: str, *, root: Path | None = None) -> bool:
    """Remove every process and file of the cluster; False when there was none."""
    unwanted = cluster(name, root=root)
    with _one_at_a_time(unwanted, lambda _: None):
        return _remove(unwanted)


def _one_at_a_time(wanted: Cluster, report: Report) -> AbstractContextManager[None]:
    path = wanted.root / "locks" / f"{wanted.name}.lock"
    return locked(path, busy=lambda: report(f"Another run is working on cluster {wanted.name}, waiting for that."))


def _revived(dead: Cluster, binaries: Path, report: Report) -> bool:
    """Start a cluster that was there again, with the objects it had, and say whether it is well."""
    if not dead.kubeconfig.exists():
        return False
    report(f"Cluster {dead.name} is not well, starting it again.")
    dead.kill()
    try:
        _kwokctl(dead, binaries, "start", "cluster", patience=20)
        _wait(dead, "it answers", dead.alive, patience=15)
    except ClusterError:
        return False
    return True


def _make(wanted: Cluster, binaries: Path, flags: Sequence[Flag]) -> None:
    _remove(wanted)
    wanted.folder.mkdir(parents=True)
    ports = _free_ports()
    logs = wanted.folder / "container.log"
    logs.write_text(CONTAINER_LOG)
    (wanted.folder / "ports.json").write_text(json.dumps(asdict(ports)))
    config = wanted.folder / "kwok.yaml"
    config.write_text(kwok_config(binaries, ports, logs, flags))
    _kwokctl(wanted, binaries, "create", "cluster", f"--config={config}", f"--kubeconfig={wanted.kubeconfig}")
    _wait(wanted, "it answers", wanted.alive)


def _remove(unwanted: Cluster) -> bool:
    there = unwanted.exists()
    unwanted.kill()
    shutil.rmtree(unwanted.work, ignore_errors=True)
    shutil.rmtree(unwanted.folder, ignore_errors=True)
    return there


def _kwokctl(wanted: Cluster, binaries: Path, *arguments: str, patience: float = _PATIENCE) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KWOK_")}
    environment |= {
        "KWOK_WORKDIR": str(wanted.root),
        "KUBECONFIG": str(wanted.kubeconfig),
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}",
        "GOGC": "400",  # its components collect garbage less often; each takes some hundred megabytes more
    }
    command = [str(binaries / "kwokctl"), *arguments, f"--name={wanted.name}"]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(_not_up(wanted, f"`kwokctl {' '.join(arguments[:2])}` took too long")) from None
    if done.returncode:
        raise ClusterError(_not_up(wanted, done.stderr.strip()[-800:]))


def _not_up(wanted: Cluster, why: str) -> str:
    return f"Cluster {wanted.name} did not come up: {why}. Its logs are in {wanted.work / 'logs'}."


def _wait(wanted: Cluster, until: str, holds: Callable[[], bool], *, patience: float = _PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise ClusterError(_not_up(wanted, f"waited {patience:.0f} s until {until}"))
        time.sleep(0.05)


def _post_nodes(wanted: Cluster, nodes: Sequence[NodeSpec]) -> None:
    client = wanted.client()
    for spec in nodes:
        try:
            client.request("POST", "/api/v1/nodes", body=node_body(spec))
        except ApiError as error:
            if error.status != 409:
                raise ClusterError(f"Node {spec.name} of cluster {wanted.name} was refused: {error}") from None


def _settled(wanted: Cluster, nodes: Sequence[NodeSpec]) -> bool:
    """Whether the wanted nodes take pods, and pods may be made at all."""
    client = wanted.client()
    try:
        listed = client.request("GET", "/api/v1/nodes")["items"]
        client.request("GET", "/api/v1/namespaces/default/serviceaccounts/default")
    except ApiError:
        return False
    ready = {node["metadata"]["name"] for node in listed if _takes_pods(node)}
    return {spec.name for spec in nodes} <= ready


def _takes_pods(node: Answer) -> bool:
    conditions = node["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions) and not node["spec"].get(
        "taints"
    )


def _free_ports() -> Ports:
    """Six ports below the range from which systems take ports for outgoing connections."""
    chosen: list[int] = []
    while len(chosen) < 6:
        candidate = 20_000 + secrets.randbelow(12_000)
        if candidate not in chosen and _is_free(candidate):
            chosen.append(candidate)
    return Ports(*chosen)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
