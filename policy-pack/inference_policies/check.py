"""Is a configuration of the pack right? `python -m inference_policies.check config.json` says, and ends with 1 if not.

Pulumi takes a configuration of a rule that does not exist, and says nothing: misspelt, a rule keeps its defaults.
"""

import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from inference_policies.rules.catalogue import SETTINGS
from inference_policies.settings import read
from inference_provider.errors import InputError

#: What else Pulumi knows at the top, and beside a rule's settings.
_PULUMI, _LEVEL = ("all", "environments"), "enforcementLevel"


def mistakes(configured: Mapping[str, object]) -> Iterator[str]:
    """A sentence for everything that is wrong."""
    for name, said in configured.items():
        if name in _PULUMI or (name in SETTINGS and isinstance(said, str)):
            continue
        if name not in SETTINGS:
            yield f"there is no rule {name!r}{_meant(name)}"
        elif not isinstance(said, Mapping):
            yield f"{name}: is to be an object with settings, or a level such as advisory"
        else:
            yield from _settings(name, said)


def _settings(name: str, said: Mapping[str, object]) -> Iterator[str]:
    try:
        read(SETTINGS[name], {key: value for key, value in said.items() if key != _LEVEL})
    except InputError as error:
        yield f"{name}: {error}"


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, SETTINGS, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(SETTINGS)}"


def main(arguments: Sequence[str]) -> int:
    """The command line: one file. 0 when it is right, 1 when it is not, with a line for each mistake."""
    (file,) = arguments
    try:
        configured = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        found = [f"{file} cannot be read: {error}"]
    else:
        found = list(mistakes(configured)) if isinstance(configured, dict) else [f"{file} is no JSON object"]
    for mistake in found:
        sys.stderr.write(f"{mistake}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
