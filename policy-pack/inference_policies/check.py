"""Is a configuration of the pack right? `python -m inference_policies.check config.json` says, and ends with 1 if not.

Pulumi takes a configuration of a rule that does not exist, and says nothing: misspelt, a rule keeps its defaults.
"""

import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from inference_policies.rules.catalogue import SETTINGS
from inference_policies.settings import read
from inference_provider.errors import InputError

#: What else Pulumi knows at the top, and beside a rule's settings.
_ALL, _OTHERS, _LEVEL = "all", ("environments",), "enforcementLevel"
_LEVELS = ("advisory", "mandatory", "remediate", "disabled")


def mistakes(configured: Mapping[str, object]) -> Iterator[str]:
    """A sentence for everything that is wrong."""
    for name, said in configured.items():
        if name == _ALL or (name in SETTINGS and isinstance(said, str)):
            yield from _level(name, said)
        elif name in SETTINGS and isinstance(said, Mapping):
            yield from _settings(name, said)
        elif name in SETTINGS:
            yield f"{name}: is to be an object with settings, or a level such as advisory"
        elif name not in _OTHERS:
            yield f"there is no rule {name!r}{_meant(name)}"


def _level(name: str, said: object) -> Iterator[str]:
    if said not in _LEVELS:
        yield f"{name}: there is no level {said!r}; there are {', '.join(_LEVELS)}"


def _settings(name: str, said: Mapping[str, object]) -> Iterator[str]:
    yield from _level(name, said.get(_LEVEL, _LEVELS[0]))
    try:
        read(SETTINGS[name], {key: value for key, value in said.items() if key != _LEVEL})
    except InputError as error:
        yield f"{name}: {error}"


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, SETTINGS, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(SETTINGS)}"


def main(arguments: Sequence[str]) -> int:
    """The command line: files. 0 when all are right, 1 when one is not, with a line for each mistake, 2 without any."""
    if not arguments:
        sys.stderr.write("Say which file: python -m inference_policies.check config.json\n")
        return 2
    found = [f"{file}: {mistake}" for file in arguments for mistake in _mistakes_in(file)]
    for mistake in found:
        sys.stderr.write(f"{mistake}\n")
    return 1 if found else 0


def _mistakes_in(file: str) -> Iterable[str]:
    try:
        configured = json.loads(Path(file).read_text())
    except (OSError, ValueError, RecursionError) as error:
        return [f"cannot be read: {error}"]
    return mistakes(configured) if isinstance(configured, dict) else ["is no JSON object"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
