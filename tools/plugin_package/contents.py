"""What goes into the plugin's library? The very packages that this environment has, and was tested with."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
OURS = "pulumi-inference-provider"
#: What only the command line, a debugger or an installer wants; the plugin never imports it.
LEFT_OUT = frozenset(
    ("annotated-doc", "debugpy", "markdown-it-py", "mdurl", "pip", "pygments", "rich", "shellingham", "typer")
)
#: Packages whose compiled parts only make faster what they also have in Python, and that are large.
PLAIN = frozenset(("python-box",))
_DOOR = ROOT / "provider" / "inference_provider"
#: For compilers, type checkers and installers.
_NOT_RUN = (".c", ".h", ".pyi", ".pyx", ".pxd", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


def distributions() -> dict[str, Distribution]:
    """Everything that the plugin needs, by its normalized name; ours first. Raises PackageNotFoundError."""
    found: dict[str, Distribution] = {}
    wanted = [OURS]
    while wanted:
        name = _normalized(wanted.pop())
        if name in found or name in LEFT_OUT:
            continue
        found[name] = distribution(name)
        required = [Requirement(each) for each in found[name].requires or ()]
        wanted += [each.name for each in required if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def files(name: str, of: Distribution) -> Iterator[tuple[Path, str]]:
    """Each file of a distribution: where it lies, and where in the library it belongs."""
    if name == OURS:
        yield from _own(of)
        return
    for each in of.files or ():
        place = each.as_posix()
        outside = place.startswith(("..", "/")) or "__pycache__" in each.parts
        if not outside and not place.endswith(_NOT_RUN) and not (name in PLAIN and is_compiled(place)):
            yield Path(str(each.locate())), place


def _own(of: Distribution) -> Iterator[tuple[Path, str]]:
    """Ours as they lie in the clone (it is installed as editable), without the command line."""
    for path in sorted(_DOOR.rglob("*")):
        place = path.relative_to(_DOOR.parent)
        if path.is_file() and "__pycache__" not in place.parts and place.parts[1] != "cli":
            yield path, place.as_posix()
    for each in of.files or ():
        if each.name == "METADATA":
            yield Path(str(each.locate())), each.as_posix()


def is_compiled(place: str) -> bool:
    """Whether a file is machine code."""
    return place.endswith(".so")


def is_for_one_python(place: str) -> bool:
    """Whether it is machine code that one version of Python takes: its name says which."""
    return is_compiled(place) and ".cpython-" in place


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
