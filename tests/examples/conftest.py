"""The examples as a clone has them, each with a stack of the real CLI."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, Stack

Begun = Callable[[str], Stack]


@pytest.fixture
def begun(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str) -> Begun:
    """Copies an example and makes a stack of it, whose image needs no registry."""

    def begin(name: str) -> Stack:
        importable = os.pathsep.join(str(ROOT / each) for each in ("provider", "sdk/python", "."))
        parts = f"{toolchain_bin}{os.pathsep}{os.environ['PATH']}"
        around = {"PYTHONPATH": importable, "PATH": f"{Path(ROOT / '.venv/bin')}{os.pathsep}{parts}"}
        folder = tmp_path / "clone/examples" / name
        stack = Stack(folder, toolchain_bin, kubeconfig, namespace, environment=around).start_example()
        stack.config("image", f"vllm/vllm-openai@sha256:{'d' * 64}")
        return stack

    return begin
