"""Which nodes pass for the GPU that people name, and which do not."""

import pytest

from inference_provider.placement.confined import NOWHERE, REGION, confined
from inference_provider.placement.flavors import MODELS, Alternative, alternatives, signs
from inference_provider.placement.selector import takes

DISCOVERED = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
GKE = {"cloud.google.com/gke-accelerator": "nvidia-h100-80gb"}
KARPENTER = {"karpenter.k8s.aws/instance-gpu-name": "a100", "karpenter.k8s.aws/instance-gpu-memory": "81920"}


def passes(flavor: str, labels: dict[str, str]) -> bool:
    """Whether a node with these labels has that GPU."""
    return takes(confined((), None, alternatives(signs(flavor))), labels)


@pytest.mark.parametrize(
    ("flavor", "labels", "yes"),
    [
        ("h100", DISCOVERED, True),
        ("H100", DISCOVERED, True),
        ("h100-80gb", DISCOVERED, True),
        ("h100-nvl", DISCOVERED, False),
        ("NVIDIA-H100-80GB-HBM3", DISCOVERED, True),
        ("h100", GKE, True),
        ("a100-80gb", KARPENTER, True),
        ("a100-40gb", KARPENTER, False),
        ("a100", KARPENTER, True),
        ("t4", {"k8s.amazonaws.com/accelerator": "nvidia-tesla-t4"}, True),
        ("t4", DISCOVERED, False),
        ("t4", {}, False),
        # slices, and GPUs that pods share
        ("h100", {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"}, False),
        ("h100", {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-SHARED"}, False),
        ("h100", DISCOVERED | {"nvidia.com/gpu.sharing-strategy": "time-slicing"}, False),
        ("h100", DISCOVERED | {"nvidia.com/gpu.sharing-strategy": "mps"}, False),
        ("h100", DISCOVERED | {"nvidia.com/gpu.sharing-strategy": "none"}, True),
        ("h100", GKE | {"cloud.google.com/gke-gpu-partition-size": "1g.10gb"}, False),
        ("h100", GKE | {"cloud.google.com/gke-gpu-sharing-strategy": "time-sharing"}, False),
        ("a100", KARPENTER | {"nvidia.com/mig.strategy": "single"}, False),
    ],
)
def test_a_node_has_what_its_labels_say_whole_and_unshared(flavor: str, labels: dict[str, str], *, yes: bool) -> None:
    assert passes(flavor, labels) is yes


def test_who_names_a_gpu_that_pods_share_gets_it_and_whole_ones_stay_whole_beside_it() -> None:
    shared = {"nvidia.com/gpu.product": "NVIDIA-L4-SHARED", "nvidia.com/gpu.sharing-strategy": "time-slicing"}
    assert passes("NVIDIA-L4-SHARED", shared)
    assert not passes("NVIDIA-L4-SHARED", {"nvidia.com/gpu.product": "NVIDIA-L4"})
    both = confined((), None, alternatives(signs("NVIDIA-L4-SHARED") | signs("h100")))
    assert takes(both, shared)
    assert takes(both, DISCOVERED)
    assert not takes(both, DISCOVERED | {"nvidia.com/gpu.sharing-strategy": "time-slicing"})


def test_a_name_that_nobody_knows_takes_no_node() -> None:
    assert not signs("warp-core")
    assert not passes("warp-core", DISCOVERED)


def test_every_flavor_is_known_by_some_label() -> None:
    assert all(alternatives(signs(each)) for each in MODELS)


def test_two_policies_about_hardware_leave_what_both_allow() -> None:
    left = (signs("a100") | signs("t4")) & (signs("a100-80gb") | signs("h100"))
    assert left == signs("a100-80gb")
    assert passes("a100-80gb", KARPENTER)
    assert len(alternatives(left)) == 3, "one for each label that may say it"


def test_policies_go_into_every_alternative_of_the_pod() -> None:
    own = [
        {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["a"]}]},
        {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["b"]}]},
    ]
    terms = confined(own, frozenset({"eu-west-1"}), None)
    assert len(terms) == 2
    assert takes(terms, {"pool": "b", REGION: "eu-west-1"})
    assert not takes(terms, {"pool": "b", REGION: "us-east-1"})
    assert not takes(terms, {"pool": "b"})
    assert not takes(terms, {"pool": "c", REGION: "eu-west-1"})


def test_no_policy_changes_nothing_and_an_empty_one_takes_no_node() -> None:
    own: list[dict[str, object]] = [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]
    nothing: tuple[Alternative, ...] = ()
    assert confined(own, None, None) == tuple(own)
    assert confined(own, frozenset(), None) == (NOWHERE,)
    assert confined(own, frozenset({"eu-west-1"}), nothing) == (NOWHERE,)
    assert not takes([NOWHERE], {})
    assert not takes([NOWHERE], {REGION: "eu-west-1"})
