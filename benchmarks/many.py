"""One program with many Workloads: which is it, and how is it run through each door, or with a provider of nothing?"""

import json
import secrets
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from pydantic.alias_generators import to_snake

from benchmarks.empty_plugin import PACKAGE, written
from benchmarks.model_server import server_spec
from benchmarks.spent import Spent, spent_by
from inference_provider.resources.world import Properties
from tests.e2e.stack import Stack
from tools.interrupt.running import started

#: Declares what program.json says, as the generated SDKs do: names as they travel, nothing translated.
PLUGIN_PROGRAM = """\
import json
import pathlib

import pulumi

said = json.loads(pathlib.Path("program.json").read_text())


class Artifact(pulumi.CustomResource):
    def __init__(self, name, **given):
        super().__init__(f"{said['package']}:index:Artifact", name, {"versionId": None, **given})


class Workload(pulumi.CustomResource):
    def __init__(self, name, **given):
        super().__init__(f"{said['package']}:index:Workload", name, given)


version = Artifact("server", **said["artifact"]).versionId
for number in range(said["count"]):
    Workload(f"server-{number:04}", artifactId=version, **said["workload"])
"""
DYNAMIC_PROGRAM = """\
import json
import pathlib

from inference_provider.dynamic import Artifact, Workload

said = json.loads(pathlib.Path("program.json").read_text())
version = Artifact("server", **said["artifact"]).version_id
for number in range(said["count"]):
    Workload(f"server-{number:04}", artifact_id=version, **said["workload"])
"""
#: The longest that anything here may take (seconds): 200 Workloads through the four threads of the dynamic door.
PATIENCE = 1800.0


@dataclass
class Many(Stack):
    """A stack whose program declares one Artifact and ``count`` Workloads that run it: one replica, one GPU each."""

    count: int = 200
    #: How many resources the engine works on at once; 0 is its own default, four per processor.
    parallel: int = 0
    load: str = "0.3s"
    version: int = field(default=1)

    def start(self) -> "Many":
        """Make the project and the stack. ``door`` is `plugin`, `dynamic`, or `empty`."""
        self.folder.mkdir(parents=True)
        project = {"name": "many", "runtime": "python", "plugins": {"providers": [self._plugin()]}}
        (self.folder / "Pulumi.yaml").write_text(json.dumps(project))
        (self.folder / "__main__.py").write_text(DYNAMIC_PROGRAM if self.door == "dynamic" else PLUGIN_PROGRAM)
        self._begun()
        return self.roll()

    def _plugin(self) -> dict[str, str]:
        if self.door == "empty":
            return {"name": PACKAGE, "path": str(written(self.folder))}
        return {"name": "inference", "path": str(Path(sys.executable).parent)}

    def roll(self, *, load: str | None = None) -> "Many":
        """Write the program, each time with another image; ``load`` is how long that loads (simulated)."""
        self.load = load or self.load
        given = {
            "artifact": {"spec": server_spec(self.version, load=self.load)},
            "workload": {"runtime": {"containerGroups": [runtime_group()]}},
        }
        spelt = _snake(given) if self.door == "dynamic" else given
        package = PACKAGE if self.door == "empty" else "inference"
        self.declare(package=package, count=self.count, **spelt)
        self.version += 1
        return self

    def measured(self, *arguments: str) -> Spent:
        """Run a command of the CLI to its end. Raises CommandFailed."""
        parallel = [f"--parallel={self.parallel}"] if self.parallel else []
        log = self.folder / f"{arguments[0]}-{secrets.token_hex(4)}.log"
        command = self._command(*arguments, *parallel, "--suppress-outputs")
        began = time.monotonic()
        with started(command, folder=self.folder, environment=self._environment(), log=log) as running:
            return spent_by(running, began=began, within=PATIENCE)


def runtime_group() -> Properties:
    """One replica on one GPU."""
    resources = {"gpu": 1, "cpu": 1, "memory": "1Gi"}
    return {"replicaCount": 1, "containers": [{"name": "vllm", "resourceAllocation": resources}]}


def _snake(value: object) -> dict[str, object]:
    """The same with names as Python programs write them."""
    spelt = _spelt(value)
    assert isinstance(spelt, dict)
    return spelt


def _spelt(value: object) -> object:
    if isinstance(value, dict):
        return {to_snake(str(key)): _spelt(item) for key, item in value.items()}
    return [_spelt(item) for item in value] if isinstance(value, list) else value
