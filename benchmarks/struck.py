"""What becomes of a Workload whose `pulumi up` is struck? One stack, tried again and again with new versions."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks.outcomes import Outcome, Try
from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Run, Stack
from tools.cluster import Cluster
from tools.interrupt.moments import Roll, leftovers, reach
from tools.interrupt.running import Running
from tools.interrupt.stage import Stage, watching

REPLICAS = 2
#: How long a version takes to load (simulated).
LOAD = "1s"
#: The longest waits, in seconds: for anything at all, for a moment, for an orphan's end, for what is being removed.
PATIENCE, MOMENT, ORPHAN, REMOVAL = 90.0, 30.0, 15.0, 20.0


@dataclass
class Ground:
    """One stack, its Workload, and the versions that it went through."""

    stack: Stack
    cluster: Cluster
    serves: int = 0
    newest: int = 0
    span: float = 1.0
    """How long the provider of an update lives when nobody strikes it (seconds)."""
    known: frozenset[str] = frozenset()
    """What earlier tries left over: each thing counts once."""

    def begin(self) -> None:
        """Create the Workload."""
        self._declare(0)
        self.stack.must_up("--skip-preview")

    def undisturbed(self) -> Outcome:
        """One update that is left alone: what all others are compared with."""
        self.newest += 1
        self._declare(self.newest)
        with self._watched() as stage:
            began = time.monotonic()
            with self.stack.started_up() as running:
                _provider_of(running)
                born = time.monotonic()
                code = running.ended(within=PATIENCE)
                self.span = time.monotonic() - born
                run = Run(1 if code is None else code, running.text())
            return self._judged(None, stage, run, number=self.newest, began=began)

    def attempt(self, each: Try) -> Outcome:
        """One update, struck; then `pulumi cancel` and one more `up`, with the same or the old program."""
        before, self.newest = self.serves, self.newest + 1
        self._declare(self.newest)
        with self._watched() as stage:
            orphan = self._strike(each, stage)
            self.stack.run("cancel", "--yes")
            number = before if each.reverted else self.newest
            self._declare(number)
            began = time.monotonic()
            run = self.stack.up("--skip-preview")
            return self._judged(each, stage, run, number=number, began=began, orphan=orphan)

    def _declare(self, number: int) -> None:
        wanted = artifact(server(f"v{number}", env={"SIM_LOAD_TIME": LOAD}))
        self.stack.declare(artifact=wanted, workload=workload(REPLICAS))

    def _watched(self) -> AbstractContextManager[Stage]:
        return watching(self.cluster.client(), self.stack.namespace, "chat")

    def _strike(self, each: Try, stage: Stage) -> float | None:
        """Strike, and wait for the end of the CLI; how long its provider outlived that, None: for too long."""
        roll = Roll.of(stage, replicas=REPLICAS)
        with self.stack.started_up() as running:
            if each.moment is not None:
                reach(stage, roll, each.moment, within=MOMENT)
            else:
                _provider_of(running)
                running.ended(within=each.fraction * self.span)
            running.strike(each.blow)
            running.ended(within=PATIENCE)
            return running.orphan_seconds(within=ORPHAN)

    def _judged(
        self, of: Try | None, stage: Stage, run: Run, *, number: int, began: float, orphan: float | None = 0.0
    ) -> Outcome:
        """What there is after the last `up`, by the cluster and by the next preview."""
        seconds = time.monotonic() - began
        preview = self.stack.preview("--expect-no-changes")
        active = stage.active or "nothing"
        stage.until(lambda seen: not set(leftovers(seen, wanted=active)) - self.known, within=REMOVAL)
        wrong = {
            f"`up` ended with {run.code}": run.code != 0,
            f"the next preview ended with {preview.code}": preview.code != 0,
            f"{_image(stage)} serves, not v{number}": f"/v{number}@" not in _image(stage),
            "the orphaned provider did not end": orphan is None,
        }
        left = frozenset(leftovers(stage, wanted=active))
        fresh, self.known = left - self.known, left
        self.serves = number
        return Outcome(
            of=of,
            wrong=tuple(fault for fault, holds in wrong.items() if holds),
            left=tuple(sorted(fresh)),
            fewest=stage.fewest or 0,
            orphan=orphan,
            seconds=seconds,
            said=f"{run.text}\n{preview.text}",
        )

    def mend(self) -> None:
        """After a try that went wrong: up to three more runs, so that the next one begins on firm ground."""
        for _ in range(3):
            self.stack.run("cancel", "--yes")
            if self.stack.up("--skip-preview").code == 0:
                return
        self.stack.destroy()
        self.begin()


def _provider_of(running: Running) -> None:
    """Wait until the command's provider process lives."""
    deadline = time.monotonic() + PATIENCE
    while not running.providers() and running.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def _image(stage: Stage) -> str:
    """What the pods of the active version run."""
    images = {container["image"] for pod in stage.pods(stage.active or "") for container in pod["spec"]["containers"]}
    return ", ".join(sorted(images)) or "nothing"
