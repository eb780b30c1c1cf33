"""The Go example passes `go vet` against the SDK, and would not if it said something that is not there."""

import shutil
from pathlib import Path

from tests.e2e.stack import ROOT
from tools.built import SDK, STORE, program, run
from tools.made_once import made_once
from tools.parts import MissingPartError

EXAMPLE = ROOT / "examples/several-groups"
#: Its go.sum pins all that it is built from; nothing of Go's own is fetched.
SETTINGS = {"GOFLAGS": "-mod=mod", "GOWORK": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


def go(*arguments: str, folder: Path) -> str:
    """What a command of Go prints; fails with its words."""
    return run("the Go example", [program("go"), *arguments], folder, **SETTINGS)


def vetted(target: Path) -> None:
    """Vet the example with the SDK of this clone, then with one word misspelt; what is said then is left in a file."""
    shutil.copytree(EXAMPLE, target, dirs_exist_ok=True)
    go("mod", "edit", f"-replace=github.com/pulumi-inference/pulumi-inference/sdk/go={SDK / 'go'}", folder=target)
    go("vet", ".", folder=target)
    misspelt = (target / "main.go").read_text().replace("ReplicaCount:", "ReplicaKount:", 1)
    (target / "wrong").mkdir()
    (target / "wrong/main.go").write_text(misspelt)
    try:
        go("vet", "./wrong", folder=target)
    except MissingPartError as refused:
        (target / "refused.txt").write_text(str(refused))


def test_the_program_fits_the_sdk_and_a_misspelt_property_would_not() -> None:
    # Done once for each content, as compiling Pulumi's own packages takes a while; only what passed is remembered.
    version = go("version", folder=EXAMPLE)
    sources: dict[str, Path | str] = {"example": EXAMPLE, "sdk": SDK / "go", "go": version, "how": Path(__file__)}

    checked = made_once(STORE, "go-example", sources, vetted)

    assert "unknown field ReplicaKount" in (checked / "refused.txt").read_text()
