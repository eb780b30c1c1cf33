"""Other hardware where the first choice has no room, with the real CLI: said beforehand, taken, shown."""

from tests.e2e.programs import Arguments, artifact, server
from tests.e2e.stack import Stack

#: No node has as many.
TOO_LARGE: Arguments = {"name": "pod", "gpu": 16, "gpu_model": "NVIDIA-H100-80GB-HBM3", "price_per_hour": 60}
L4: Arguments = {
    "name": "l4",
    "gpu": 1,
    "node_selector": {"nvidia.com/gpu.family": "ada-lovelace"},
    "tolerations": [{"key": "example.com/spot", "operator": "Exists"}],
    "env": {"TENSOR_PARALLEL": "1"},
    "price_per_hour": 0.8,
}


def program(stack: Stack, version: str) -> None:
    """Two pods on either kind."""
    group = {"replica_count": 2, "resource_bundles": [TOO_LARGE, L4]}
    replacement = {"surge": "fallback", "keep_old_version_minutes": 5}
    workload: Arguments = {"runtime": {"container_groups": [group]}, "replacement": replacement}
    stack.declare(artifact=artifact(server(version)), workload=workload)


def test_a_version_takes_the_bundle_that_has_room_and_its_preview_says_so(stack: Stack) -> None:
    program(stack, "v1")
    why = "takes bundle l4: pod needs 32 × NVIDIA-H100-80GB-HBM3 (2 pods × 16)"
    assert stack.must_up("--skip-preview").has(why)
    assert all(each in stack.exported() for each in ('"resolvedBundles"', '"default": "l4"', '"hourlyCost": 1.6'))
    assert stack.person("status", "chat").has(" on l4, 2 of 2 pods ready")

    program(stack, "v2")
    said = stack.preview()
    assert said.has(why)
    assert said.has("rolls from r1", "needs 2 × GPU on nvidia.com/gpu.family=ada-lovelace (2 pods × 1)")
