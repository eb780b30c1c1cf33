"""Do the SDKs offer what the provider takes and tells? `python -m tools.sdkgen` writes sdk/, `--check` only compares.

The files are those of Pulumi's own generators, called by a small program in tools/modules/sdkgen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from inference_provider.plugin.schema import schema
from tools.made_once import files_of
from tools.parts import MissingPartError
from tools.toolchain import ensure

ROOT = Path(__file__).parent.parent
TARGET = Path("sdk")


class NoSdkError(Exception):
    """The generators refused; the message is what they said."""


def main(arguments: list[str]) -> int:
    """Write the files, or (``--check``) say which are not what would be written: 0 when there is none."""
    parser = argparse.ArgumentParser(prog="python -m tools.sdkgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    checking = bool(parser.parse_args(arguments).check)
    target = ROOT / TARGET
    try:
        wanted = files(ensure(("sdkgen",)) / "sdkgen")
    except (MissingPartError, NoSdkError) as error:
        print(error, file=sys.stderr)
        return 1
    stale = differing(target, wanted)
    if checking:
        _complain(stale)
        return 1 if stale else 0
    write(target, wanted)
    return 0


def document() -> dict[str, object]:
    """The schema with the package's version, so that an SDK names the plugin that belongs to it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return {**schema(), "version": version, "meta": {"supportPack": True}}


def files(generator: Path) -> Mapping[Path, bytes]:
    """Every file under sdk/, as the generators write it.

    Raises:
        NoSdkError: the generators refuse the schema.
    """
    with tempfile.TemporaryDirectory(prefix="sdkgen-") as name:
        folder = Path(name)
        (folder / "schema.json").write_text(json.dumps(document()))
        command = [generator, folder / "schema.json", folder / "sdk"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise NoSdkError(f"The SDKs could not be made from the schema. {done.stderr.strip()}")
        made = _read(folder / "sdk")
    # setuptools looks for the page beside pyproject.toml, the generator lays it into the package.
    return made | {Path("python/README.md"): made[Path("python/pulumi_inference/README.md")]}


def differing(target: Path, wanted: Mapping[Path, bytes]) -> list[Path]:
    """The files that are missing, stale, or should not be there."""
    there = _read(target)
    return sorted(path for path in {*there, *wanted} if there.get(path) != wanted.get(path))


def write(target: Path, wanted: Mapping[Path, bytes]) -> None:
    """Make the folder hold exactly these files; what somebody installed beside them stays."""
    for path in differing(target, wanted):
        if path not in wanted:
            (target / path).unlink()
            continue
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(wanted[path])


def _read(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in files_of(folder)}


def _complain(stale: list[Path]) -> None:
    for path in stale:
        print(f"{TARGET / path} is not what the schema says. Run `python -m tools.sdkgen`.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
