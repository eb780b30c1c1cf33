"""One Pulumi stack of the real CLI: a program made of data, a file backend, a home of its own."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e import vault
from tools.built import python_sdk
from tools.interrupt.running import Running, started
from tools.store import cache_root

ROOT = Path(__file__).parents[2]

#: A program that declares what program.json holds: {"artifact": {...}, "workload": {...}, ...}. Beside these,
#: "policies" are several by their names in the stack, "resource" is the Workload's, and "options" are Pulumi's own, for
#: each of them.
PROGRAM = """\
import json
import os
import pathlib

import pulumi

if os.environ.get("DOOR") == "plugin":
    from pulumi_inference import Artifact, Policy, Replacement, Workload
else:
    from inference_provider.dynamic import Artifact, Policy, Replacement, Workload

said = json.loads(pathlib.Path("program.json").read_text())
options = {kind: pulumi.ResourceOptions(**given) for kind, given in said.get("options", {}).items()}
for name, given in said.get("policies", {}).items():
    Policy(name, **given, opts=options.get("policies"))
artifact = None
if "artifact" in said:
    artifact = Artifact("llama", **said["artifact"], opts=options.get("artifact"))
    pulumi.export("versionId", artifact.version_id)
    pulumi.export("version", artifact.version)
if "workload" in said:
    version = {"artifact_id": artifact.version_id} if artifact else {}
    workload = Workload(said.get("resource", "chat"), **{**version, **said["workload"]}, opts=options.get("workload"))
    for output in ("endpoint", "revision", "status", "active_artifact_id", "ready_replicas", "incarnation"):
        pulumi.export(output, getattr(workload, output))
if "replacement" in said:
    given = {"workload_id": workload.id, "candidate_artifact_id": artifact.version_id, **said["replacement"]}
    change = Replacement("change", **given, opts=options.get("replacement"))
    pulumi.export("replacementStatus", change.status)
    pulumi.export("replacementRevision", change.revision)
"""

#: Where the engine finds the plugin door: said so, it does not warn of having looked on PATH.
_PLUGINS = {"providers": [{"name": "inference", "path": str(Path(sys.executable).parent)}]}
#: What surrounds the tests and no user: settings of another Pulumi, the width that pytest-xdist tells its workers, and
#: the wish to keep no compiled modules, which costs each run of the CLI a third more CPU.
_NOT_OURS = ("PULUMI_", "COLUMNS", "PYTHONDONTWRITEBYTECODE")
#: What makes a run cheaper for the machine and not another one: see the files in that folder.
_LEAN = Path(__file__).parent / "lean"


@dataclass(frozen=True)
class Run:
    """One finished command of the CLI."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """What it printed, line by line, without outer blanks."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    def has(self, *parts: str) -> bool:
        """Whether one line holds all the parts."""
        return any(all(part in line for part in parts) for line in self.lines)


