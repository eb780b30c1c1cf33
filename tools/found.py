"""Is a part already on this machine, and does its version fit?

A program's answer to "which version are you" is remembered by the file's size and time,
so that a warm run starts no program at all.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.parts import Enclosure, MissingPartError, Part
from tools.store import Store

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_VENV = Path(__file__).parent.parent / ".venv" / "bin"


def parse_version(text: str) -> tuple[int, ...]:
    """The first thing that looks like a version; empty when nothing does."""
    match = _VERSION.search(text)
    return tuple(int(number) for number in match.groups() if number) if match else ()


def fits(part: Part, version: tuple[int, ...]) -> bool:
    """Whether this version of the part is one we work with."""
    if not part.at_least:
        return True
    return version >= part.at_least and (not part.below or version < part.below)


def wanted(part: Part) -> str:
    """The accepted versions in words."""
    words = f"{'.'.join(map(str, part.at_least))} or newer"
    return f"{words}, below {'.'.join(map(str, part.below))}" if part.below else words


@dataclass
class Versions:
    """What programs answered when they were asked for their version, kept in a file."""

    path: Path
    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, store: Store) -> "Versions":
        """Read the file; a damaged or missing one counts as empty."""
        path = store.root / "versions.json"
        try:
            content = json.loads(path.read_text())
        except (OSError, ValueError):
            content = {}
        return cls(path, content if isinstance(content, dict) else {})

    def of(self, program: Path, arguments: tuple[str, ...]) -> tuple[int, ...]:
        """The version of a program, asked only when the file is new to us."""
        status = program.stat()
        key = f"{program.resolve()} {status.st_size} {status.st_mtime_ns}"
        if key not in self.known:
            self.known[key] = _ask(program, arguments)
            self._save()
        return parse_version(self.known[key])

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(self.known, indent=1))
        unfinished.replace(self.path)


def _ask(program: Path, arguments: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr)[:2000]


@dataclass(frozen=True)
class Finder:
    """Looks for ready-made parts in the environment and on PATH."""

    store: Store
    versions: Versions
    environment: Mapping[str, str]

    def find(self, part: Part, already: Mapping[str, Path]) -> Path | None:
        """A ready-made program that fits, or None; `already` holds the parts found so far.

        Raises:
            MissingPartError: the environment variable names something that is missing or does not fit.
        """
        given = self.environment.get(part.variable)
        if given:
            return self._given(part, Path(given).expanduser().absolute())
        if part.ours:
            return None
        if part.beside:
            return self._beside(part, already)
        for folder in self._folders(part):
            candidate = folder / part.name
            if _is_program(candidate) and self._complaint(part, candidate) is None:
                return candidate
        return None

    def _given(self, part: Part, program: Path) -> Path:
        if not _is_program(program):
            raise MissingPartError(
                f"{part.variable} names {program}, which is not an executable file. Correct or unset it."
            )
        complaint = self._complaint(part, program)
        if complaint:
            raise MissingPartError(f"{part.variable} names {program}, but {complaint}. Correct or unset it.")
        return program

    def _beside(self, part: Part, already: Mapping[str, Path]) -> Path | None:
        other = already.get(part.beside)
        if other is None or self.store.root in other.parents:
            return None
        candidate = other.parent / part.name
        return candidate if _is_program(candidate) else None

    def _folders(self, part: Part) -> list[Path]:
        listed = [Path(entry) for entry in self.environment.get("PATH", "").split(os.pathsep) if entry]
        outside = [folder for folder in listed if self.store.root not in folder.absolute().parents]
        # kubectl has no Go module of ours: the dev extra of pyproject puts it into the project's environment.
        return outside if part.folder else [*outside, Path(sys.executable).parent, _VENV]

    def _complaint(self, part: Part, program: Path) -> str | None:
        missing = [name for name in part.companions if not _is_program(program.parent / name)]
        missing += [each.name for each in part.enclosures if not (each.executable or _lies_beside(program, each))]
        if missing:
            return f"{', '.join(missing)} is missing beside it"
        version = self.versions.of(program, part.version_arguments)
        if fits(part, version):
            return None
        said = ".".join(map(str, version)) or "no version"
        return f"it answers {said} and {wanted(part)} is needed"


def _lies_beside(program: Path, enclosure: Enclosure) -> bool:
    return (program.parent / enclosure.name).is_file()


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
