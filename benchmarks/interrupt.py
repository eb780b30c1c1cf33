"""Does one more `pulumi up` mend whatever interrupted the one before, and does everybody stay served meanwhile?

kill -9 of the CLI, of the provider and of both, and one and two Ctrl-C: each at every boundary between two steps of a
replacement, as the cluster shows it, and at random instants of the provider's life (100, or INTERRUPTS). Then
`pulumi cancel` and one more `up`, half of them with the program reverted. Beside it, on the same cluster: updates that
are left alone. Several stacks in namespaces of their own work at once; SEED repeats a run's choices.
"""

import os
import queue
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ground import own_cluster, tell
from benchmarks.outcomes import Outcome, Sum, Try, plan
from benchmarks.struck import REPLICAS, Ground
from tests.e2e.stack import Stack
from tests.support.namespaces import fresh_namespace
from tools import toolchain
from tools.cluster import Cluster, ClusterError
from tools.interrupt.moments import MOMENTS
from tools.parts import MissingPartError
from tools.store import cache_root

NAME = "interrupt"
STACKS, REHEARSALS = 3, 3


@dataclass
class Bench:
    """What all stacks share: the tries that are left, and the outcomes so far."""

    cluster: Cluster
    parts: Path
    folder: Path
    left: "queue.SimpleQueue[Try]"
    tries: int
    struck: list[Outcome] = field(default_factory=list)
    alone: list[Outcome] = field(default_factory=list)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcome: Outcome, took: float) -> None:
        """Count an outcome, say so, and keep what the CLI said when something is wrong."""
        with self.writing:
            (self.struck if outcome.of else self.alone).append(outcome)
            number = f"{len(self.struck):3} of {self.tries}" if outcome.of else "rehearsal"
            tell(f"{number}: {took:5.1f} s  {outcome.of or 'left alone'}{'' if outcome.faults else ': well'}")
            for fault in outcome.faults:
                tell(f"            ✗ {fault}")
            if outcome.faults:
                log = cache_root() / f"bench-{NAME}" / f"{os.getpid()}-{len(self.struck)}.log"
                log.parent.mkdir(parents=True, exist_ok=True)
                log.write_text(f"{outcome}\n\n{outcome.said}")
                tell(f"            what the CLI said is in {log}")


def main() -> int:
    """0 when measured, whether or not the aim is met; 1 with a sentence when it could not be."""
    seed, instants = int(os.environ.get("SEED", "1")), int(os.environ.get("INTERRUPTS", "100"))
    tries = plan(list(MOMENTS), instants=instants, seed=seed)
    try:
        parts = toolchain.ensure()
        with own_cluster(NAME) as cluster, tempfile.TemporaryDirectory(prefix=f"bench-{NAME}-") as folder:
            bench = Bench(cluster, parts, Path(folder), queue.SimpleQueue(), len(tries))
            for each in tries:
                bench.left.put(each)
            _work(bench)
    except (ClusterError, MissingPartError) as error:
        tell(str(error))
        return 1
    found = Sum(bench.struck, bench.alone, REPLICAS)
    print(f"\n{found.table()}\n")
    print(found.line())
    return 0


def _work(bench: Bench) -> None:
    """All tries, by all stacks. When one of them fails or somebody presses Ctrl-C, the others end with their try."""
    with ThreadPoolExecutor(STACKS) as workers:
        try:
            for working in as_completed([workers.submit(_worked, bench, number) for number in range(STACKS)]):
                working.result()
        finally:
            while not bench.left.empty():
                bench.left.get()


def _worked(bench: Bench, number: int) -> None:
    """One stack's share of the tries."""
    with fresh_namespace(bench.cluster.client()) as namespace:
        stack = Stack(bench.folder / f"stack-{number}", bench.parts, bench.cluster.kubeconfig, namespace).start()
        ground = Ground(stack, bench.cluster)
        ground.begin()
        for _ in range(REHEARSALS):
            began = time.monotonic()
            bench.note(ground.undisturbed(), time.monotonic() - began)
        while not bench.left.empty():
            try:
                each = bench.left.get_nowait()
            except queue.Empty:
                return
            began = time.monotonic()
            outcome = ground.attempt(each)
            bench.note(outcome, time.monotonic() - began)
            if outcome.faults:
                ground.mend()


if __name__ == "__main__":
    sys.exit(main())
