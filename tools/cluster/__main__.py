"""The command line of the simulated cluster: `python3 -m tools.cluster create|delete|status|kubeconfig|lose|find`."""

import argparse
import sys
import time
from collections.abc import Sequence

from tools.cluster import (
    Cluster,
    ClusterError,
    cluster,
    create,
    delete,
    find_node,
    lose_node,
    names,
)
from tools.cluster.client import ApiError
from tools.parts import MissingPartError

DEFAULT_NAME = "demo"


def main(arguments: Sequence[str]) -> int:
    """0 when done; 1 with a sentence when not, or when `status` finds the cluster dead or missing."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (ClusterError, MissingPartError, ApiError, OSError) as error:
        _tell(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools.cluster", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in (
        ("create", "make it, or repair it; one that runs is kept"),
        ("delete", "remove every process and file of it"),
        ("status", "say how it is"),
        ("kubeconfig", "print the path of its kubeconfig"),
        ("lose", "a node stops reporting"),
        ("find", "a lost node reports again"),
    ):
        command = verbs.add_parser(verb, help=text)
        command.add_argument("--name", default=DEFAULT_NAME, help=f"which cluster (default: {DEFAULT_NAME})")
        if verb in ("lose", "find"):
            command.add_argument("node")
    return parser


def _run(options: argparse.Namespace) -> int:
    match options.verb:
        case "create":
            _create(options.name)
        case "delete":
            gone = delete(options.name)
            print(f"Cluster {options.name} is removed." if gone else f"There was no cluster {options.name}.")
        case "status":
            return _status(cluster(options.name))
        case "kubeconfig":
            print(_existing(options.name).kubeconfig)
        case "lose":
            lose_node(_existing(options.name), options.node)
        case "find":
            find_node(_existing(options.name), options.node)
        case other:
            raise ClusterError(f"There is no verb {other!r}.")
    return 0


def _create(name: str) -> None:
    started = time.monotonic()
    made = create(name, report=_tell)
    print(f"Cluster {name} is ready after {time.monotonic() - started:.1f} s. Its kubeconfig: {made.kubeconfig}")


def _existing(name: str) -> Cluster:
    there = cluster(name)
    there.ports()
    return there


def _status(asked: Cluster) -> int:
    if not asked.exists():
        others = ", ".join(names()) or "none"
        print(f"There is no cluster {asked.name}. Clusters on this machine: {others}.")
        return 1
    living = asked.processes()
    print(f"{asked.name}: {'ready' if asked.alive() else 'not well'}, kubeconfig {asked.kubeconfig}")
    for component, pid in living.items():
        print(f"  {component:<24} pid {pid}")
    return 0 if asked.alive() else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
