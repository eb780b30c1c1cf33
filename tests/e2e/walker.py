"""Takes the steps of a walk: whatever a step does to a stack, it ends with one `up` that has to go through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.e2e.programs import artifact, server, workload
from tests.e2e.stack import Run, Stack
from tests.e2e.well import hold_of, remains, unwell
from tools.interrupt.moments import Roll, reach
from tools.interrupt.running import Blow, Running
from tools.interrupt.stage import Stage

#: Whatever is started ends within this, a moment comes within that, and orphans end by themselves (seconds).
PATIENCE, MOMENT, NOTICED = 90.0, 20.0, 15.0
#: How long a version takes to load (simulated).
LOAD = "1s"


@dataclass(frozen=True)
class Program:
    """What the program says."""

    version: int = 1
    replicas: int = 2
    port: int = 80
    description: str = "one"
    logical: str = "chat"
    before: int = 1
    """The version that it named before."""

    @property
    def image(self) -> str:
        """The version's image, in short."""
        return f"v{self.version}"

    def urns(self) -> dict[str, str]:
        """Its resources, as the engine names them."""
        return {"artifact": urn("Artifact", "llama"), "workload": urn("Workload", self.logical)}

    def declare(self, stack: Stack) -> None:
        """Write it."""
        others = [urn("Workload", name) for name in ("chat", "talk") if name != self.logical]
        stack.declare(
            artifact=artifact(server(self.image, env={"SIM_LOAD_TIME": LOAD})),
            workload=workload(
                self.replicas,
                gpu=0,
                name="chat",
                description=self.description,
                service={"port": self.port},
                replacement={"keep_old_version_minutes": 60},
            ),
            resource=self.logical,
            options={"workload": {"aliases": others}},
        )


def urn(kind: str, name: str) -> str:
    """The URN of a resource of a test's stack."""
    return f"urn:pulumi:dev::shop::pulumi-python:dynamic/inference:{kind}::{name}"


