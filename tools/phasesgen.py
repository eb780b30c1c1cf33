"""Does the page about phases say what the table of phases says? This writes it.

`python -m tools.phasesgen` writes docs/phases.md, `--check` fails when that is stale.
"""

import sys
from pathlib import Path

from inference_provider.rollout.phases import FOLLOWING, MEANING, Phase, mermaid

TARGET = Path("docs/phases.md")
_HEAD = """\
# How far is a replacement?

The output `rollout.status`, the history and a record's phases use these words. What no arrow leads to cannot be written
into a record: it would lie about who serves. This page is made from
[rollout/phases.py](../provider/inference_provider/rollout/phases.py) by `python -m tools.phasesgen`.
"""


def page() -> str:
    """The whole page."""
    rows = [f"| `{phase.value}` | {MEANING[phase]} | {_next(phase)} |" for phase in Phase]
    table = "\n".join(["| phase | means | then |", "|---|---|---|", *rows])
    return f"{_HEAD}\n```mermaid\n{mermaid()}\n```\n\n{table}\n"


def _next(phase: Phase) -> str:
    return ", ".join(f"`{each.value}`" for each in Phase if each in FOLLOWING[phase]) or "it has ended"


def main(arguments: list[str]) -> int:
    """Write the page, or (``--check``) say whether it is what would be written: 0 when it is."""
    target = Path(__file__).parent.parent / TARGET
    if "--check" not in arguments:
        target.write_text(page())
        return 0
    if target.is_file() and target.read_text() == page():
        return 0
    print(f"{TARGET} is not what the table of phases says. Run `python -m tools.phasesgen`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
