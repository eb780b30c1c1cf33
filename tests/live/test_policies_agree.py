"""Made-up policies and Workloads on a real cluster: what a preview says, where the scheduler puts pods, and what an API
server refuses, are the same.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.domain.policy import PolicyInputs
from inference_provider.errors import Denied
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import NODE, POD, Body
from inference_provider.manifests.pod import Hardware
from inference_provider.placement.allowance import Rules, confine
from inference_provider.placement.confined import NOWHERE
from inference_provider.placement.selector import takes
from inference_provider.resources import policy
from inference_provider.resources import workload as workload_resource
from inference_provider.resources.admission import joins
from inference_provider.resources.world import Properties
from tests.live.programs import Inputs, artifact, workload
from tests.live.stand import Stand
from tests.support.earth import PRODUCT, REGION, Earth, Node, allowed
from tests.support.placed import pod

pytestmark = pytest.mark.usefixtures("empty_nodes")

CASES = 6
#: For which flavors the simulated nodes pass.
PASSES = {
    "NVIDIA-H100-80GB-HBM3": {"h100", "h100-80gb"},
    "NVIDIA-A100-SXM4-80GB": {"a100", "a100-80gb"},
    "NVIDIA-L4": {"l4"},
    "Tesla-T4": {"t4"},
}


@dataclass(frozen=True)
class Case:
    """A Workload and the policies that choose it, by a tag of its own."""

    name: str
    policies: tuple[PolicyInputs, ...]
    gpus: int
    model: str | None

    @property
    def hardware(self) -> Hardware:
        """What its pods ask for."""
        resources = {"server": {"limits": {"nvidia.com/gpu": "1"}}} if self.gpus else {}
        return Hardware(resources, gpu_models=(self.model,) if self.model else ())

    @property
    def inputs(self) -> Inputs:
        """What a program says, but for the version."""
        gpus = ({"gpu": 1} | ({"gpuModel": self.model} if self.model else {})) if self.gpus else {}
        containers = [{"name": "server", "resourceAllocation": {"cpu": 1, "memory": "1Gi", **gpus}}]
        group = {"name": "default", "replicaCount": 1, "containers": containers}
        return {"name": self.name, "runtime": {"containerGroups": [group]}, "tags": {"case": self.name}}

    def under(self, rule: PolicyInputs) -> "Case":
        """The same under one policy more."""
        return replace(self, policies=(*self.policies, rule))

    def suits(self, node: Node) -> bool:
        """Whether its pods may be on a node, and find there what they ask for."""
        wanted = PRODUCT in node.labels if self.gpus else True
        right = self.model is None or node.labels.get(PRODUCT) == self.model
        return wanted and right and all(self.may_be_made_for(each, node) for each in self.policies)

    def may_be_made_for(self, rule: PolicyInputs, node: Node) -> bool:
        """A Workload without GPUs has to be allowed as such, wherever its pods would be."""
        if rule.type == "flavor" and not self.gpus:
            return any(each.type == "cpu" for each in rule.flavors)
        return allowed(rule, node, gpus=bool(self.gpus))


def cases(nodes: Sequence[Node]) -> list[Case]:
    """The same ones in every run; the policies of every third allow as few nodes as can be."""
    found: list[Case] = []

    @settings(max_examples=CASES)
    @given(st.randoms(use_true_random=True))
    def collect(chance: random.Random) -> None:
        name, earth = f"w{len(found)}", Earth(chance)
        gpus = int(chance.random() < 0.8)
        case = Case(name, (), gpus, chance.choice([None, None, *PASSES]) if gpus else None)
        for number in range(chance.randint(1, 2)):
            drawn = [earth.policy(f"{name}-{number}") for _ in range(6)]
            wider = sorted(drawn, key=lambda each: sum(case.under(each).suits(node) for node in nodes))
            chosen = wider[-1] if len(found) % 3 else wider[0]
            case = case.under(chosen.model_copy(update={"labels": {"case": name}}))
        found.append(case)

    collect()
    return found


async def test_previews_placement_and_the_api_server_agree_on_every_node(stand: Stand) -> None:
    nodes = await nodes_of(stand)
    some = cases([*nodes.values()])
    made = await asyncio.gather(*(declared(stand, each) for case in some for each in case.policies))
    try:
        few = asyncio.Semaphore(2)  # each has a quarter of a minute to be seen in effect, however busy the machine is
        await asyncio.gather(*(governed(stand, each, few) for each in some))
        version = await stand.version(artifact())
        told = await asyncio.gather(*(agreed(stand, each, nodes, version) for each in some))
    finally:
        gone = ((identifier, {**outputs, "forceDelete": True}) for identifier, outputs in made)
        await asyncio.gather(*(policy.delete(stand.world(), *each) for each in gone))
    seen = Counter(each for one in told for each in one)
    assert all(seen[each] > 1 for each in ("denied", "runs", "admitted", "refused")), seen


async def governed(stand: Stand, case: Case, few: asyncio.Semaphore) -> None:
    """The API server holds its pods to its policies, as it does before any are made."""
    there = tuple(each.model_copy(update={"namespace": stand.namespace}) for each in case.policies)
    async with few:
        assert not await joins(stand.client, there, f"{stand.namespace}/{case.name}")


async def agreed(stand: Stand, case: Case, nodes: Mapping[str, Node], version: str) -> list[str]:
    """What came of one Workload, at every node."""
    seen = []
    for name, node in nodes.items():
        right = all(allowed(each, node, gpus=bool(case.gpus)) for each in case.policies)
        assert await admitted(stand, case, portrait(case, node)) == right, (case, name)
        seen.append("admitted" if right else "refused")
    return [*seen, await lived(stand, case, nodes, version)]


async def lived(stand: Stand, case: Case, nodes: Mapping[str, Node], version: str) -> str:
    """What a preview said of it, and what came of it then."""
    inputs = workload(version, **case.inputs)
    suits = {name for name, node in nodes.items() if case.suits(node)}
    checked = await workload_resource.check(stand.world(), {}, inputs)
    if checked.faults:
        assert not suits, (case, checked.faults)
        left = confine(Rules(case.policies), case.hardware)
        assert not any(takes(left.terms or (), each.labels) for each in nodes.values())
        assert left.terms != (NOWHERE,) or not await admitted(stand, case, pod(left))
        return "denied"
    if not suits:  # a pool may still grow a node for it
        return "waits"
    outputs = await stand.create(inputs)
    verdicts = outputs["policyVerdicts"]
    assert isinstance(verdicts, list)
    assert {each["verdict"] for each in verdicts} == {"allowed"}
    pods = await stand.objects(POD, f"{labels.WORKLOAD}={case.name}")
    assert pods
    assert {each["spec"]["nodeName"] for each in pods} <= suits, case
    return "runs"


def portrait(case: Case, node: Node) -> Body:
    """A pod of that Workload for just this node, as somebody makes it who knows the node's labels."""
    alike = [{"key": key, "operator": "In", "values": [value]} for key, value in node.labels.items()]
    return pod(replace(case.hardware, terms=({"matchExpressions": alike},)))


async def admitted(stand: Stand, case: Case, spec: Body) -> bool:
    """Whether the API server would make this pod of the Workload."""
    meta = {"name": "p", "namespace": stand.namespace, "labels": {labels.WORKLOAD: case.name}}
    try:
        await stand.client.rehearse(POD, {"metadata": meta, "spec": spec})
    except Denied:
        return False
    return True


async def declared(stand: Stand, wanted: PolicyInputs) -> tuple[str, Properties]:
    """A Policy of the program."""
    said = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    checked = await policy.check(stand.world(), {}, said)
    unknown = [each for each in checked.faults if "is no gpu" not in each.reason]
    assert not unknown, unknown
    return await policy.create(stand.world(), checked.inputs)


async def nodes_of(stand: Stand) -> dict[str, Node]:
    """The cluster's nodes, and what is true of them."""
    found = {}
    for body in await stand.client.list(NODE, None):
        said = body["metadata"]["labels"]
        passes = frozenset(PASSES.get(said.get(PRODUCT), ()))
        found[body["metadata"]["name"]] = Node(said, said.get(REGION), passes)
    return found
