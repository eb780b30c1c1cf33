"""`python -m tools.plugin_package`: make the plugin's tarball, and say how to install it."""

import argparse
import subprocess
import sys
from pathlib import Path

from tools.plugin_package.contents import ROOT
from tools.plugin_package.pythons import own
from tools.plugin_package.tarball import StaleError, pack


def main() -> int:
    """0, or 1 with a sentence."""
    parser = argparse.ArgumentParser(prog="tools.plugin_package", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder (default: dist)")
    parser.add_argument("others", nargs="*", metavar="PYTHON", help="further versions to pack it for, as in 3.12")
    given = parser.parse_args()
    try:
        made = pack(given.into, [each for each in given.others if each != own()])
    except StaleError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"pip could not download a part (it said why above): {' '.join(error.cmd[-3:])}", file=sys.stderr)
        return 1
    version = made.name.split("-v")[1].split("-")[0]
    print(f"{made} ({made.stat().st_size / 1e6:.0f} MB). Install it, on a machine with one of its Pythons:")
    print(f"pulumi plugin install resource inference {version} --file {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
