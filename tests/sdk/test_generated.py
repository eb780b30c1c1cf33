"""The committed SDKs are those that Pulumi's generators make of today's schema, and they name today's plugin."""

import json
import re
import tomllib
from pathlib import Path

from tools.sdkgen import ROOT, TARGET, differing, files, write

SDK = ROOT / TARGET


def test_the_committed_sdks_are_what_the_generators_make(toolchain_bin: Path) -> None:
    assert differing(SDK, files(toolchain_bin / "sdkgen")) == [], "run `python -m tools.sdkgen`"


def test_a_changed_a_missing_and_a_foreign_file_are_told_and_put_right(tmp_path: Path) -> None:
    wanted = {Path("go/a.go"): b"a", Path("go/b.go"): b"b", Path("nodejs/c.ts"): b"c"}
    write(tmp_path, wanted)
    (tmp_path / "go/a.go").write_bytes(b"by hand")
    (tmp_path / "go/b.go").unlink()
    (tmp_path / "go/of_last_year.go").write_bytes(b"old")
    (tmp_path / "nodejs/node_modules").mkdir()
    (tmp_path / "nodejs/node_modules/installed.js").write_bytes(b"theirs")

    assert differing(tmp_path, wanted) == [Path("go/a.go"), Path("go/b.go"), Path("go/of_last_year.go")]

    write(tmp_path, wanted)

    assert differing(tmp_path, wanted) == []
    assert (tmp_path / "nodejs/node_modules/installed.js").exists()


def test_every_sdk_asks_for_the_plugin_of_its_own_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    asked = {"resource": True, "name": "inference", "version": version}

    assert json.loads((SDK / "python/pulumi_inference/pulumi-plugin.json").read_text()) == asked
    assert json.loads((SDK / "go/inference/pulumi-plugin.json").read_text()) == asked
    assert json.loads((SDK / "nodejs/package.json").read_text())["pulumi"] == asked


def test_no_sdk_says_where_packages_come_from() -> None:
    hosts = re.compile(rb"registry\.|proxy\.golang|pypi\.org|pythonhosted")

    assert [path for path in SDK.rglob("*") if path.is_file() and hosts.search(path.read_bytes())] == []
