"""What does the core cost over plain objects, when 20 Workloads are created at once?

Ours: from connecting to the last of 20 Workloads reported as serving, through the core. Beside it, in turns, each in
a fresh namespace: one `kubectl apply` of the very objects that the core had made, and one `kubectl wait` until every
Deployment is Available. What the API server alone can fill in (uids, and so owners) is left out of them.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, remove_namespace, tell, world_of
from benchmarks.model_server import artifact_version, workload_inputs
from benchmarks.plain_objects import applicable
from inference_provider.cluster.client import Client
from inference_provider.resources import workload
from tools import toolchain
from tools.cluster import Cluster, ClusterError
from tools.parts import MissingPartError

NAME, AIM = "create", 1.2
ROUNDS = 5
WORKLOADS, REPLICAS = 20, 2


@dataclass(frozen=True)
class Bench:
    """The cluster, the reference's program, and the file that it applies."""

    cluster: Cluster
    kubectl: Path
    objects: Path


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    try:
        kubectl = toolchain.ensure(["kubectl"]) / "kubectl"
        with own_cluster(NAME) as cluster, tempfile.TemporaryDirectory(prefix="bench-create-") as folder:
            ours, theirs = asyncio.run(_measured(Bench(cluster, kubectl, Path(folder) / "objects.json")))
    except (ClusterError, MissingPartError, subprocess.CalledProcessError) as error:
        tell(str(error))
        return 1
    reference = Series("kubectl apply and kubectl wait of the same objects", theirs)
    show(Figure(NAME, "s", Series(f"{WORKLOADS} Workloads created through the core", ours), reference, AIM))
    return 0


async def _measured(bench: Bench) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    await _ours(bench, "model")  # warms both sides up, and gives the objects to apply
    await _theirs(bench, "rehearsal")
    for number in range(1, ROUNDS + 1):
        if number % 2:
            ours.append(await _ours(bench, f"ours-{number}"))
            theirs.append(await _theirs(bench, f"theirs-{number}"))
        else:
            theirs.append(await _theirs(bench, f"theirs-{number}"))
            ours.append(await _ours(bench, f"ours-{number}"))
        tell(f"{number} of {ROUNDS}: {ours[-1]:.2f} s, kubectl {theirs[-1]:.2f} s")
    return ours, theirs


@asynccontextmanager
async def _fresh(bench: Bench, namespace: str) -> AsyncIterator[Client]:
    """A namespace of one's own, gone without a trace afterwards, and a client to prepare it with."""
    async with connected(bench.cluster) as client:
        await make_namespace(client, namespace)
        yield client
        await remove_namespace(client, namespace)


async def _ours(bench: Bench, namespace: str) -> float:
    """Seconds for all Workloads; the Artifact is there before."""
    async with _fresh(bench, namespace) as client:
        world = world_of(client, namespace)
        version = (await artifact_version(world, "server", number=0))["versionId"]
        names = [f"server-{number:02}" for number in range(WORKLOADS)]
        inputs = [await workload_inputs(world, name, version, replicas=REPLICAS, gpus=1) for name in names]
        began = time.perf_counter()
        async with connected(bench.cluster) as own:
            await asyncio.gather(*(workload.create(world_of(own, namespace), each) for each in inputs))
            took = time.perf_counter() - began
        if not bench.objects.exists():
            text, count = await applicable(client, namespace)
            bench.objects.write_text(text)
            tell(f"{WORKLOADS} Workloads are {count} objects")
        return took


async def _theirs(bench: Bench, namespace: str) -> float:
    """Seconds for one apply and one wait."""
    async with _fresh(bench, namespace):
        began = time.perf_counter()
        await _kubectl(bench, namespace, "apply", f"--filename={bench.objects}")
        await _kubectl(bench, namespace, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=120s")
        return time.perf_counter() - began


async def _kubectl(bench: Bench, namespace: str, *arguments: str) -> None:
    """One call. Raises CalledProcessError."""
    command = [str(bench.kubectl), f"--kubeconfig={bench.cluster.kubeconfig}", f"--namespace={namespace}", *arguments]
    running = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
    code = await running.wait()
    if code:
        raise subprocess.CalledProcessError(code, command)


if __name__ == "__main__":
    sys.exit(main())
