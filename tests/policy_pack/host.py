"""The policy pack where the real engine can start it.

Pulumi's own language host starts packs in Python by `RunPlugin`. The one that can be had here is of 3.79 and cannot;
for a runtime without a language host, the engine runs `pulumi-analyzer-policy-<runtime>`, and so did Pulumi with Python
in those days. So the pack is copied under another runtime's name, and two lines of shell start it as that host would.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.built import STORE, run
from tools.made_once import made_once

PACK = Path(__file__).parents[2] / "policy-pack"
_WANTED = (PACK / "requirements.txt").read_text().splitlines()[-1]
_SHIM = '#!/bin/sh\nexec "{python}" -u -m pulumi.policy "$1" "$2"\n'


def pulumi_policy() -> Path:
    """The folder with `pulumi_policy`, to be put on PYTHONPATH. Raises MissingPartError when pip refuses.

    Without what it depends on: it wants protobuf 5 for itself, and does with that of `.venv`, which is newer.
    """

    def install(target: Path) -> None:
        settings = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(target)]
        run("policy-pack", [sys.executable, "-m", "pip", "install", *settings, _WANTED], target)

    return made_once(STORE, "pulumi-policy", {"wanted": _WANTED, "python": sys.version}, install)


@dataclass(frozen=True)
class Host:
    """A folder that can be put on PATH, so that the engine finds there what starts packs."""

    folder: Path

    def start(self) -> "Host":
        """Make the folder."""
        self.folder.mkdir()
        shim = self.folder / "pulumi-analyzer-policy-shim"
        shim.write_text(_SHIM.format(python=sys.executable))
        shim.chmod(0o755)
        return self

    def ours(self) -> Path:
        """A copy of the pack, of which only the runtime is another one."""
        copied = self.folder / "policy-pack"
        shutil.copytree(PACK, copied, ignore=shutil.ignore_patterns("venv", "__pycache__"))
        about, runtime, _ = (PACK / "PulumiPolicy.yaml").read_text().partition("runtime:")
        (copied / "PulumiPolicy.yaml").write_text(f"{about}{runtime} shim\n")
        return copied

    def another(self, program: str) -> Path:
        """A pack of somebody else's."""
        pack = self.folder / "another"
        pack.mkdir()
        (pack / "PulumiPolicy.yaml").write_text("runtime: shim\n")
        (pack / "__main__.py").write_text(program)
        return pack
