"""What API servers hold each policy to, what placement makes of all of them, and what they mean: these agree."""

import random
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.admission import AdmissionRule
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import Body
from inference_provider.placement.confined import NOWHERE, confined
from inference_provider.placement.demanded import demanded
from inference_provider.placement.flavors import alternatives, signs
from inference_provider.placement.regions import Atlas, regions
from inference_provider.placement.selector import takes
from tests.support.admitted import admitted, terms_of
from tests.support.earth import Earth, allowed

HERE = Governed(frozenset({"models"}))
GPU = {"limits": {"nvidia.com/gpu": "1"}}


def rules_of(policies: Sequence[PolicyInputs]) -> list[AdmissionRule]:
    """What the API server holds to."""
    return [rule for each in policies if (rule := demanded(each, "models", HERE, Atlas())) is not None]


def placed(policies: Sequence[PolicyInputs], *, gpus: bool) -> list[Body]:
    """The alternatives that placement makes for pods that wish for nothing themselves."""
    about = [each for each in policies if each.type == "flavor"]
    where = regions(policies, Atlas()).allowed
    if not gpus:
        refused = any(all(each.type == "gpu" for each in policy.flavors) for policy in about)
        return [NOWHERE] if refused else list(confined((), where, None))
    said = [frozenset().union(*(signs(each.name) for each in policy.flavors)) for policy in about]
    return list(confined((), where, alternatives(frozenset.intersection(*said)) if said else None))


def pod(terms: Sequence[Body], *, gpus: bool) -> Body:
    """A pod that asks for such nodes."""
    required = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}
    container = {"name": "a", "image": "example/a", "resources": GPU if gpus else {}}
    return {"containers": [container], **({"affinity": required} if terms else {})}


def test_no_combination_passes_one_and_fails_another_and_none_is_allowed_by_mistake() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=2000)
    @given(st.randoms(use_true_random=True))
    def agree(chance: random.Random) -> None:
        earth = Earth(chance)
        policies = [earth.policy(f"p{number}") for number in range(chance.randint(1, 3))]
        gpus, rules, nodes = chance.random() < 0.8, rules_of(policies), earth.nodes()
        terms = placed(policies, gpus=gpus)
        nowhere = terms == [NOWHERE]
        made = pod(terms, gpus=gpus)
        assert all(admitted(each, made) for each in rules) is not nowhere
        seen["nowhere" if nowhere else "made"] += 1
        for other in (made, pod(earth.meddled(terms or [NOWHERE]), gpus=gpus)):
            if not all(admitted(each, other) for each in rules):
                seen["refused"] += 1
                continue
            seen["passed"] += 1
            asked = terms_of(other)
            for node in nodes:
                if asked is None or takes(asked, node.labels):
                    seen["on a node"] += 1
                    assert all(allowed(each, node, gpus=gpus) for each in policies)

    agree()
    assert min(seen[each] for each in ("made", "nowhere", "passed", "refused", "on a node")) > 300, seen


def test_every_node_that_policies_allow_is_one_that_placement_takes() -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=500)
    @given(st.randoms(use_true_random=True))
    def agree(chance: random.Random) -> None:
        earth = Earth(chance)
        policies = [earth.policy(f"p{number}") for number in range(chance.randint(1, 2))]
        terms = placed(policies, gpus=True)
        for node in earth.nodes():
            meant = all(allowed(each, node, gpus=True) for each in policies)
            assert takes(terms, node.labels) is meant
            seen[meant] += 1

    agree()
    assert min(seen.values()) > 300, seen
