"""How long do 200 replacements take that begin at once, when each new version loads for 20 seconds?

Ours: the wall time of one `pulumi up` that changes the image of 200 Workloads: 200 new versions come up beside the old
ones, are proven, and take the traffic. The engine is told to work on all of them at once (`--parallel`); by itself it
works on four for each processor, and the others wait. There are GPUs for three versions, so that nobody waits for
room: the one that serves, the one before it, which is kept, and the new one. Beside it: `kubectl apply` of 200 new
Deployments that load as long, and `kubectl wait`. WORKLOADS=20 makes it smaller, ROUNDS=1 shorter.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Bound, Figure, Series, show
from benchmarks.ground import own_cluster, tell
from benchmarks.many import Many
from benchmarks.scale import LARGE, MEMORY_AIM, Bench, cleared_namespace, kubectl, nodes_for
from benchmarks.spent import CommandFailed, Spent
from inference_provider.manifests.kinds import DEPLOYMENT
from inference_provider.manifests.labels import REVISION
from tools import toolchain
from tools.cluster import ClusterError
from tools.parts import MissingPartError

NAME = "waits"
#: How long a version loads (simulated), and what may come on top of that, in seconds.
LOAD, MARGIN = 20.0, 10.0


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    count, rounds = int(os.environ.get("WORKLOADS", "200")), int(os.environ.get("ROUNDS", "3"))
    try:
        parts = toolchain.ensure()
        with (
            tempfile.TemporaryDirectory(prefix=f"bench-{NAME}-") as folder,
            own_cluster(NAME, nodes=nodes_for(3 * count), flags=LARGE) as cluster,
        ):
            figure = measured(Bench(cluster, parts, Path(folder), count), rounds=rounds, load=LOAD)
    except (ClusterError, MissingPartError, CommandFailed, subprocess.CalledProcessError) as error:
        tell(str(error))
        return 1
    show(figure)
    return 0


def measured(bench: Bench, *, rounds: int, load: float) -> Figure:
    """Make the Workloads, then replace them again and again."""
    ours: list[Spent] = []
    theirs: list[float] = []
    with cleared_namespace(bench.cluster) as namespace:
        stack = Many(
            bench.folder / namespace,
            bench.parts,
            bench.cluster.kubeconfig,
            namespace,
            door="plugin",
            count=bench.count,
            parallel=bench.count,
        ).start()
        stack.measured("up", "--yes", "--skip-preview")
        for number in range(1, rounds + 1):
            ours.append(stack.roll(load=f"{load:g}s").measured("up", "--yes", "--skip-preview"))
            tell(f"{number} of {rounds}: {ours[-1].seconds:.1f} s")
        bench.objects.write_text(_deployments(bench, namespace, revision=f"r{rounds + 1}"))
    for _ in range(rounds):
        theirs.append(_kubectl_apply(bench))
        tell(f"kubectl: {theirs[-1]:.1f} s")
    return Figure(
        NAME,
        "s",
        Series(f"{bench.count} replacements in one `pulumi up`, each new version loads {load:g} s", _seconds(ours)),
        Series("the load alone", [load]),
        (load + MARGIN) / load,
        beside=[Series(f"kubectl apply and wait of {bench.count} new Deployments that load as long", theirs)],
        bounds=[
            Bound("plugin_peak_memory", max(each.peak for each in ours), "MiB", MEMORY_AIM),
            Bound("plugin_processor_time", Series("", [each.processor for each in ours]).median, "s"),
        ],
    )


def _seconds(spent: list[Spent]) -> list[float]:
    return [each.seconds for each in spent]


def _deployments(bench: Bench, namespace: str, *, revision: str) -> str:
    """The Deployments of one revision as they are, as a file for `kubectl apply`."""
    client = bench.cluster.client()
    chosen = f"labelSelector={REVISION}%3D{revision}"
    found = client.request("GET", f"/apis/apps/v1/namespaces/{namespace}/deployments?{chosen}")["items"]
    bodies = [
        {
            "apiVersion": DEPLOYMENT.api_version,
            "kind": DEPLOYMENT.name,
            "metadata": {"name": each["metadata"]["name"], "labels": each["metadata"]["labels"]},
            "spec": each["spec"],
        }
        for each in found
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})


def _kubectl_apply(bench: Bench) -> float:
    with cleared_namespace(bench.cluster) as namespace:
        began = time.monotonic()
        kubectl(bench, namespace, "apply", f"--filename={bench.objects}")
        kubectl(bench, namespace, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=900s")
        return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
