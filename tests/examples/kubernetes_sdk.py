"""Where is a `pulumi-kubernetes` that no other program finds? In the cache, apart from the environment of the tests.

Pulumi's language host takes every package `pulumi-*` of a program's environment for a plugin that the program needs. In
`.venv` it would make every `pulumi up` of the quickstart look for a plugin that it does not use.
"""

import subprocess
import sys
from pathlib import Path

from tools.store import Store, cache_root, locked

VERSION = "4.34.2"


def kubernetes_sdk() -> Path:
    """The folder to import it from; installed once, as `pip` is set up here."""
    store = Store(cache_root())
    name = f"pulumi-kubernetes-{VERSION}-python{sys.version_info.major}.{sys.version_info.minor}"
    folder = store.root / "python" / name
    with locked(store.root / "locks" / f"{name}.lock", busy=lambda: None):
        if not folder.exists():
            with store.publish(folder) as unfinished:
                _install(unfinished)
    return folder


def _install(folder: Path) -> None:
    wanted = ["--no-deps", "--no-compile", "--target", str(folder), f"pulumi-kubernetes=={VERSION}"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, *wanted], check=True, timeout=300)
