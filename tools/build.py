"""How is a part built from Go modules, and what is said when that cannot work?"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.parts import Enclosure, MissingPartError, Part
from tools.store import MODULES

_OLDEST_GO = (1, 26)
_SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
_REFUSED = re.compile(r"not available|410 Gone|404 Not Found|403 Forbidden|unknown revision|dial tcp|no such host")


def build(part: Part, folder: Path) -> None:
    """Build the part's program, and copy what belongs beside it, into `folder`.

    Raises:
        MissingPartError: there is no fitting Go, a module is not to be had, or the build fails.
    """
    go = _require_go(part)
    tags = ["-tags", part.tags] if part.tags else []
    output = str(folder / part.name)
    command = ["build", "-trimpath", *tags, "-ldflags", part.ldflags, "-o", output, part.package]
    _run(part, [go, *command], MODULES / part.folder)
    for enclosure in part.enclosures:
        _copy(part, enclosure, folder, go)


def _copy(part: Part, enclosure: Enclosure, folder: Path, go: str) -> None:
    modules = MODULES / enclosure.folder
    _run(part, [go, "mod", "download", enclosure.module], modules)
    source = _run(part, [go, "list", "-m", "-f", "{{.Dir}}", enclosure.module], modules).strip()
    target = folder / enclosure.name
    shutil.copyfile(Path(source) / enclosure.path, target)
    target.chmod(0o755 if enclosure.executable else 0o644)


def _require_go(part: Part) -> str:
    wish = f"{part.name} is not on PATH, and building it needs Go {'.'.join(map(str, _OLDEST_GO))} or newer"
    go = shutil.which("go")
    if go is None:
        raise MissingPartError(
            f"{wish}, but there is no `go` on PATH. Install Go, or set {part.variable} to a {part.name} you have."
        )
    answer = subprocess.run([go, "version"], capture_output=True, text=True, env=_environment(), check=False).stdout
    refusal = go_refusal(answer)
    if refusal:
        raise MissingPartError(f"{wish}, but {refusal}. Install a newer Go, or set {part.variable} to a {part.name}.")
    return go


def go_refusal(answer: str) -> str | None:
    """What is wrong with the Go that gave this answer to `go version`, or None."""
    match = re.search(r"go(\d+)\.(\d+)", answer)
    if match is None:
        return f"`go version` answers {answer.strip() or 'nothing'!r}"
    if (int(match[1]), int(match[2])) < _OLDEST_GO:
        return f"the `go` on PATH is {match[1]}.{match[2]}"
    return None


def _environment() -> Mapping[str, str]:
    return os.environ | _SETTINGS


def _run(part: Part, command: list[str], modules: Path) -> str:
    process = subprocess.Popen(
        command,
        cwd=modules,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        output, errors = process.communicate()
    except BaseException:
        # Interrupted: the compiler must not go on in the background and write into a folder that is being removed.
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        raise MissingPartError(failure(part, errors))
    return output


def failure(part: Part, errors: str) -> str:
    """The sentence for a failed build, from what `go` wrote."""
    last = "\n  ".join(line for line in errors.strip().splitlines()[-6:])
    if _REFUSED.search(errors):
        return (
            f"{part.name} {part.version} could not be built, because a Go module of it could not be fetched. Check "
            f"`go env GOPROXY` and the network, or set {part.variable} to a {part.name} you have. go said:\n  {last}"
        )
    return (
        f"{part.name} {part.version} could not be built in tools/modules/{part.folder}. "
        f"Set {part.variable} to a {part.name} you have, or report this. go said:\n  {last}"
    )
