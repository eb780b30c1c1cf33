"""The examples as a clone has them, each with a stack of the real CLI."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, Stack
from tools.built import python_sdk

Begun = Callable[[str], Stack]


@pytest.fixture(scope="session")
def installed_sdk() -> Path:
    """A folder with the generated SDK as `pip install` lays it down."""
    return python_sdk()


@pytest.fixture
def begun(tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str, installed_sdk: Path) -> Begun:
    """Copies an example and makes a stack of it, whose image needs no registry."""

    def begin(name: str) -> Stack:
        importable = os.pathsep.join(map(str, (ROOT / "provider", installed_sdk, ROOT)))
        parts = f"{toolchain_bin}{os.pathsep}{os.environ['PATH']}"
        around = {"PYTHONPATH": importable, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{parts}"}
        folder = tmp_path / "clone/examples" / name
        stack = Stack(folder, toolchain_bin, kubeconfig, namespace, environment=around).start_example()
        stack.config("image", f"vllm/vllm-openai@sha256:{'d' * 64}")
        return stack

    return begin
