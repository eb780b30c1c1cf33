"""What does one `pulumi up` of 200 Workloads take, beside `kubectl apply` and `kubectl wait` of the same objects?

Ours: the wall time of `pulumi up` (the CLI, the program, the engine's writing of its state, the plugin) until all of
them serve. Beside it, in turns, each in a fresh namespace: one `kubectl apply` of the very objects that the first run
made, and one `kubectl wait`. In the same runs: requests to the API server for each Workload, and the plugin's memory.
WORKLOADS=20 makes it smaller, ROUNDS=1 shorter.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.asked import KUBECTL, OURS, AuditLog, audit_flags
from benchmarks.figures import Bound, Figure, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, remove_namespace, tell
from benchmarks.many import Many
from benchmarks.plain_objects import applicable
from benchmarks.spent import CommandFailed, Spent
from inference_provider.cluster.client import Client
from tools import toolchain
from tools.cluster import Cluster, ClusterError
from tools.cluster.config import Flag
from tools.parts import MissingPartError

T = TypeVar("T")
NAME, AIM, MEMORY_AIM = "scale", 1.3, 150.0
#: GPUs of one simulated node.
PER_NODE = 8
#: The controllers' own limit (20 requests a second each) would be all that is measured: a large cluster raises it.
#: And each Workload takes two addresses of the range for Services, which has 254 otherwise.
LARGE = [
    Flag("kube-apiserver", "service-cluster-ip-range", "10.96.0.0/16"),
    Flag("kube-controller-manager", "kube-api-qps", "500"),
    Flag("kube-controller-manager", "kube-api-burst", "1000"),
    Flag("kube-scheduler", "kube-api-qps", "500"),
    Flag("kube-scheduler", "kube-api-burst", "1000"),
]


@dataclass
class Bench:
    """The cluster, the programs, a folder to work in, and how many Workloads. ``audit``: of the API server, if any."""

    cluster: Cluster
    parts: Path
    folder: Path
    count: int
    audit: AuditLog | None = None
    #: What one Workload cost in requests, by who made it.
    asked: dict[str, list[float]] = field(default_factory=dict)

    @property
    def objects(self) -> Path:
        """What kubectl applies."""
        return self.folder / "objects.json"

    def asked_by(self, sender: str, *, under: str) -> None:
        """Note what one round has asked."""
        if self.audit is not None:
            self.asked.setdefault(under, []).append(self.audit.since()[sender] / self.count)


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    count, rounds = int(os.environ.get("WORKLOADS", "200")), int(os.environ.get("ROUNDS", "3"))
    try:
        parts = toolchain.ensure()
        with tempfile.TemporaryDirectory(prefix=f"bench-{NAME}-") as folder:
            log, flags = audit_flags(Path(folder))
            with own_cluster(NAME, nodes=nodes_for(count), flags=[*flags, *LARGE]) as cluster:
                figure = measured(Bench(cluster, parts, Path(folder), count, AuditLog(log)), rounds=rounds)
    except (ClusterError, MissingPartError, CommandFailed, subprocess.CalledProcessError) as error:
        tell(str(error))
        return 1
    show(figure)
    return 0


def nodes_for(gpus: int) -> int:
    """How many nodes hold so many GPUs, and a few more."""
    return gpus // PER_NODE + 2


def measured(bench: Bench, *, rounds: int) -> Figure:
    """All rounds, in turns; the first of ours gives the objects, and the dynamic door runs once."""
    ours: list[Spent] = []
    theirs: list[float] = []
    for number in range(1, rounds + 1):
        ours.append(_up(bench, "plugin"))
        theirs.append(_kubectl_apply(bench))
        tell(f"{number} of {rounds}: {ours[-1].seconds:.1f} s, kubectl {theirs[-1]:.1f} s")
    dynamic = _up(bench, "dynamic")
    tell(f"through the dynamic door: {dynamic.seconds:.1f} s")
    return Figure(
        NAME,
        "s",
        Series(f"`pulumi up` of {bench.count} Workloads through the plugin", [each.seconds for each in ours]),
        Series("kubectl apply and kubectl wait of the same objects", theirs),
        AIM,
        beside=[Series("the same through the dynamic door", [dynamic.seconds])],
        bounds=[
            Bound("plugin_peak_memory", max(each.peak for each in ours), "MiB", MEMORY_AIM),
            Bound("dynamic_peak_memory", dynamic.peak, "MiB"),
            Bound("plugin_processor_time", Series("", [each.processor for each in ours]).median, "s"),
            *(
                Bound(f"requests_by_{name}", Series("", each).median, "a Workload")
                for name, each in bench.asked.items()
            ),
        ],
    )


def _up(bench: Bench, door: str) -> Spent:
    """One `pulumi up` in a fresh namespace."""
    with cleared_namespace(bench.cluster) as namespace:
        stack = Many(
            bench.folder / namespace,
            bench.parts,
            bench.cluster.kubeconfig,
            namespace,
            door=door,
            count=bench.count,
            parallel=bench.count,
        ).start()
        if bench.audit is not None:
            bench.audit.since()
        spent = stack.measured("up", "--yes", "--skip-preview")
        bench.asked_by(OURS, under=door)
        if not bench.objects.exists():
            text, count = asyncio.run(_with_client(bench.cluster, lambda client: applicable(client, namespace)))
            bench.objects.write_text(text)
            tell(f"the Workloads are {count} objects")
        return spent


def _kubectl_apply(bench: Bench) -> float:
    """Seconds for one apply and one wait."""
    with cleared_namespace(bench.cluster) as namespace:
        began = time.monotonic()
        kubectl(bench, namespace, "apply", f"--filename={bench.objects}")
        kubectl(bench, namespace, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=900s")
        seconds = time.monotonic() - began
    bench.asked_by(KUBECTL, under="kubectl")
    return seconds


def kubectl(bench: Bench, namespace: str, *arguments: str) -> None:
    """One call. Raises CalledProcessError."""
    where = [f"--kubeconfig={bench.cluster.kubeconfig}", f"--namespace={namespace}"]
    subprocess.run([str(bench.parts / "kubectl"), *where, *arguments], stdout=subprocess.DEVNULL, check=True)


@contextmanager
def cleared_namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace of one's own, gone without a trace afterwards, so that it disturbs no later round."""
    name = f"bench-{secrets.token_hex(4)}"
    asyncio.run(_with_client(cluster, lambda client: make_namespace(client, name)))
    yield name
    asyncio.run(_with_client(cluster, lambda client: remove_namespace(client, name)))


async def _with_client(cluster: Cluster, work: Callable[[Client], Awaitable[T]]) -> T:
    async with connected(cluster) as client:
        return await work(client)


if __name__ == "__main__":
    sys.exit(main())
