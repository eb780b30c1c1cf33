"""What a bundle makes of a pod, and what a proton's Service notes of it."""

import pytest

from inference_provider.domain.bundle import ResourceBundle
from inference_provider.domain.runtime import GroupRuntime
from inference_provider.manifests import labels
from inference_provider.manifests.bundle import bundle_notes, bundles_of, hourly_cost
from inference_provider.manifests.hardware import hardware_of
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU, pod_spec
from tests.support.blueprints import content, group, vllm

BUNDLE = ResourceBundle.model_validate(
    {
        "name": "a100",
        "gpu": 4,
        "gpuMemory": "80Gi",
        "nodeSelector": {"pool": "a100"},
        "tolerations": [{"key": "reserved", "operator": "Exists"}],
        "env": {"TP": "4"},
        "pricePerHour": 14.7,
    }
)
SIDECAR = {"name": "metrics", "image": f"metrics@sha256:{'b' * 64}"}


def pod(*, bundle: ResourceBundle, runtime: dict[str, object] | None = None) -> Body:
    """The pod spec of a server and its sidecar on this bundle."""
    own = [{"name": "TP", "value": "1"}, {"name": "MODE", "value": "tp-$(TP)"}]
    held = content(group(vllm(env=own), SIDECAR))["containerGroups"][0]
    hardware = hardware_of(GroupRuntime.model_validate(runtime or {}), bundle, main="vllm")
    return pod_spec(held, hardware=hardware, secret=None, priority=None, drain_seconds=30, storage=None, spread_over={})


def test_a_pod_goes_to_the_nodes_of_its_bundle() -> None:
    spec = pod(bundle=BUNDLE)

    assert spec["nodeSelector"] == {"pool": "a100"}
    assert [each["key"] for each in spec["tolerations"]] == [GPU, "reserved"]
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert [each["key"] for each in term["matchExpressions"]] == ["nvidia.com/gpu.memory"]


def test_the_main_container_gets_the_hardware_and_is_told_of_it_before_its_own_variables() -> None:
    server, metrics = pod(bundle=BUNDLE)["containers"]

    assert server["resources"]["limits"] == {GPU: "4"}
    assert server["env"] == [{"name": "TP", "value": "4"}, {"name": "MODE", "value": "tp-$(TP)"}]
    assert ("resources" in metrics, "env" in metrics) == (False, False)


def test_another_container_keeps_what_it_is_given() -> None:
    runtime: dict[str, object] = {"containers": [{"name": "metrics", "resourceAllocation": {"cpu": 1}}]}
    _, metrics = pod(bundle=BUNDLE, runtime=runtime)["containers"]

    assert metrics["resources"]["limits"] == {"cpu": "1"}


def noted(**written: str) -> Body:
    """A Service with annotations of ours."""
    return {"metadata": {"annotations": {f"{labels.DOMAIN}/{key}": value for key, value in written.items()}}}


def test_the_price_of_all_pods_is_a_round_figure() -> None:
    service: Body = {"metadata": {"annotations": bundle_notes({"default": BUNDLE})}}

    assert bundles_of(service) == {"default": "a100"}
    assert hourly_cost(service, {"default": 3}) == 44.1
    assert hourly_cost(service, {"default": 3, "router": 1}) is None
    assert hourly_cost(service, {}) is None


@pytest.mark.parametrize("written", ["", "[]", "no json", '{"default": "a100"}', '{"default": {"cost": 1}}'])
def test_what_nobody_can_read_is_no_bundle(written: str) -> None:
    assert bundles_of(noted(bundles=written)) == {}
    assert hourly_cost(noted(bundles=written), {"default": 1}) is None
