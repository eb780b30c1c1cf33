"""Starts the plugin on a Python that lib/ was made for: this one, else another on PATH. Old Pythons can read it too."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "lib")


def main():
    """Become the plugin, or end with a sentence."""
    with open(os.path.join(HERE, "pythons"), encoding="utf-8") as file:
        suitable = file.read().split()
    if _own() in suitable:
        sys.path.insert(0, LIBRARY)
        from inference_provider.plugin.server import main as serve

        serve()
        return
    for version in suitable:
        other = shutil.which("python" + version)
        if other and _works(other):
            os.execv(other, [other, "-I", "-S", os.path.abspath(__file__)] + sys.argv[1:])
    sys.exit(
        "pulumi-resource-inference was packed for Python {} and found none of them on PATH; {} is {}. "
        "Set PULUMI_INFERENCE_PYTHON=/path/to/one.".format(", ".join(suitable), sys.executable, _own())
    )


def _own():
    return "{}.{}".format(*sys.version_info)


def _works(python):
    """Whether it is more than a name: pyenv has executables for versions that it then refuses to start."""
    quiet = subprocess.DEVNULL
    return subprocess.call([python, "-I", "-S", "-c", ""], stdout=quiet, stderr=quiet) == 0


main()
