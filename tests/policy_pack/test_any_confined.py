"""What the pack lets pass because of Policies, the provider starts on no node that the pack does not allow.

Nodes, places and GPUs, and what is true of them, are those of the test that holds the provider itself to the rule.
"""

from random import Random

import pytest

from inference_provider.domain.policy import PolicyInputs
from inference_provider.domain.runtime import GroupRuntime
from inference_provider.manifests.hardware import hardware_of
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.flavors import GKE, KARPENTER
from inference_provider.placement.selector import takes
from tests.placement.test_any_policies import ATLAS, DEVICES, FLAVORS, PLACES, REGION, WORLD, Node, admitted
from tests.policy_pack.said import H100, Inputs, group, on_bundles, policy, shown, violations, workload

COMBINATIONS = 2000
NODES = [Node(region, device) for region in (*WORLD, None) for device in range(len(DEVICES))]
#: What a Workload may say of its hardware, from nothing at all to a region.
ASKED: list[Inputs] = [
    *(group(), group(gpu=1), group(gpu=2), group(gpu=2, model=H100)),
    *(
        on_bundles({"name": "a", "gpu": 1.0, "nodeSelector": each})
        for each in ({REGION: "eu-central-1"}, {GKE: "nvidia-a100-80gb"}, {KARPENTER: "a100"}, {"pool": "gpus"})
    ),
]


@pytest.mark.parametrize("rule", ["allowed-locations", "allowed-flavors"])
def test_what_passes_because_of_policies_runs_where_the_pack_allows_it_and_nowhere_else(rule: str) -> None:
    random = Random(0)
    confined = 0
    for _ in range(COMBINATIONS):
        asked, policies, allowed = random.choice(ASKED), _policies(random, rule), _said(random, rule)
        told, settings = shown("Workload", workload(asked)), _settings(allowed)
        before = [shown("Policy", each) for each in policies]
        if violations(rule, told, *before, **settings) or not violations(rule, told, **settings):
            continue
        runs = _nodes(asked, policies)
        confined += bool(runs)
        wrong = [node for node in runs if not admitted(_policy(allowed), node, gpus=1)]
        assert not wrong, (asked, policies, allowed, wrong)
    assert confined > COMBINATIONS / 50, f"hardly anything passed because of a Policy, and could run: {confined}"


def _nodes(asked: Inputs, policies: list[Inputs]) -> list[Node]:
    """Where the provider lets it run."""
    runtime = GroupRuntime.model_validate(asked)
    bundle = runtime.resource_bundles[0] if runtime.resource_bundles else None
    wanted = hardware_of(runtime, bundle, main="c0")
    left = allowance(Rules(tuple(map(_policy, policies)), ATLAS), wanted)
    suits = [each for each in NODES if wanted.node_labels.items() <= each.labels.items()]
    return [each for each in suits if left.terms is None or takes(left.terms, each.labels)]


def _policies(random: Random, rule: str) -> list[Inputs]:
    """Some about what the rule is about, and some about the other."""
    kinds = [random.choice([rule, rule, "allowed-locations", "allowed-flavors"]) for _ in range(random.randint(1, 3))]
    return [
        {**_said(random, kind), **policy(f"p{index}", sandbox=random.random() < 0.2)}
        for index, kind in enumerate(kinds)
    ]


def _said(random: Random, rule: str) -> Inputs:
    """What a Policy may say, and the pack be told to allow."""
    picks = range(random.randint(1, 3))
    if rule == "allowed-locations":
        places = [random.choice(PLACES) for _ in picks]
        return {"type": "location", "locations": [{"type": kind, "name": name} for kind, name in places]}
    names = [random.choice([each for each in FLAVORS if each != "warp-core"]) for _ in picks]
    flavors = [{"type": "cpu" if each == "cpu" else "gpu", "name": each} for each in names]
    return {"type": "flavor", "flavors": flavors}


def _settings(said: Inputs) -> Inputs:
    places = said.get("locations")
    return {"locations": places} if places else {"flavors": [each["name"] for each in said["flavors"]]}


def _policy(said: Inputs) -> PolicyInputs:
    return PolicyInputs.model_validate({"name": "allowed", "namespace": "models", **said})
