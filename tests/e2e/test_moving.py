"""A stack moves from one door to the other and back: nothing is made anew, and what serves is not touched."""

from pathlib import Path
from typing import Any

from inference_provider.resources.registry import KINDS
from tests.e2e.programs import artifact, workload
from tests.e2e.stack import Stack
from tests.e2e.test_plugin_door import resources
from tools.cluster import Cluster
from tools.interrupt.stage import Stage, watching

DYNAMIC = "pulumi-python:dynamic/inference"
NAMES = {"Artifact": "llama", "Workload": "chat", "Replacement": "change", "Policy": "large"}
#: Where programs as data say options for each of them.
_SAID = {"Artifact": "artifact", "Workload": "workload", "Replacement": "replacement", "Policy": "policies"}
#: What the dynamic door has to be told; the SDKs of the plugin know by themselves.
BACK = {
    said: {"aliases": [f"urn:pulumi:dev::shop::inference:index:{kind}::{NAMES[kind]}"]} for kind, said in _SAID.items()
}


def program(**more: object) -> dict[str, Any]:
    """All four resources."""
    driven = workload(2) | {"replacement": {"driver": "external"}}
    large = {"type": "flavor", "flavors": [{"type": "gpu", "name": "h100"}]}
    return {"policies": {"large": large}, "artifact": artifact(), "workload": driven, "replacement": {}, **more}


def untouched(stage: Stage, pods: set[str]) -> None:
    """The same pods have served all the time."""
    assert {pod["metadata"]["uid"] for pod in stage.pods("r1")} == pods
    assert (stage.moves, stage.fewest) == ([], 2)


def test_a_stack_moves_to_the_dynamic_door_and_back_to_the_plugin(
    plugged: Stack, tmp_path: Path, simulated_cluster: Cluster
) -> None:
    plugged.environment = {"KUBECONFIG": str(tmp_path / "none")}
    plugged.config("inference:kubeconfig", str(plugged.kubeconfig))
    plugged.declare(**program())
    plugged.must_up("--skip-preview")
    born = plugged.outputs()["incarnation"]
    with watching(simulated_cluster.client(), plugged.namespace, "chat") as stage:
        pods = {pod["metadata"]["uid"] for pod in stage.pods("r1")}

        plugged.door = "dynamic"
        plugged.declare(**program(options=BACK))
        plugged.must_up("--skip-preview")
        left = {each["type"]: each["outputs"] for each in resources(plugged) if each["type"].startswith(DYNAMIC)}
        assert set(left) == {f"{DYNAMIC}:{kind}" for kind in NAMES}
        assert all("__provider" in outputs for outputs in left.values()), "without it Pulumi could not delete them"
        untouched(stage, pods)

        plugged.door = "plugin"
        plugged.declare(**program())
        moving = plugged.preview()
        assert moving.has("~ 3 to update"), moving.text
        assert not moving.has("replace"), moving.text
        assert not moving.has("to create")
        plugged.must_up("--skip-preview")
        assert plugged.preview("--expect-no-changes").code == 0
        untouched(stage, pods)
    kept = {each["type"] for each in resources(plugged) if each.get("id") and "providers" not in each["type"]}
    assert kept == set(KINDS)
    assert plugged.outputs()["incarnation"] == born