class Walker:
    """One stack on its walk. ``stage`` sees its Workload during a step."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.stage = Stage("chat")
        self.program = Program()
        self.newest = 1
        self.taken = 0
        self._floor = 0
        self._kinds: Mapping[str, Callable[..., None]] = {
            "same": self._same,
            "new": self._new,
            "reverted": self._reverted,
            "changed": self._changed,
            "refresh": self._refresh,
            "undo": self._undo,
            "resume": self._resume,
            "stop": self._stop,
            "replace": self._replace,
            "taint": self._taint,
            "rename": self._rename,
            "destroy": self._destroy,
            "struck": self._struck,
            "born": self._born,
            "scaled": self._scaled,
            "ended": self._ended,
        }

    def take(self, step: str, stage: Stage) -> None:
        """One step. Raises AssertionError with everything that is wrong afterwards."""
        word, *how = step.split()
        self.stage, self._floor = stage, stage.mark()
        self._kinds[word](*how)
        self._look()
        self.taken += 1

    def _look(self) -> None:
        found = unwell(self.stack, self.stage, image=self.program.image, pods=self.program.replicas)
        floor, fewest = min(self._floor, self.program.replicas), self.stage.fewest or 0
        if fewest < floor:
            found.append(f"only {fewest} pods served at some time, not {floor}")
        assert not found, "\n".join(found)

    def _up(self, *flags: str) -> Run:
        self.program.declare(self.stack)
        return self.stack.must_up("--skip-preview", *flags)

    def _turn(self) -> None:
        """To a version that never was."""
        self.newest += 1
        self.program = replace(self.program, version=self.newest, before=self.program.version)

    def _turn_back(self) -> None:
        self.program = replace(self.program, version=self.program.before, before=self.program.version)

    def _same(self) -> None:
        self._up()

    def _new(self) -> None:
        self._turn()
        self._up()

    def _reverted(self) -> None:
        self._turn_back()
        self._up()

    def _changed(self, what: str) -> None:
        now = self.program
        self.program = {
            "replicas": replace(now, replicas=now.replicas % 3 + 1),
            "description": replace(now, description=f"{now.description} more"),
            "port": replace(now, port=8080 if now.port == 80 else 80),
        }[what]
        self._up()

    def _refresh(self) -> None:
        held = hold_of(self.stage)
        run = self.stack.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
        assert run.code == 0, f"a refresh right after an `up` finds changes (held: {held}):\n{run.text}"

    def _undo(self) -> None:
        done = self.stack.person("undo", "chat", "--yes", "--reason", "it answers slowly")
        if done.code != 0:
            assert done.has("error: no earlier version of Workload"), done.text
        run = self._up()
        if done.code == 0:
            assert run.has("stays as it is", "it answers slowly"), run.text

    def _resume(self) -> None:
        held = hold_of(self.stage)
        done = self.stack.person("resume", "chat")
        assert (done.code == 0) == (held is not None), done.text
        self._up()
        self._is_free()

    def _is_free(self) -> None:
        assert self.stage.until(lambda seen: hold_of(seen) is None, within=10), "a hold is left"

    def _stop(self) -> None:
        self._floor = 0
        self._ordered("stop", "chat", "--yes")
        assert self.stage.until(lambda seen: hold_of(seen) is not None and not seen.of("Pod"), within=10)
        self._ordered("start", "chat")
        self._is_free()

    def _ordered(self, *command: str) -> None:
        """A person says so at the command line, and the program's next run leaves it at that."""
        done = self.stack.person(*command)
        assert done.code == 0, done.text
        self._up()

    def _replace(self, what: str) -> None:
        urns = [each for kind, each in self.program.urns().items() if what in (kind, "both")]
        self._up(*(word for each in urns for word in ("--replace", each)))

    def _taint(self, what: str) -> None:
        for kind, each in self.program.urns().items():
            if what in (kind, "both"):
                assert self.stack.run("state", "taint", each, "--yes").code == 0
        self._up()

    def _rename(self) -> None:
        self.program = replace(self.program, logical="talk" if self.program.logical == "chat" else "chat")
        self._up()

    def _destroy(self) -> None:
        self._gone()
        self._up()

    def _gone(self) -> None:
        self._floor = 0
        done = self.stack.destroy()
        assert done.code == 0, done.text
        self.stage.until(lambda seen: not remains(seen), within=20)
        assert remains(self.stage) == []

    def _struck(self, blow: str, moment: str, then: str) -> None:
        """An update is struck when it has come to a moment."""
        roll = Roll.of(self.stage, replicas=self.program.replicas)
        self._turn()
        self._strike(blow, lambda: reach(self.stage, roll, moment, within=MOMENT))
        if then == "reverted":
            self._turn_back()
        elif then == "other":
            self._turn()
        self._up()

    def _born(self, blow: str, moment: str) -> None:
        """A first creation is."""
        self._gone()
        roll = Roll("r0", "r1", self.program.replicas)
        self._strike(blow, lambda: reach(self.stage, roll, moment, within=MOMENT))
        self._up()

    def _scaled(self, blow: str) -> None:
        """A change in place is, while it scales."""
        self.program = replace(self.program, replicas=self.program.replicas % 3 + 1)
        wanted = self.program.replicas
        self._strike(blow, lambda: self.stage.until(lambda seen: _counted(seen) == wanted, within=MOMENT))
        self._up()

    def _ended(self, blow: str) -> None:
        """A destroy is, when the Workload's Service is going."""
        self._floor = 0
        self._strike(blow, lambda: self.stage.until(_is_going, within=MOMENT), "destroy", "--yes", "--skip-preview")
        self.stack.run("refresh", "--yes", "--skip-preview")
        self._up()

    def _strike(self, blow: str, reached: Callable[[], bool], *command: str) -> None:
        self.program.declare(self.stack)
        with self.stack.started(*(command or ("up", "--yes", "--skip-preview"))) as running:
            reached()
            running.strike(_BLOWS[blow])
            _over(running)
        if blow not in ("provider", "interrupt"):
            self.stack.run("cancel", "--yes")


_BLOWS: Mapping[str, Blow] = {
    "cli": "cli",
    "provider": "provider",
    "both": "both",
    "interrupt": "interrupt",
    "interrupt-twice": "interrupt twice",
}


def _over(running: Running) -> None:
    assert running.ended(within=PATIENCE) is not None, f"the CLI does not end:\n{running.text()}"
    assert running.orphan_seconds(within=NOTICED) is not None, f"its provider lives on:\n{running.text()}"
    assert "Traceback" not in running.text(), running.text()


def _counted(stage: Stage) -> int:
    body = stage.of("Deployment").get(f"{stage.workload}-{stage.active}")
    return int(body["spec"]["replicas"]) if body else 0


def _is_going(stage: Stage) -> bool:
    return stage.anchor is None or stage.anchor["metadata"].get("deletionTimestamp") is not None
