"""The compiled parts for other versions of Python: the same releases, from the package registry."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterator
from importlib.metadata import Distribution
from pathlib import Path

from tools.plugin_package.contents import files, is_for_one_python


def own() -> str:
    """The version that this runs on, as in 3.11."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def compiled(found: dict[str, Distribution]) -> list[str]:
    """The distributions, as requirements, that are compiled for each version of Python apart."""
    return [
        f"{name}=={each.version}"
        for name, each in found.items()
        if any(is_for_one_python(place) for _, place in files(name, each))
    ]


def add(versions: Collection[str], requirements: Collection[str], library: Path) -> None:
    """Put the machine code for each version beside what is there. Raises CalledProcessError when one cannot be had."""
    for version in versions:
        with tempfile.TemporaryDirectory() as folder:
            _download(version, requirements, Path(folder))
            for wheel in sorted(Path(folder).glob("*.whl")):
                with zipfile.ZipFile(wheel) as opened:
                    for place in _machine_code(opened):
                        opened.extract(place, library)


def _machine_code(wheel: zipfile.ZipFile) -> Iterator[str]:
    return (place for place in wheel.namelist() if is_for_one_python(place))


def _download(version: str, requirements: Collection[str], folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    only = ["--only-binary", ":all:", "--python-version", version, "--dest", str(folder)]
    subprocess.run([*pip, *only, *requirements], check=True)
