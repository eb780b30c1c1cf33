"""Which folder, put first on PATH, gives every real part; and how does it get filled?

`python3 -m tools.toolchain [--only a,b] [--print-path]`. Each part is taken from its environment variable, from PATH,
from the cache, or built from Go modules, in this order.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.build import build
from tools.found import Finder, Versions
from tools.parts import MissingPartError, Part, choose
from tools.store import Report, Store, cache_root, link_folder


def ensure(
    only: Sequence[str] | None = None, *, report: Report = lambda _: None, environment: Mapping[str, str] = os.environ
) -> Path:
    """Find or build the parts and return the folder that holds a link to each.

    Raises:
        MissingPartError: a part cannot be had; the message says what to install.
    """
    store = Store(cache_root(environment))
    finder = Finder(store, Versions.load(store), environment)
    programs: dict[str, Path] = {}
    for part in choose(tuple(only) if only else None):
        started = time.monotonic()
        program, origin = _have(part, store, finder, programs, report)
        programs |= _with_neighbours(part, program)
        report(f"{part.name:<24} {origin:<40} {time.monotonic() - started:6.1f} s")
    return link_folder(store, programs)


def _have(part: Part, store: Store, finder: Finder, already: Mapping[str, Path], report: Report) -> tuple[Path, str]:
    ready = finder.find(part, already)
    if ready:
        return ready, f"found: {ready}"
    if not part.folder:
        raise MissingPartError(
            f"{part.name} is not on PATH and not in .venv/bin. Run `make venv`, which installs it into the project's "
            f"environment, or install {part.name} and put it on PATH."
        )
    if store.executable(part).exists():
        return store.executable(part), f"{part.version}, built before"
    with store.lock(part, report):
        if store.executable(part).exists():
            return store.executable(part), f"{part.version}, built by another run"
        report(f"{part.name:<24} {part.version} is being built from Go modules, once; this takes a minute or several")
        with store.publish(store.part(part)) as folder:
            build(part, folder)
    return store.executable(part), f"{part.version}, built now"


def _with_neighbours(part: Part, program: Path) -> dict[str, Path]:
    """The program and what lies beside it."""
    names = [part.name, *(enclosure.name for enclosure in part.enclosures)]
    return {name: program.parent / name for name in names if (program.parent / name).exists()}


def main(arguments: Sequence[str]) -> int:
    """The command line; 0 when every part is there, 1 when one cannot be had, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.toolchain", description=__doc__)
    parser.add_argument("--only", help="a comma-separated list of parts")
    parser.add_argument("--print-path", action="store_true", help="print only the folder, on standard output")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        path = ensure(options.only.split(",") if options.only else None, report=_say_on_error_stream)
    except MissingPartError as error:
        _say_on_error_stream(str(error))
        return 1
    except KeyboardInterrupt:
        _say_on_error_stream("Interrupted. Nothing half-made was left; what was finished is kept.")
        return 130
    print(path if options.print_path else f"Everything is in {path}")
    return 0


def _say_on_error_stream(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
