"""Whatever policies, nodes and wishes there are: what is allowed is what the rule says, told by another hand."""

from dataclasses import dataclass

from hypothesis import event, given, settings
from hypothesis import strategies as st

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance, rulings
from inference_provider.placement.regions import Atlas
from inference_provider.placement.selector import takes
from inference_provider.placement.standing import nowhere

REGION, PRODUCT = "topology.kubernetes.io/region", "nvidia.com/gpu.product"
GKE, KARPENTER = "cloud.google.com/gke-accelerator", "karpenter.k8s.aws/instance-gpu-name"
MEMORY = "karpenter.k8s.aws/instance-gpu-memory"
COMBINATIONS = 2000

#: Region, its country, whether that is in the European Union. Written down here once more, by hand.
WORLD = {
    "eu-central-1": ("DE", True),
    "europe-west2": ("GB", False),
    "northeurope": ("IE", True),
    "uksouth": ("GB", False),
    "us-east-1": ("US", False),
    "us-gov-west-1": (None, False),
    "ca-central-1": ("CA", False),
    "cellar-1": ("DE", True),  # the cluster's own
    "unheard-of-1": (None, False),
}
ATLAS = Atlas({"cellar-1": "DE"})
#: What nodes say, and which flavors that is. A slice, a shared GPU, and one that says nothing are none.
DEVICES: list[tuple[dict[str, str], set[str]]] = [
    ({PRODUCT: "NVIDIA-H100-80GB-HBM3"}, {"h100", "h100-80gb"}),
    ({PRODUCT: "NVIDIA-H100-NVL"}, {"h100", "h100-nvl"}),
    ({PRODUCT: "Tesla-T4"}, {"t4"}),
    ({GKE: "nvidia-tesla-t4"}, {"t4"}),
    ({GKE: "nvidia-a100-80gb"}, {"a100", "a100-80gb"}),
    ({KARPENTER: "a100", MEMORY: "40960"}, {"a100", "a100-40gb"}),
    ({PRODUCT: "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"}, set()),
    ({PRODUCT: "Tesla-T4", "nvidia.com/gpu.sharing-strategy": "time-slicing"}, set()),
    ({GKE: "nvidia-a100-80gb", "cloud.google.com/gke-gpu-partition-size": "1g.10gb"}, set()),
    ({}, set()),
]
PLACES = [("location", each) for each in WORLD] + [("country", each) for each in ("DE", "GB", "UK", "US", "PT")]
PLACES += [("continent", each) for each in ("eu", "us", "europe", "na")]
FLAVORS = ["h100", "h100-80gb", "h100-nvl", "t4", "a100", "a100-80gb", "a100-40gb", "warp-core", "cpu"]


@dataclass(frozen=True)
class Node:
    """One node: where it is, if it says so, and which device it has."""

    region: str | None
    device: int

    @property
    def labels(self) -> dict[str, str]:
        return {**DEVICES[self.device][0], **({REGION: self.region} if self.region else {})}

    def body(self, number: int) -> Body:
        return {"metadata": {"name": f"node-{number}", "labels": self.labels}}


def holds(place: tuple[str, str], region: str | None) -> bool:
    """Whether a region is in a place."""
    if region is None:
        return False
    kind, name = place
    country, union = WORLD[region]
    match kind, name:
        case "location", _:
            return region == name
        case "country", "UK":
            return country == "GB"
        case "country", _:
            return country == name
        case _, "eu":
            return union
        case _, "us":
            return country == "US"
        case _, "na":
            return country in ("US", "CA")
        case _:
            return country in ("DE", "GB", "IE")


def admitted(policy: PolicyInputs, node: Node, *, gpus: int) -> bool:
    """Whether a policy lets pods run on a node: the rule in its own words."""
    if policy.type == "location":
        return any(holds((each.type, each.name), node.region) for each in policy.locations)
    if gpus:
        return any(each.type == "gpu" and each.name in DEVICES[node.device][1] for each in policy.flavors)
    return any((each.type, each.name) == ("cpu", "cpu") for each in policy.flavors)


