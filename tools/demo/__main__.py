"""`python -m tools.demo` shows a rolling replacement and ends; `python -m tools.demo clean` removes what it left."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from tools import toolchain
from tools.cluster import ClusterError, create, delete
from tools.cluster.client import ApiError
from tools.demo import story
from tools.demo.crowd import calling
from tools.demo.place import CLUSTER, NAMESPACE, WORKLOAD, DemoError, Place, place
from tools.demo.voice import Voice, complain
from tools.parts import MissingPartError
from tools.store import cache_root, locked


class BusyError(Exception):
    """Somebody else shows or cleans up."""


def main(arguments: Sequence[str]) -> int:
    """0 when shown or cleaned; 1 with a sentence when a step failed; 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("verb", nargs="?", choices=("run", "clean"), default="run")
    parser.add_argument("--clean", action="store_true", help="the same as `clean`")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with locked(cache_root() / "locks" / "demo.lock", busy=_refuse):
            return _clean(place()) if options.clean or options.verb == "clean" else _show(place())
    except BusyError as error:
        complain(str(error))
        return 1
    except (DemoError, ClusterError, MissingPartError, ApiError, OSError) as error:
        complain(f"\n{error}\n`make clean-demo` removes what is there; `make demo` begins afresh.")
        return 1
    except KeyboardInterrupt:
        complain("\nInterrupted. `make clean-demo` removes what is there; `make demo` begins afresh.")
        return 130


def _refuse() -> None:
    raise BusyError("Another demonstration is running on this machine; wait for its end, or interrupt it.")


def _show(where: Place) -> int:
    voice = Voice()
    story.prologue(voice)
    parts = toolchain.ensure(report=_news)
    voice.chapter("1. A cluster")
    if where.exists():
        voice.say("An earlier demonstration is still there. It is removed first.")
        _forget(where)
    began = time.monotonic()
    create(CLUSTER, report=_news)
    story.cluster_made(voice, seconds=time.monotonic() - began)
    where.prepare(parts)
    with calling(where.cluster, NAMESPACE, WORKLOAD) as crowd:
        _tell(story.Story(voice, where, story.stack_of(where, parts), story.viewer_of(where), crowd))
    story.epilogue(voice, where)
    return 0


def _tell(told: story.Story) -> None:
    story.first_version(told)
    after = story.replacement(told)
    story.remainder(told, after)
    story.step_back(told, after)


def _clean(where: Place) -> int:
    voice = Voice()
    if not where.exists():
        voice.say("There is nothing to clean up.")
        return 0
    if where.cluster.alive() and where.config.exists():
        try:
            story.stack_of(where, toolchain.ensure(report=_news)).destroy()
            voice.say("The stack is destroyed.")
        except DemoError as error:
            voice.say(f"{error} The cluster goes anyway, and everything in it.")
    _forget(where)
    voice.say(f"Cluster {CLUSTER} and the stack's files are removed. What was built stays in {cache_root()}.")
    return 0


def _forget(where: Place) -> None:
    delete(CLUSTER)
    where.forget()


def _news(line: str) -> None:
    """Pass on what takes time; what is merely found was listed by `make tools`."""
    if "built before" not in line and "found:" not in line:
        complain(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
