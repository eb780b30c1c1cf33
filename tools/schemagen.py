"""Is schema.json what the provider says of itself? `python -m tools.schemagen` writes it, `--check` only compares."""

import argparse
import json
import sys
from pathlib import Path

from inference_provider.plugin.schema import schema

TARGET = Path("schema.json")


def main(arguments: list[str]) -> int:
    """Write the file, or (``--check``) say whether it is what would be written: 0 when it is."""
    parser = argparse.ArgumentParser(prog="python -m tools.schemagen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    checking = bool(parser.parse_args(arguments).check)
    target, wanted = Path(__file__).parent.parent / TARGET, text()
    if not checking:
        target.write_text(wanted)
        return 0
    if target.exists() and target.read_text() == wanted:
        return 0
    print(f"{TARGET} is not what the domain says. Run `python -m tools.schemagen`.", file=sys.stderr)
    return 1


def text() -> str:
    """The file's text."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
