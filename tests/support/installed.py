"""The generated Python SDK as `pip install` lays it down: it asks for its own version when it is imported."""

import tomllib
from pathlib import Path

SDK = "pulumi_inference"
_SOURCE = Path(__file__).parents[2] / "sdk/python"


def lay_down(folder: Path) -> Path:
    """Make ``folder`` one that the SDK can be imported from."""
    version = tomllib.loads((_SOURCE / "pyproject.toml").read_text())["project"]["version"]
    (folder / SDK).symlink_to(_SOURCE / SDK)
    described = folder / f"{SDK}-{version}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {SDK}\nVersion: {version}\n")
    return folder
