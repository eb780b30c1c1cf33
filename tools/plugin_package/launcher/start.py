"""Starts the plugin on a Python that lib/ was made for: this one, else another on PATH. Old Pythons can read it too."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Become the plugin, or end with a sentence."""
    suitable = (HERE / "pythons").read_text(encoding="utf-8").split()
    if _own() in suitable:
        sys.path.insert(0, str(HERE / "lib"))
        runpy.run_module("inference_provider.plugin", run_name="__main__")
        return
    for version in suitable:
        other = shutil.which("python" + version)
        if other and _works(other):
            os.execv(other, [other, "-I", "-S", str(Path(__file__).resolve()), *sys.argv[1:]])
    sys.exit(
        "pulumi-resource-inference was packed for Python {} and found none of them on PATH; {} is {}. "
        "Set PULUMI_INFERENCE_PYTHON=/path/to/one.".format(", ".join(suitable), sys.executable, _own())
    )


def _own() -> str:
    return "{}.{}".format(*sys.version_info)


def _works(python: str) -> bool:
    """Whether it is more than a name: pyenv has executables for versions that it then refuses to start."""
    quiet = subprocess.DEVNULL
    return subprocess.call([python, "-I", "-S", "-c", ""], stdout=quiet, stderr=quiet) == 0


main()
