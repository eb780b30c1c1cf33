"""What API servers hold each policy to, what placement makes of all of them, and what they mean: these agree."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance, confine
from inference_provider.placement.confined import NOWHERE
from inference_provider.placement.demanded import demanded, governed
from inference_provider.placement.regions import Atlas
from tests.support.admitted import admitted, terms_of
from tests.support.earth import Earth, allowed
from tests.support.placed import lands, pod, pods_with

HERE = Governed(frozenset({"models"}))


def rules_of(policies: Sequence[PolicyInputs]) -> list[AdmissionRule]:
    """What the API server holds to."""
    return [rule for each in policies if (rule := demanded(each, "models", HERE, Atlas())) is not None]


def test_no_combination_passes_one_and_fails_another_and_none_is_allowed_by_mistake() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=2000)
    @given(st.randoms(use_true_random=True))
    def agree(chance: random.Random) -> None:
        earth = Earth(chance)
        policies = tuple(earth.policy(f"p{number}") for number in range(chance.randint(1, 3)))
        hardware, rules, nodes = pods_with(chance), rules_of(policies), earth.nodes()
        left = allowance(Rules(policies), hardware)
        made = pod(replace(hardware, terms=left.terms))
        seen["denied" if left.denied else "made"] += 1
        assert left.denied or all(admitted(each, made) for each in rules)
        assert not left.denied or not lands(made, nodes)
        meddled = earth.meddled(terms_of(made) or [NOWHERE])
        for other in (made, pod(replace(hardware, terms=tuple(meddled)))):
            if not all(admitted(each, other) for each in rules):
                seen["refused"] += 1
                continue
            seen["admitted"] += 1
            for node in lands(other, nodes):
                seen["on a node"] += 1
                assert all(allowed(each, node, gpus=bool(hardware.gpus)) for each in policies)

    agree()
    assert min(seen[each] for each in ("made", "denied", "admitted", "refused", "on a node")) > 300, seen


def test_every_node_that_policies_allow_is_one_that_placement_takes() -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=300)
    @given(st.randoms(use_true_random=True))
    def agree(chance: random.Random) -> None:
        earth, hardware = Earth(chance), Hardware({"server": {"limits": {"nvidia.com/gpu": "1"}}})
        policies = tuple(earth.policy(f"p{number}") for number in range(chance.randint(1, 2)))
        made, nodes = pod(confine(Rules(policies), hardware)), earth.nodes()
        meant = [node for node in nodes if all(allowed(each, node, gpus=True) for each in policies)]
        assert lands(made, nodes) == meant
        seen[bool(meant)] += 1

    agree()
    assert min(seen.values()) > 30, seen


def test_pods_of_a_denied_version_pass_no_api_server_that_holds_to_what_denies_them() -> None:
    eu = PolicyInputs.model_validate(
        {"name": "eu", "type": "location", "locations": [{"type": "continent", "name": "eu"}]}
    )
    us = PolicyInputs.model_validate(
        {"name": "us", "type": "location", "locations": [{"type": "country", "name": "US"}]}
    )
    made = pod(confine(Rules((eu, us)), Hardware()))
    assert [admitted(each, made) for each in rules_of((eu, us))] == [False, False]


@pytest.mark.parametrize(
    ("more", "under", "whose"),
    [
        ({}, [], Governed(frozenset({"models"}))),
        ({}, ["models/chat", "shop/x"], Governed(frozenset({"models"}), frozenset({("shop", "x")}))),
        ({"labels": {"team": "law"}}, ["models/chat"], Governed(workloads=frozenset({("models", "chat")}))),
        ({"resourceTypes": ["agent"]}, ["models/chat"], Governed(workloads=frozenset({("models", "chat")}))),
        ({"resourceTypes": ["agent"]}, [], None),
    ],
)
def test_a_policy_that_chooses_nobody_in_particular_is_about_every_pod_of_its_namespace(
    more: Body, under: list[str], whose: Governed | None
) -> None:
    said = {"name": "eu", "type": "location", "locations": [{"type": "continent", "name": "eu"}], **more}
    assert governed(PolicyInputs.model_validate(said), "models", under) == whose


def test_people_are_told_what_a_pod_has_to_demand() -> None:
    where = {"name": "home", "type": "location", "locations": [{"type": "country", "name": "IE"}]}
    what = {"name": "gpus", "type": "flavor", "flavors": [{"type": "gpu", "name": "h100"}]}
    nowhere = {"name": "none", "type": "location", "locations": [{"type": "country", "name": "PT"}]}
    said = [rules_of([PolicyInputs.model_validate(each)])[0].sentence for each in (where, what, nowhere)]
    demands = "every term of a pod's required node affinity has to demand"
    h100 = "nvidia.com/gpu.product In [NVIDIA-H100-80GB-HBM3, NVIDIA-H100-NVL, NVIDIA-H100-PCIe]"
    whole = "nvidia.com/gpu.sharing-strategy NotIn [mps, time-slicing]"
    assert said == [
        f"pods may run in IE only: {demands} topology.kubernetes.io/region In [northeurope].",
        f"pods may run on h100 only: {demands} {h100} and {whole}, or the same by another label.",
        "pods may run in PT only, and no node can be known to be that.",
    ]
