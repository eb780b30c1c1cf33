"""Whether a real API server refuses what the rule says in Python, for pods made up at random."""

import asyncio
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Denied
from inference_provider.manifests.admission_rule import Governed
from inference_provider.manifests.kinds import POD, Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, allowance
from inference_provider.placement.demanded import demanded
from inference_provider.placement.regions import Atlas
from tests.live.conftest import Enforce
from tests.live.mallory import made
from tests.live.stand import Stand
from tests.support.admitted import admitted
from tests.support.earth import REGION, Earth

EU = PolicyInputs.model_validate(
    {
        "name": "eu",
        "type": "location",
        "locations": [{"type": "continent", "name": "eu"}, {"type": "location", "name": "basement"}],
    }
)
GPUS = PolicyInputs.model_validate(
    {
        "name": "gpus",
        "type": "flavor",
        "flavors": [
            {"type": "cpu", "name": "cpu"},
            *({"type": "gpu", "name": each} for each in ("a100", "h100", "t4")),
        ],
    }
)


async def test_an_api_server_refuses_just_what_the_rule_refuses(stand: Stand, enforced: Enforce) -> None:
    here = Governed(frozenset({stand.namespace}))
    rules = [rule for each in (EU, GPUS) if (rule := demanded(each, stand.namespace, here, Atlas())) is not None]
    for rule in rules:
        await enforced(rule)
    pods = [made(POD, f"p{number}", **spec) for number, spec in enumerate(_specs())]
    answers = await asyncio.gather(*(_answer(stand, each) for each in pods))
    for pod, answer in zip(pods, answers, strict=True):
        refused_by = [f"Policy {rule.namespace}/{rule.policy}" for rule in rules if not admitted(rule, pod["spec"])]
        assert answer in (refused_by or ["passed"]), pod["spec"]
    seen = Counter(answers)
    assert len(seen) == 3, seen
    assert min(seen.values()) > 10, seen


async def _answer(stand: Stand, pod: Body) -> str:
    """Who refuses such a pod, or "passed"."""
    try:
        await stand.client.rehearse(POD, pod | {"metadata": pod["metadata"] | {"namespace": stand.namespace}})
    except Denied as refused:
        return refused.said.partition(" refuses it: ")[0]
    return "passed"


def _specs() -> list[Body]:
    """What placement makes, most of it changed by somebody; the same ones in every run."""
    hardware = Hardware({"a": {"limits": {"nvidia.com/gpu": "1"}}})
    placed = allowance(Rules((EU, GPUS)), hardware).terms or ()
    found: list[Body] = []

    @settings(max_examples=200)
    @given(st.randoms(use_true_random=True))
    def collect(chance: random.Random) -> None:
        found.append(_spec(chance, list(placed)))

    collect()
    return found


def _spec(chance: random.Random, terms: list[Body]) -> Body:
    """What placement makes, changed by somebody a few times."""
    earth = Earth(chance)
    for _ in range(chance.randint(0, 3)):
        terms = earth.meddled(terms)
    required = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    spec: Body = {"affinity": required} if chance.random() < 0.9 else {}
    if chance.random() < 0.2:
        spec["nodeSelector"] = {REGION: chance.choice(["eu-west-1", "us-east-1"])}
    if chance.random() < 0.05:
        spec["nodeName"] = "cpu-1"
    if chance.random() < 0.05:
        spec["schedulerName"] = "mine"
    if chance.random() < 0.8:
        spec["containers"] = [{"name": "a", "image": "a", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]
    return spec