@dataclass
class Stack:
    """A stack in a folder of its own. ``declare`` writes the program; ``up`` and the others run the real CLI."""

    folder: Path
    parts: Path
    kubeconfig: Path
    namespace: str
    environment: Mapping[str, str] = field(default_factory=dict)
    name: str = "dev"
    door: str = "dynamic"
    lean: bool = True
    """Otherwise pip is asked each time, the key is made of a passphrase, and nothing else is spared: as at a user's."""

    def start(self) -> "Stack":
        """Make the project and the stack."""
        self.folder.mkdir(parents=True)
        (self.folder / "Pulumi.yaml").write_text(json.dumps({"name": "shop", "runtime": "python", "plugins": _PLUGINS}))
        (self.folder / "__main__.py").write_text(PROGRAM)
        self.declare()
        return self._begun()

    def start_quickstart(self) -> "Stack":
        """Make the project of the repository's root, as a clone has it, and a stack of it."""
        self.folder.mkdir(parents=True)
        shutil.copy(ROOT / "Pulumi.yaml", self.folder)
        shutil.copytree(ROOT / "examples", self.folder / "examples", symlinks=True)
        (self.folder / ".venv").symlink_to(sys.prefix)
        return self._begun()

    def start_example(self) -> "Stack":
        """Make the example that this folder is named after, as a clone has it, and a stack of it."""
        shutil.copytree(
            ROOT / "examples" / self.folder.name, self.folder, ignore=shutil.ignore_patterns("venv", "node_modules")
        )
        (self.folder / "venv").symlink_to(sys.prefix)
        return self._begun()

    def _begun(self) -> "Stack":
        for name in ("home", "state"):
            (self.folder / name).mkdir()
        settings = {"config": {"inference:namespace": self.namespace}}
        (self.folder / f"Pulumi.{self.name}.yaml").write_text(json.dumps(settings))
        self._must("stack", "init", self.name, *(["--secrets-provider", vault.PROVIDER] if self.lean else []))
        return self

    def config(self, key: str, value: str) -> None:
        """`pulumi config set`; the key may be a path."""
        self._must("config", "set", "--path", key, value)

    def declare(self, **resources: object) -> None:
        """Write the program: keyword arguments of the Artifact and of the Workload."""
        (self.folder / "program.json").write_text(json.dumps(resources))

    def up(self, *flags: str) -> Run:
        """`pulumi up`, unattended."""
        return self.run("up", "--yes", *flags)

    def must_up(self, *flags: str) -> Run:
        """`pulumi up` that has to succeed."""
        return self._must("up", "--yes", *flags)

    def preview(self, *flags: str) -> Run:
        """`pulumi preview`."""
        return self.run("preview", "--diff", *flags)

    def refresh(self) -> Run:
        """`pulumi refresh`."""
        return self._must("refresh", "--yes", "--skip-preview")

    def destroy(self) -> Run:
        """`pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, object]:
        """The stack's outputs."""
        (itself,) = [each for each in self.resources() if each["type"] == "pulumi:pulumi:Stack"]
        found: dict[str, object] = itself.get("outputs", {})
        return found

    def resources(self) -> list[dict[str, Any]]:
        """Every resource of the stack's state; read where the backend keeps it, which costs no run of the CLI."""
        (kept,) = (self.folder / "state").glob(f".pulumi/stacks/*/{self.name}.json")
        found: list[dict[str, Any]] = json.loads(kept.read_text())["checkpoint"]["latest"].get("resources", [])
        return found

    def urn(self, kind: str, name: str) -> str:
        """The URN of one of its resources."""
        family = "inference:index" if self.door == "plugin" else "pulumi-python:dynamic/inference"
        return f"urn:pulumi:{self.name}::shop::{family}:{kind}::{name}"

    def exported(self) -> str:
        """The whole state as the backend keeps it."""
        return self._must("stack", "export").text

    def run(self, *arguments: str) -> Run:
        """Any command of the CLI."""
        return self._done(self._command(*arguments))

    def person(self, *arguments: str) -> Run:
        """`pulumi-inference` as a person types it, about this stack's namespace."""
        return self._done([sys.executable, "-m", "inference_provider.cli", *arguments, "-n", self.namespace])

    def python(self, *arguments: str) -> Run:
        """A script of the project, which may use the CLI itself, many times."""
        return self._done([sys.executable, *arguments], within=900)

    def _done(self, command: list[str], *, within: float = 180) -> Run:
        around = self._environment()
        done = subprocess.run(
            command, cwd=self.folder, env=around, capture_output=True, text=True, timeout=within, check=False
        )
        run = Run(done.returncode, done.stdout + done.stderr)
        with self.transcript.open("a") as heard:
            heard.write(f"$ {' '.join([Path(command[0]).name, *command[1:]])}\n{run.text}[{run.code}]\n\n")
        return run

    @property
    def transcript(self) -> Path:
        """Everything that was run to its end, and what it said."""
        return self.folder / "transcript.log"

    def started_up(self) -> AbstractContextManager[Running]:
        """`pulumi up` under way, to be struck; nothing of it lives after the block."""
        return self.started("up", "--yes", "--skip-preview")

    def started(self, *arguments: str) -> AbstractContextManager[Running]:
        """Any command of the CLI under way."""
        log = self.folder / f"{arguments[0]}-{secrets.token_hex(4)}.log"
        return started(self._command(*arguments), folder=self.folder, environment=self._environment(), log=log)

    def _command(self, *arguments: str) -> list[str]:
        return [str(self.parts / "pulumi"), *arguments, "--non-interactive", "--color", "never"]

    def _must(self, *arguments: str) -> Run:
        done = self.run(*arguments)
        assert done.code == 0, done.text
        return done

    def _environment(self) -> dict[str, str]:
        return _leaner(self._around()) if self.lean else self._around()

    def _around(self) -> dict[str, str]:
        importable = (ROOT / "provider", *([python_sdk()] if self.door == "plugin" else []), ROOT)
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith(_NOT_OURS)},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, importable)),
            "DOOR": self.door,
            "KUBECONFIG": str(self.kubeconfig),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_STACK": self.name,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            **self.environment,
        }


def _leaner(around: dict[str, str]) -> dict[str, str]:
    """The same processes for less of the processor, which is what the whole suite waits for."""
    lists = cache_root() / "pip-lists"
    lists.mkdir(parents=True, exist_ok=True)
    importable = f"{_LEAN}{os.pathsep}{around['PYTHONPATH']}"
    key = {"VAULT_ADDR": vault.address(), "VAULT_TOKEN": "anybody"}
    return {**around, **key, "PYTHONPATH": importable, "PIP_LISTS": str(lists), "GOGC": "400"}
