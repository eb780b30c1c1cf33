"""Where do built parts live, under which key, and how do two runs share that place?

The cache lies outside the clone. A part's folder appears by one rename, so it is either whole or not there.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.parts import Part

MODULES = Path(__file__).parent / "modules"

Report = Callable[[str], None]
"""Takes one line for the person who waits."""


def cache_root(environment: Mapping[str, str] = os.environ) -> Path:
    """`PULUMI_INFERENCE_CACHE`, or the user's cache folder."""
    given = environment.get("PULUMI_INFERENCE_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pulumi-inference"


def platform_name() -> str:
    """This machine's system and processor, as part of a key."""
    return f"{platform.system()}-{platform.machine()}".lower()


def part_key(part: Part, *, modules: Path = MODULES, platform_: str | None = None) -> str:
    """A folder name that changes whenever the built program could change."""
    digest = hashlib.sha256()
    for text in (part.package, part.ldflags, part.tags, *(enclosure.path for enclosure in part.enclosures)):
        digest.update(text.encode() + b"\0")
    for folder in sorted({part.folder, *(enclosure.folder for enclosure in part.enclosures)}):
        own = sorted(path.name for path in (modules / folder).glob("*.go"))
        for name in ("go.mod", "go.sum", *own):
            digest.update((modules / folder / name).read_bytes())
    return f"{part.name}-{part.version}-{platform_ or platform_name()}-{digest.hexdigest()[:12]}"


@contextmanager
def locked(path: Path, *, busy: Callable[[], None]) -> Iterator[None]:
    """Hold the file lock; call `busy` once when somebody else has it. The system frees it when a process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Store:
    """The cache folder."""

    root: Path

    def part(self, part: Part) -> Path:
        """The folder of a built part, there or not."""
        return self.root / "parts" / part_key(part)

    def executable(self, part: Part) -> Path:
        """The program of a built part, there or not."""
        return self.part(part) / part.name

    def lock(self, part: Part, report: Report) -> AbstractContextManager[None]:
        """One builder of this part at a time; the second one says that it waits."""
        path = self.root / "locks" / f"{part_key(part)}.lock"
        return locked(path, busy=lambda: report(f"{part.name:<24} another run is building it, waiting for that"))

    @contextmanager
    def publish(self, final: Path) -> Iterator[Path]:
        """Yield an empty folder that becomes `final` when the block ends well, and vanishes when it does not.

        The caller holds the lock of `final`, so whatever an earlier, killed run left under its name is swept.
        """
        final.parent.mkdir(parents=True, exist_ok=True)
        sweep(final)
        unfinished = Path(tempfile.mkdtemp(prefix=_unfinished_prefix(final), dir=final.parent))
        try:
            yield unfinished
            unfinished.chmod(0o755)
            if final.exists():
                shutil.rmtree(final)
            unfinished.replace(final)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _unfinished_prefix(final: Path) -> str:
    return f".unfinished-{final.name}-"


def sweep(final: Path) -> None:
    """Remove what interrupted builds of this folder left beside it."""
    for stale in final.parent.glob(f"{_unfinished_prefix(final)}*"):
        shutil.rmtree(stale, ignore_errors=True)


def link_folder(store: Store, programs: Mapping[str, Path]) -> Path:
    """A folder with one link per program, fit to be put first on PATH; one folder per set of programs.

    A folder that lost a link is made again; another run sees either the old or the new one.
    """
    text = "\n".join(f"{name} {path}" for name, path in sorted(programs.items()))
    final = store.root / "bin" / hashlib.sha256(text.encode()).hexdigest()[:12]
    if _is_linked(final, programs):
        return final
    with locked(store.root / "locks" / f"bin-{final.name}.lock", busy=lambda: None), store.publish(final) as folder:
        for name, path in programs.items():
            _link(folder / name, path, own=path.is_relative_to(store.root))
    return final


def _link(link: Path, program: Path, *, own: bool) -> None:
    """Our own programs get hard links: Pulumi looks for its language host beside the file that it really is.

    Found there it is taken in silence; found on PATH it is taken with a warning in every run.
    """
    if own:
        with contextlib.suppress(OSError):
            link.hardlink_to(program)
            return
    link.symlink_to(program)


def _is_linked(folder: Path, programs: Mapping[str, Path]) -> bool:
    if not folder.is_dir() or {link.name for link in folder.iterdir()} != set(programs):
        return False
    return all(path.exists() and (folder / name).samefile(path) for name, path in programs.items())
