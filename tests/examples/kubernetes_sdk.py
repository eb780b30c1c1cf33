"""Where is a `pulumi-kubernetes` that no other program finds? In the cache, apart from the environment of the tests.

Pulumi's language host takes every package `pulumi-*` of a program's environment for a plugin that the program needs. In
`.venv` it would make every `pulumi up` of the quickstart look for a plugin that it does not use.
"""

import sys
from pathlib import Path

from tools.built import STORE, run
from tools.made_once import made_once

VERSION = "4.34.2"


def kubernetes_sdk() -> Path:
    """The folder to import it from; what it depends on is in `.venv`.

    Raises:
        MissingPartError: pip refuses.
    """

    def install(target: Path) -> None:
        settings = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile", "--target", str(target)]
        command = [sys.executable, "-m", "pip", "install", *settings, f"pulumi-kubernetes=={VERSION}"]
        run(f"pulumi-kubernetes {VERSION}", command, target)

    return made_once(STORE, "pulumi-kubernetes", {"version": VERSION, "python": sys.version}, install)
