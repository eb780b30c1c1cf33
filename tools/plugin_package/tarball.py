"""The tarball itself: the library, compiled once, and the launcher; the same bytes whenever the same goes in."""

import compileall
import gzip
import platform
import shutil
import sys
import tarfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

from tools.plugin_package import pythons
from tools.plugin_package.contents import OURS, ROOT, distributions, files

_LAUNCHER = Path(__file__).parent / "launcher"
#: What Pulumi calls machines; the rest goes by its own name.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
#: 1980-01-01, for everything: when a file was packed says nothing.
_WHEN = 315532800


class StaleError(Exception):
    """The environment holds another release than the clone."""


def pack(into: Path, others: Sequence[str] = ()) -> Path:
    """Make the tarball, for this system and this Python, and for ``others`` (as in 3.12); where it lies.

    Raises StaleError, and CalledProcessError when the registry does not have something for one of the others.
    """
    found = distributions()
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if found[OURS].version != said:
        raise StaleError(f"{sys.prefix} has release {found[OURS].version}, and pyproject.toml says {said}: `make venv`")
    into.mkdir(parents=True, exist_ok=True)
    target = into / f"pulumi-resource-inference-v{said}-{_system()}.tar.gz"
    with TemporaryDirectory() as folder:
        inside = Path(folder)
        library = inside / "lib"
        for name, each in found.items():
            for source, place in files(name, each):
                (library / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, library / place)
        pythons.add(others, pythons.compiled(found), library)
        _compiled(library)
        for part in ("pulumi-resource-inference", "start.py", "others.py"):
            shutil.copy(_LAUNCHER / part, inside)
        shutil.copy(ROOT / "LICENSE", inside)
        (inside / "pythons.py").write_text(f"SUITABLE = {(pythons.own(), *others)!r}\n")
        _packed(inside, target)
    return target


def _compiled(library: Path) -> None:
    """Compile for this Python; others do it at their first start. Unchecked, for installing gives files new times."""
    compileall.compile_dir(
        library,
        quiet=2,  # some packages ship examples for other Pythons
        stripdir=str(library.parent),
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )


def _packed(folder: Path, target: Path) -> None:
    with (
        target.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0, compresslevel=6) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, path.relative_to(folder).as_posix(), filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = _WHEN
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _system() -> str:
    machine = platform.machine().lower()
    return f"{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