def _policy(name: str, given: tuple[bool, list[int], bool]) -> PolicyInputs:
    about_places, picks, sandbox = given
    said: dict[str, object] = {"name": name, "namespace": "models", "sandbox": sandbox}
    if about_places:
        places = [dict(zip(("type", "name"), PLACES[pick % len(PLACES)], strict=True)) for pick in picks]
        return PolicyInputs.model_validate({**said, "type": "location", "locations": places})
    names = [FLAVORS[pick % len(FLAVORS)] for pick in picks]
    flavors = [{"type": "cpu" if each == "cpu" else "gpu", "name": each} for each in names]
    return PolicyInputs.model_validate({**said, "type": "flavor", "flavors": flavors})


def _hardware(gpus: int, wish: int, chosen: int) -> Hardware:
    """Pods that want GPUs of a model, or a node with a label, or just anything."""
    models = (None, "NVIDIA-H100-80GB-HBM3", "Tesla-T4")
    labels: tuple[dict[str, str], ...] = ({}, {REGION: "us-east-1"}, {REGION: "eu-central-1"}, {GKE: "nvidia-tesla-t4"})
    resources = {"vllm": {"limits": {"nvidia.com/gpu": str(gpus)}}} if gpus else {}
    model = models[wish] if gpus else None
    return Hardware(resources=resources, gpu_models=(model,) if model else (), node_labels=labels[chosen])


POLICIES = st.lists(
    st.tuples(
        st.booleans(), st.lists(st.integers(0, 99), min_size=1, max_size=3), st.sampled_from([False] * 4 + [True])
    ),
    max_size=4,
)
NODES = st.lists(
    st.builds(Node, st.sampled_from([*WORLD, None]), st.integers(0, len(DEVICES) - 1)), min_size=1, max_size=6
)
HARDWARE = st.builds(_hardware, st.integers(0, 2), st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 2, 3]))


@settings(max_examples=COMBINATIONS)
@given(POLICIES, NODES, HARDWARE)
def test_no_node_is_allowed_by_mistake_and_none_is_forbidden_without_a_policy_that_says_so(
    given_policies: list[tuple[bool, list[int], bool]], nodes: list[Node], hardware: Hardware
) -> None:
    policies = tuple(_policy(f"p{index}", each) for index, each in enumerate(given_policies))
    rules = Rules(policies, ATLAS)
    left = allowance(rules, hardware)
    event("denied" if left.denied else "free" if left.terms is None else "confined")
    for node in nodes:
        wished = {**dict.fromkeys([PRODUCT] * len(hardware.gpu_models), *hardware.gpu_models), **hardware.node_labels}
        suits = wished.items() <= node.labels.items()
        by_rule = suits and all(admitted(each, node, gpus=hardware.gpus) for each in policies if not each.sandbox)
        by_terms = left.terms is None or takes(left.terms, node.labels)
        by_selector = hardware.node_labels.items() <= node.labels.items()
        alone = left.terms is not None or suits  # without a policy, the pod's own wishes are all that counts
        assert (by_terms and by_selector and alone) == by_rule, (node, left)


@settings(max_examples=COMBINATIONS // 4)
@given(POLICIES, NODES, HARDWARE)
def test_the_verdicts_of_a_preview_and_the_places_that_are_left_say_the_same(
    given_policies: list[tuple[bool, list[int], bool]], nodes: list[Node], hardware: Hardware
) -> None:
    policies = tuple(_policy(f"p{index}", each) for index, each in enumerate(given_policies))
    rules = Rules(policies, ATLAS)
    said = rulings(rules, {"default": hardware})
    bodies = [each.body(number) for number, each in enumerate(nodes)]

    assert len(said) == len(policies)
    denied = any(each.denied is not None and not each.sandbox for each in said)
    left = allowance(rules, hardware)
    assert denied == (left.denied is not None)
    if denied or nowhere(rules, bodies) is not None:
        assert not any(takes(left.terms or (), each.labels) for each in nodes)
