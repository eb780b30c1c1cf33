"""The written argument classes, and programs that use them."""

import re
from pathlib import Path

import pytest
from mypy import api

from tools import argsgen

ROOT = Path(__file__).parents[2]

PROGRAM = """
import pulumi
from inference_provider.dynamic import (
    Artifact, ArtifactSpecArgs, ContainerArgs, ContainerGroupArgs, GroupRuntimeArgs, ProbeArgs, RuntimeArgs, Workload,
)

image = pulumi.Config().get("image")
headers = pulumi.Output.from_input({"X-Key": "v"})
probe = ProbeArgs(path="/health", http_headers=headers)
container = ContainerArgs(name="vllm", image=image, primary=True, port=8000, startup_probe=probe, args=("--x",))
mixed = Artifact("a", spec=ArtifactSpecArgs(container_groups=[ContainerGroupArgs(containers=[
    container, {"name": "side", "image": pulumi.Output.from_input("i"), "env": [{"name": "A", "value": "b"}]}])]))
plain = Artifact("b", type="nim", status=pulumi.Config().require("status"),
    spec={"container_groups": [{"containers": [{"name": "n", "image": "i", "primary": True}]}]},
    secret_env={"T": pulumi.Config().require_secret("t")})
first = Workload("w", artifact_id=mixed.version_id, runtime={"container_groups": [{"replica_count": 2, "containers": [
    {"name": "vllm", "resource_allocation": {"cpu": 0.5, "memory": "1Gi", "gpu": 2}}]}]},
    replacement={"keep_old_version_minutes": 10, "traffic_switch": "atomic"}, timeouts={"create": "1h", "update": 600})
second = Workload("x", artifact={"spec": {"container_groups": [{"containers": [container]}]}},
    runtime=RuntimeArgs(container_groups=[GroupRuntimeArgs(replica_count=pulumi.Output.from_input(3))]))
reveal_type(first.endpoint)
reveal_type(first.ready_replicas)
reveal_type(first.rollout.apply(lambda rollout: rollout.keep_old_until))
reveal_type(plain.version)
"""
MISTAKES = """
from inference_provider.dynamic import ContainerArgs, Workload
Workload("w", replicas=2)
Workload("w", runtime={"container_groups": [{"replicaCount": 2}]})
ContainerArgs(image="x")
ContainerArgs(name="x", port="8000")
"""


def test_the_written_classes_are_what_the_domain_says(capsys: pytest.CaptureFixture[str]) -> None:
    result = argsgen.main(["--check"])

    assert (result, capsys.readouterr().err) == (0, "")


def test_a_changed_a_missing_and_a_leftover_file_are_stale(tmp_path: Path) -> None:
    (tmp_path / "same.py").write_text("1")
    (tmp_path / "changed.py").write_text("1")
    (tmp_path / "leftover.py").write_text("1")

    assert argsgen.stale(tmp_path, {"same.py": "1", "changed.py": "2", "missing.py": "3"}) == [
        "changed.py",
        "leftover.py",
        "missing.py",
    ]


def checked(program: Path) -> list[str]:
    """What mypy --strict says of a program."""
    out, err, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--strict", str(program)])
    assert not err
    return out.splitlines()


@pytest.fixture(autouse=True)
def _in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paths in mypy's configuration start at the root."""
    monkeypatch.chdir(ROOT)


def test_a_program_with_classes_and_dicts_passes_a_strict_type_checker(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    said = checked(program)

    assert [line for line in said if ": error:" in line] == []
    assert re.findall(r'Revealed type is "(.*)"', "\n".join(said)) == [
        "pulumi.output.Output[str]",
        "pulumi.output.Output[int]",
        "pulumi.output.Output[str | None]",
        "pulumi.output.Output[int | None]",
    ]


def test_a_type_checker_finds_each_mistake(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(MISTAKES)
    wrong_lines = {int(line.split(":")[1]) for line in checked(program) if ": error:" in line}

    assert wrong_lines == {3, 4, 5, 6}


def test_the_quickstart_passes_a_strict_type_checker() -> None:
    assert checked(ROOT / "examples/quickstart/__main__.py") == ["Success: no issues found in 1 source file"]
