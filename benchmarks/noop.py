"""What does a preview of 1,000 Workloads cost of which none has changed, beside what the engine takes by itself?

Ours: the wall time of `pulumi preview` of a program with 1,000 Workloads that run as it says. Beside it, in turns: the
same program, with the same inputs, on a provider that does nothing at all. WORKLOADS=20 makes it smaller.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Bound, Figure, Series, show
from benchmarks.ground import own_cluster, tell
from benchmarks.many import Many
from benchmarks.scale import LARGE, MEMORY_AIM, cleared_namespace, nodes_for
from benchmarks.spent import CommandFailed, Spent
from tools import toolchain
from tools.cluster import ClusterError
from tools.parts import MissingPartError

NAME, AIM = "noop", 1.3
#: Resources at once while the stacks are made; previews run as the engine has it by itself.
MAKING = 100


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    count, rounds = int(os.environ.get("WORKLOADS", "1000")), int(os.environ.get("ROUNDS", "7"))
    try:
        parts = toolchain.ensure()
        with (
            tempfile.TemporaryDirectory(prefix=f"bench-{NAME}-") as folder,
            own_cluster(NAME, nodes=nodes_for(count), flags=LARGE) as cluster,
            cleared_namespace(cluster) as namespace,
        ):
            stacks = {
                door: Many(Path(folder) / door, parts, cluster.kubeconfig, namespace, door=door, count=count).start()
                for door in ("plugin", "empty")
            }
            figure = measured(stacks["plugin"], stacks["empty"], rounds=rounds)
    except (ClusterError, MissingPartError, CommandFailed, subprocess.CalledProcessError) as error:
        tell(str(error))
        return 1
    show(figure)
    return 0


def measured(ours: Many, empty: Many, *, rounds: int) -> Figure:
    """Make both stacks, then preview them in turns."""
    made = [_made(stack) for stack in (ours, empty)]
    seen: list[Spent] = []
    floor: list[float] = []
    for number in range(1, rounds + 1):
        seen.append(_preview(ours))
        floor.append(_preview(empty).seconds)
        tell(f"{number} of {rounds}: {seen[-1].seconds:.2f} s, the engine alone {floor[-1]:.2f} s")
    return Figure(
        NAME,
        "s",
        Series(f"`pulumi preview` of {ours.count} unchanged Workloads", _seconds(seen)),
        Series("the same program on a provider that does nothing", floor),
        AIM,
        bounds=[
            Bound("plugin_peak_memory", max(each.peak for each in seen), "MiB", MEMORY_AIM),
            Bound("plugin_processor_time", Series("", [each.processor for each in seen]).median, "s"),
            Bound("made_in", made[0].seconds, "s"),
            Bound("engine_alone_made_in", made[1].seconds, "s"),
        ],
    )


def _seconds(spent: Iterable[Spent]) -> list[float]:
    return [each.seconds for each in spent]


def _made(stack: Many) -> Spent:
    spent = stack.measured("up", "--yes", "--skip-preview", f"--parallel={MAKING}")
    tell(f"{stack.door}: {stack.count} made in {spent.seconds:.0f} s")
    return spent


def _preview(stack: Many) -> Spent:
    return stack.measured("preview", "--expect-no-changes")


if __name__ == "__main__":
    sys.exit(main())
