"""Our resources beside those of pulumi-kubernetes, in a Pulumi without engine: its plugin is not to be had here."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import MockResourceArgs

from inference_provider.domain.faults import parse_artifact, parse_workload
from inference_provider.domain.workload import WorkloadInputs
from tests.dynamic import mocked
from tests.e2e.stack import ROOT
from tests.examples.kubernetes_sdk import kubernetes_sdk

VERSION = "models-7c1d9a3e/llama@0123456789ab"


class Named(mocked.Registered):
    """Gives the objects of pulumi-kubernetes names, as its plugin does."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Remember it, with a name of its own where the program says none."""
        made, state = super().new_resource(args)
        if args.typ.startswith("kubernetes:"):
            named = {"name": f"{args.name}-7c1d9a3e", **(state.get("metadata") or {})}
            return made, {**state, "metadata": named}
        return made, state


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch, installed_sdk: Path) -> Iterator[None]:
    """Both SDKs, for one test."""
    for folder in (kubernetes_sdk(), installed_sdk):
        monkeypatch.syspath_prepend(str(folder))
    yield
    for name in [each for each in sys.modules if each.startswith(("pulumi_kubernetes", "pulumi_inference"))]:
        del sys.modules[name]


@pytest.mark.usefixtures("importable")
def test_the_server_lives_in_the_namespace_and_reads_the_token_that_the_same_program_makes() -> None:
    registered = Named({"llama": {"versionId": VERSION}})

    def program() -> None:
        runpy.run_path(str(ROOT / "examples/kubernetes"), run_name="__main__")

    mocked.run(program, mocks=registered, config={"token": "hf_secret"})

    artifact, workload = registered.inputs["Artifact"], registered.inputs["Workload"]
    assert registered.inputs["Secret"]["metadata"]["namespace"] == "models-7c1d9a3e"
    assert artifact["namespace"] == workload["namespace"] == "models-7c1d9a3e"
    (token,) = parse_artifact({"name": "llama", **artifact}).spec.primary_container.env
    assert token.secret_ref is not None
    assert (token.secret_ref.name, token.secret_ref.key) == ("hugging-face-7c1d9a3e", "token")
    assert twice_the_gpus(parse_workload({"name": "llama", **workload})) == registered.inputs["ResourceQuota"]["spec"]


def twice_the_gpus(workload: WorkloadInputs) -> dict[str, Any]:
    """What a quota has to allow while both versions run."""
    gpus = workload.runtime.group("default").allocation("vllm").gpu or 0
    return {"hard": {"requests.nvidia.com/gpu": str(2 * gpus * workload.runtime.replicas("default"))}}
