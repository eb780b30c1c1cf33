"""Are files and functions still small? `python -m tools.sizes` fails with a list when they are not.

Limits: a file 300 lines; a function's body, without its docstring, 50; the median file 120.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

ROOMS = ("provider", "tools", "tests", "benchmarks", "policy-pack")
FILE_LIMIT = 300
FUNCTION_LIMIT = 50
MEDIAN_LIMIT = 120


def main(root: Path) -> int:
    """0 when everything is small enough, else 1 with one line per complaint."""
    files = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    sources = {path.relative_to(root): path.read_text() for path in files}
    found = list(complaints(sources))
    for complaint in found:
        print(complaint, file=sys.stderr)
    return 1 if found else 0


def complaints(sources: dict[Path, str]) -> Iterator[str]:
    """Everything that is too large, in sentences."""
    lengths = {path: len(text.splitlines()) for path, text in sources.items()}
    for path, text in sources.items():
        if lengths[path] > FILE_LIMIT:
            yield f"{path} has {lengths[path]} lines; {FILE_LIMIT} is the limit. Split it by what it answers."
        yield from _long_functions(path, text)
    middle = _median([length for length in lengths.values() if length])
    if middle > MEDIAN_LIMIT:
        yield f"The median file has {middle:.0f} lines; {MEDIAN_LIMIT} is the limit."


def _long_functions(path: Path, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = body_length(node)
            if length > FUNCTION_LIMIT:
                yield f"{path}:{node.lineno} {node.name} has {length} lines; {FUNCTION_LIMIT} is the limit."


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _median(lengths: Sequence[int]) -> float:
    return median(lengths) if lengths else 0.0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent.parent))
