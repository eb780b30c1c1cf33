"""What do programs in each language ask for? Each is checked by its language's own checker, then run under mocks.

With them the examples of the schema are checked. It is done once for each content, version of the language included;
only what passed is remembered. Without Node.js or Go the tests fail, and say what to install.
"""

import json
import platform
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inference_provider.plugin.schema import example
from inference_provider.resources.registry import KINDS
from tools.build import go_refusal
from tools.built import SDK, STORE, node_packages, node_sdk, program, python_sdk, run, tsc
from tools.made_once import made_once

CONSUMERS = Path(__file__).parent / "consumers"
#: What the plugin answers under mocks, beside the inputs.
ANSWERS: Mapping[str, Mapping[str, object]] = {
    "inference:index:Artifact": {"versionId": "models/chat@0123456789ab", "version": 3, "images": {}},
    "inference:index:Workload": {
        "endpoint": "http://chat.models",
        "rollout": {"status": "completed"},
        "status": "running",
    },
    "inference:index:Replacement": {"revision": "r4"},
    "inference:index:getCapacity": {"gpus": 8, "used": 4, "free": 4, "waiting": 0, "nodes": [], "fits": True},
    "inference:index:listWorkloads": {"count": 1, "totalCount": 1, "workloads": [{"name": "chat"}]},
    "inference:index:planReplacement": {"verdict": "fits"},
}
_MYPY = """[mypy]
strict = true
[mypy-pulumi_inference.*]
follow_imports = silent
"""

Asked = dict[str, Any]


def examples(language: str) -> dict[str, str]:
    """The schema's examples in that language, by the resource's name in small letters."""
    fence = re.compile(rf"^```{language}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return {kind.name.lower(): "\n".join(fence.findall(example(kind.name))) for kind in KINDS.values()}


def python() -> Asked:
    """What the Python program asks for; mypy has found no fault in it, nor in the examples."""

    def make(target: Path) -> None:
        room = target / "tests/sdk/consumers/python"
        shutil.copytree(CONSUMERS / "python", room, ignore=shutil.ignore_patterns("__pycache__"))
        for name, text in examples("python").items():
            (target / f"example_{name}.py").write_text(text)
        (target / "mypy.ini").write_text(_MYPY)
        cache = STORE.root / "mypy-of-programs"
        mypy = [sys.executable, "-m", "mypy", "--explicit-package-bases", "--cache-dir", str(cache), "."]
        run("the Python program", mypy, target, MYPYPATH=str(python_sdk()))
        module = [sys.executable, "-m", "tests.sdk.consumers.python.under_mocks"]
        _ask(module, target, PYTHONPATH=f"{target}:{python_sdk()}")

    means = {"python": sys.version, "mypy": version("mypy"), "pulumi": version("pulumi")}
    return _asked("python", SDK / "python", means, make)


def typescript() -> Asked:
    """What the TypeScript program asks for; the strict compiler has found no fault in it, nor in the examples."""

    def make(target: Path) -> None:
        for path in (CONSUMERS / "nodejs").glob("*.*"):
            shutil.copyfile(path, target / path.name)
        for name, text in examples("typescript").items():
            (target / f"example_{name}.ts").write_text(text)
        run("the TypeScript program", [*tsc(), "-p", "."], target)
        _ask([program("node"), "compiled/under_mocks.js"], target)

    node = run("node", [program("node"), "--version"], CONSUMERS)
    means = {"node": node, "packages": node_packages().name}
    return _asked("nodejs", SDK / "nodejs", means, make, room=f"{node_sdk().relative_to(STORE.root)}/programs")


def go() -> Asked:
    """What the Go program asks for; `go vet` has found no fault in it, nor in the examples."""
    compiler = program("go")
    answer = run("go", [compiler, "version"], CONSUMERS)
    refusal = go_refusal(answer)
    assert refusal is None, refusal

    def make(target: Path) -> None:
        for path in (CONSUMERS / "go").glob("*.*"):
            shutil.copyfile(path, target / path.name)
        for name, text in examples("go").items():
            (target / "examples" / name).mkdir(parents=True)
            (target / "examples" / name / "main.go").write_text(text)
        settings = {"GOFLAGS": "-mod=mod", "GOWORK": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        replaced = f"-replace=github.com/pulumi-inference/pulumi-inference/sdk/go={SDK / 'go'}"
        run("the Go program", [compiler, "mod", "edit", replaced], target, **settings)
        run("the Go program", [compiler, "vet", "./..."], target, **settings)
        run("the Go program", [compiler, "build", "-o", "program", "."], target, **settings)
        _ask([str(target / "program")], target)
        (target / "program").unlink()

    return _asked("go", SDK / "go", {"go": answer}, make)


def _asked(
    language: str, sdk: Path, means: Mapping[str, str], make: Callable[[Path], None], *, room: str = "sdk-programs"
) -> Asked:
    sources: dict[str, Path | str] = {
        **means,
        "language": language,
        "platform": platform.platform(),
        "program": CONSUMERS / language,
        "sdk": sdk,
        "how": Path(__file__),
        "examples": "".join(example(kind.name) for kind in KINDS.values()),
    }
    found: Asked = json.loads((made_once(STORE, room, sources, make) / "asked.json").read_text())
    return found


def _ask(command: list[str], folder: Path, **settings: str) -> None:
    asked = run("a program under mocks", command, folder, given=json.dumps(ANSWERS), **settings)
    (folder / "asked.json").write_text(asked)
