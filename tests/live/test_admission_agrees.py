"""Whether a real API server refuses what the rule says in Python, for pods made up at random."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.cluster import requests
from inference_provider.converge.admission import lift
from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Denied
from inference_provider.manifests.admission import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    AdmissionRule,
    admission_binding,
    admission_policy,
)
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
from tests.support.earth import REGION, Earth, Node, allowed
from tests.support.placed import lands, pod, pods_with

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
    for each, answer in zip(pods, answers, strict=True):
        refused_by = [f"Policy {rule.namespace}/{rule.policy}" for rule in rules if not admitted(rule, each["spec"])]
        assert answer in (refused_by or ["passed"]), each["spec"]
    seen = Counter(answers)
    assert len(seen) == 3, seen
    assert min(seen.values()) > 10, seen


#: So many policies, and for each pod what every one of them says.
POLICIES, PODS = 20, 120


async def test_of_two_thousand_combinations_an_api_server_allows_none_by_mistake(stand: Stand) -> None:
    """Every policy warns, so that one dry run tells what each of them says; whoever refuses names only the first."""
    policies, nodes = _world()
    here = Governed(frozenset({stand.namespace}))
    rules = {each.name: _warning(each, here) for each in policies}
    tried = _tried(policies)
    try:
        await asyncio.gather(*(_written(stand, each) for each in rules.values()))
        await _all_warn(stand, rules)
        answers = await asyncio.gather(*(_warned(stand, each.spec) for each in tried))
    finally:
        await asyncio.gather(*(lift(stand.client, each.namespace, each.policy) for each in rules.values()))
    seen: Counter[str] = Counter()
    for each, warned in zip(tried, answers, strict=True):
        assert not each.made_for or not warned & each.made_for, (each, warned)
        for policy in policies:
            seen["refused" if policy.name in warned else "admitted"] += 1
            assert (policy.name not in warned) == admitted(rules[policy.name], each.spec), (policy, each.spec)
            for node in () if policy.name in warned else lands(each.spec, nodes):
                seen["on a node"] += 1
                assert allowed(policy, node, gpus=each.gpus), (policy, each.spec, node)
        seen["made by placement"] += bool(each.made_for)
    assert seen["refused"] + seen["admitted"] > 2000
    assert min(seen.values()) > 30, seen


@dataclass(frozen=True)
class Tried:
    """A pod, and the policies that placement made it for, unless somebody meddled with it."""

    spec: Body
    gpus: bool
    made_for: frozenset[str] = frozenset()


def _world() -> tuple[list[PolicyInputs], list[Node]]:
    """Policies, and nodes in many regions with all kinds of hardware; the same ones in every run."""
    policies: list[PolicyInputs] = []
    nodes: list[Node] = []

    @settings(max_examples=POLICIES)
    @given(st.randoms(use_true_random=True))
    def collect(chance: random.Random) -> None:
        earth = Earth(chance)
        policies.append(earth.policy(f"p{len(policies)}"))
        nodes.extend(earth.nodes())

    collect()
    return policies, nodes


def _tried(policies: Sequence[PolicyInputs]) -> list[Tried]:
    """Pods for some of the policies together; many of them changed by somebody."""
    found: list[Tried] = []

    @settings(max_examples=PODS)
    @given(st.randoms(use_true_random=True))
    def collect(chance: random.Random) -> None:
        some = chance.sample(policies, chance.randint(1, 2))
        hardware = pods_with(chance)
        left = allowance(Rules(tuple(some)), hardware)
        if chance.random() < 0.6 and left.denied is None:
            spec = pod(replace(hardware, terms=left.terms))
            found.append(Tried(spec, bool(hardware.gpus), frozenset(each.name for each in some)))
            return
        terms = Earth(chance).meddled(left.terms or [{"matchExpressions": [{"key": REGION, "operator": "Exists"}]}])
        found.append(Tried(pod(replace(hardware, terms=tuple(terms))), bool(hardware.gpus)))

    collect()
    return found


def _warning(policy: PolicyInputs, governed: Governed) -> AdmissionRule:
    """What the API server is to hold to, said in as few words as there are: it cuts long warnings short."""
    [place] = governed.places
    rule = demanded(policy, place, governed, Atlas())
    assert rule is not None
    return replace(rule, sentence=".", sandbox=True)


async def _written(stand: Stand, rule: AdmissionRule) -> None:
    await stand.client.create(ADMISSION_POLICY, admission_policy(rule))
    await stand.client.create(ADMISSION_BINDING, admission_binding(rule))


async def _all_warn(stand: Stand, rules: Mapping[str, AdmissionRule]) -> None:
    """Whether a policy that only warns is in effect, it tells nobody who asks."""
    free: Body = {"containers": [{"name": "a", "image": "a", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}
    for _ in range(1200):
        if await _warned(stand, free) == rules.keys():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not every policy is in effect")


async def _warned(stand: Stand, spec: Body) -> frozenset[str]:
    """The policies that warn of such a pod."""
    body = {"metadata": {"name": "p", "namespace": stand.namespace}, "spec": spec}
    answer = await stand.client._session.send(requests.rehearse(POD, body))
    assert answer.status == 201, answer
    said = answer.headers.get("warning", "")
    assert len(said) < 4000  # more than that the API server does not send
    return frozenset(re.findall(rf"with binding 'pulumi-inference\.{stand.namespace}\.(p\d+)'", said))


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
