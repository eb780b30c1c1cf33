"""Where are the SDKs, built and installed as their users have them? `python -m tools.built` builds all and says where.

Each is built once for each content, outside the clone. Python's is not installed into `.venv`: Pulumi takes whatever
is installed there as `pulumi-…` for a plugin that every program needs, and programs of the dynamic door need none.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.made_once import files_of, made_once
from tools.parts import MissingPartError
from tools.store import MODULES, Store, cache_root, platform_name

SDK = Path(__file__).parent.parent / "sdk"
NODE_PACKAGE = "@pulumi-inference/inference"
STORE = Store(cache_root())


def python_sdk() -> Path:
    """The folder with `pulumi_inference`, to be put on PYTHONPATH; what it depends on is in `.venv`.

    Raises:
        MissingPartError: pip refuses.
    """
    source = SDK / "python"

    def install(target: Path) -> None:
        copied = _copied(source, target / ".source")
        settings = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(target)]
        run("sdk/python", [sys.executable, "-m", "pip", "install", *settings, str(copied)], target)
        shutil.rmtree(copied)

    return made_once(STORE, "python-sdk", {"sdk": source, "python": sys.version}, install)


def node_packages() -> Path:
    """The folder whose `node_modules` has TypeScript and Pulumi's own package.

    Raises:
        MissingPartError: there is no Node.js, or npm refuses.
    """
    npm, pins = program("npm"), MODULES / "typescript"

    def install(target: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(pins / name, target / name)
        run("TypeScript", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], target)

    return made_once(STORE, "node-packages", {"pins": pins, "platform": platform_name()}, install)


def node_sdk() -> Path:
    """The folder in whose reach `@pulumi-inference/inference` is, compiled, and everything of `node_packages` too.

    Raises:
        MissingPartError: there is no Node.js, npm refuses, or the SDK does not compile.
    """
    source, packages = SDK / "nodejs", node_packages()

    def compile_(target: Path) -> None:
        copied = _copied(source, target / "source")
        run("sdk/nodejs", [*tsc(), "-p", str(copied)], target)
        package = target / "node_modules" / NODE_PACKAGE
        shutil.copytree(copied / "bin", package)
        shutil.copyfile(source / "package.json", package / "package.json")
        shutil.rmtree(copied)

    # Inside of the other folder, because that is how Node.js and TypeScript look for packages: upwards.
    return made_once(STORE, f"{packages.relative_to(STORE.root)}/sdk", {"sdk": source}, compile_)


def tsc() -> list[str]:
    """The TypeScript compiler's command."""
    return [program("node"), str(node_packages() / "node_modules/typescript/bin/tsc")]


def _copied(source: Path, target: Path) -> Path:
    for path in files_of(source):
        there = target / path.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
    return target


_WISHES = {
    "go": "The Go SDK is checked with Go: install Go 1.26 or newer, and put it on PATH.",
    "node": "The TypeScript SDK is built and checked with Node.js: install Node.js 20 or newer, and put it on PATH.",
    "npm": "The TypeScript SDK is built with npm, which comes with Node.js: install Node.js 20 or newer with it.",
}


def program(name: str) -> str:
    """Where `go`, `node` or `npm` is.

    Raises:
        MissingPartError: it is not on PATH; the message says what to install.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingPartError(f"There is no `{name}` on PATH. {_WISHES[name]}")
    return found


def run(what: str, command: Sequence[str], folder: Path, *, given: str = "", **settings: str) -> str:
    """Run a command in that folder, with ``given`` as its input and more variables in its environment; its output.

    Raises:
        MissingPartError: it fails; the message has its words.
    """
    done = subprocess.run(
        command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, input=given, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise MissingPartError(f"{what}: {Path(command[0]).name} found fault with it:\n{said}")
    return done.stdout


def main() -> int:
    """Build all; 0 when that worked."""
    try:
        print(f"PYTHONPATH={python_sdk()}")
        print(f"TypeScript: {node_sdk()}")
    except MissingPartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
