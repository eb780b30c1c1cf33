"""What does the core cost over plain objects, when 20 Workloads are created at once?

Ours: from connecting to the last of 20 Workloads reported as serving, through the core. Beside it, in turns, in a
namespace of its own: one `kubectl apply` of the very objects that the core had made, and one `kubectl wait` until
every Deployment is Available. What the API server alone can fill in (uids, and so owners) is left out of them.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, Series, show
from benchmarks.ground import connected, make_namespace, own_cluster, remove_namespace, tell, world_of
from benchmarks.model_server import artifact_version, workload_inputs
from benchmarks.plain_objects import applicable
from inference_provider.manifests.kinds import Body
from inference_provider.resources import workload
from inference_provider.resources.world import World
from tools import toolchain
from tools.cluster import Cluster, ClusterError
from tools.parts import MissingPartError

NAME, AIM = "create", 1.2
ROUNDS = 4
WORKLOADS, REPLICAS = 20, 2


@dataclass
class Times:
    """What was measured (s), one entry per round."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Kubectl:
    """The reference's program, and the cluster it speaks to."""

    program: Path
    kubeconfig: Path

    def run(self, namespace: str, *arguments: str) -> None:
        """One call. Raises CalledProcessError."""
        command = [self.program, f"--kubeconfig={self.kubeconfig}", f"--namespace={namespace}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    try:
        program = toolchain.ensure(["kubectl"]) / "kubectl"
        with own_cluster(NAME) as cluster, tempfile.TemporaryDirectory(prefix="bench-create-") as folder:
            times = asyncio.run(_measured(cluster, Kubectl(program, cluster.kubeconfig), Path(folder)))
    except (ClusterError, MissingPartError) as error:
        tell(str(error))
        return 1
    ours = Series(f"{WORKLOADS} Workloads through the core", times.ours)
    theirs = Series("kubectl apply and wait, the same objects", times.theirs)
    show(Figure(NAME, "s", ours, theirs, AIM))
    return 0


async def _measured(cluster: Cluster, kubectl: Kubectl, folder: Path) -> Times:
    times = Times()
    objects = folder / "objects.json"
    await _ours(cluster, "model", objects)  # warms both sides up, and gives the objects to apply
    await _theirs(cluster, kubectl, "warm-up", objects)
    for number in range(1, ROUNDS + 1):
        turns = [_one_of_ours(times, cluster, number), _one_of_theirs(times, cluster, kubectl, number, objects)]
        for turn in turns if number % 2 else reversed(turns):
            await turn
        tell(f"{number} of {ROUNDS}: {times.ours[-1]:.2f} s, kubectl {times.theirs[-1]:.2f} s")
    return times
