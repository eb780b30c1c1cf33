"""Which Python on PATH can the plugin run on, when the first one cannot? Old Pythons have to understand this file."""

import os
import shutil
import subprocess
import sys


def take(suitable: "tuple[str, ...]", again: str) -> None:
    """Run the script ``again`` on one of these versions, in place of this process; or end with a sentence."""
    for version in suitable:
        other = shutil.which("python" + version)
        if other and _works(other):
            os.execv(other, [other, "-I", "-S", again, *sys.argv[1:]])
    sys.exit(
        "pulumi-resource-inference was packed for Python {} and found none of them on PATH; {} is {}.{}. "
        "Set PULUMI_INFERENCE_PYTHON=/path/to/one.".format(", ".join(suitable), sys.executable, *sys.version_info)
    )


def _works(python: str) -> bool:
    """Whether it is more than a name: pyenv has executables for versions that it then refuses to start."""
    quiet = subprocess.DEVNULL
    return subprocess.call([python, "-I", "-S", "-c", ""], stdout=quiet, stderr=quiet) == 0
