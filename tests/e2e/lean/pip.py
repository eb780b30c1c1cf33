"""What has `python -m pip list` answered here before? Asked again of the same environment, that is said again.

Pulumi's language host asks pip for every package before each program and each destroy, which takes a sixth of a run's
processor time; the tests run hundreds. Whatever else pip is asked for reaches pip itself.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

_HERE = str(Path(__file__).parent)
#: What pip finds packages by, and where it is said what else is on the path.
_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".egg", ".pth")
_OTHERS = [each for each in sys.path if each not in ("", str(Path.cwd()), _HERE)]


def _key() -> str:
    """Changes with the question, with Python, and with whatever is installed: its name has its version.

    Not with the folders' times: those of a clone and of a cache change at every turn.
    """
    seen = [(folder, sorted(each for each in _named(folder) if each.endswith(_INSTALLED))) for folder in _folders()]
    return hashlib.sha256(repr((sys.argv[1:], sys.executable, sys.version, seen)).encode()).hexdigest()[:16]


def _named(folder: str) -> list[str]:
    return [each.name for each in os.scandir(folder)]


def _folders() -> list[str]:
    return [each for each in _OTHERS if Path(each).is_dir()]


def _asked() -> "subprocess.CompletedProcess[bytes]":
    around = {**os.environ, "PYTHONPATH": os.pathsep.join(_OTHERS)}
    return subprocess.run([sys.executable, "-m", "pip", *sys.argv[1:]], env=around, stdout=subprocess.PIPE, check=False)


def _answer() -> bytes:
    """Raises SystemExit where pip refuses."""
    if sys.argv[1:2] != ["list"]:
        raise SystemExit(_said(_asked()))
    remembered = Path(os.environ["PIP_LISTS"], _key())
    if not remembered.exists():
        asked = _asked()
        if asked.returncode:
            raise SystemExit(_said(asked))
        fresh = remembered.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(asked.stdout)
        fresh.replace(remembered)
    return remembered.read_bytes()


def _said(asked: "subprocess.CompletedProcess[bytes]") -> int:
    sys.stdout.buffer.write(asked.stdout)
    return asked.returncode


if __name__ == "__main__":
    sys.stdout.buffer.write(_answer())
