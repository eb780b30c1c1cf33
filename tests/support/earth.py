"""Nodes, policies and pods made up for tests, with what is true of them written down by hand."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.domain.policy import PolicyInputs
from inference_provider.manifests.kinds import Body

REGION = "topology.kubernetes.io/region"
PRODUCT, SHARING, MIG = "nvidia.com/gpu.product", "nvidia.com/gpu.sharing-strategy", "nvidia.com/mig.strategy"
GKE = "cloud.google.com/gke-accelerator"
GKE_SLICE, GKE_SHARING = "cloud.google.com/gke-gpu-partition-size", "cloud.google.com/gke-gpu-sharing-strategy"
KARPENTER, MEMORY = "karpenter.k8s.aws/instance-gpu-name", "karpenter.k8s.aws/instance-gpu-memory"
EKS = "k8s.amazonaws.com/accelerator"

#: Regions, and the countries where some cloud has one of that name; none: nobody knows it, or it is a government's.
COUNTRIES: Mapping[str, str] = {
    "eu-west-1": "IE GB",
    "eu-west-2": "GB",
    "eu-central-1": "DE",
    "eu-central-2": "CH",
    "northeurope": "IE",
    "uksouth": "GB",
    "us-east-1": "US",
    "us-gov-west-1": "",
    "ca-central-1": "CA",
    "sa-east-1": "BR",
    "ap-southeast-1": "SG HK",
    "basement": "",
}
#: What a continent means in policies.
CONTINENTS = {
    "eu": {"IE", "DE"},
    "europe": {"IE", "GB", "DE", "CH"},
    "asia": {"SG", "HK"},
    "us": {"US"},
    "na": {"US", "CA"},
    "sa": {"BR"},
}

_H100 = {PRODUCT: "NVIDIA-H100-80GB-HBM3"}
_GKE_H100 = {GKE: "nvidia-h100-80gb"}
_A100 = {KARPENTER: "a100", MEMORY: "81920"}
#: What nodes say of their GPUs, and for which flavors they pass, whole and unshared.
MACHINES: Sequence[tuple[Mapping[str, str], frozenset[str]]] = (
    ({}, frozenset()),
    (_H100, frozenset({"h100", "h100-80gb"})),
    (_H100 | {SHARING: "none", MIG: "single"}, frozenset({"h100", "h100-80gb"})),
    (_H100 | {SHARING: "time-slicing"}, frozenset()),
    ({PRODUCT: "NVIDIA-H100-80GB-HBM3-SHARED", SHARING: "time-slicing"}, frozenset()),
    ({PRODUCT: "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", MIG: "single"}, frozenset()),
    ({PRODUCT: "NVIDIA-H100-NVL"}, frozenset({"h100", "h100-nvl"})),
    (_GKE_H100, frozenset({"h100", "h100-80gb"})),
    (_GKE_H100 | {GKE_SLICE: "1g.10gb"}, frozenset()),
    (_GKE_H100 | {GKE_SHARING: "time-sharing"}, frozenset()),
    (_A100, frozenset({"a100", "a100-80gb"})),
    (_A100 | {MEMORY: "40960"}, frozenset({"a100", "a100-40gb"})),
    (_A100 | {MIG: "single"}, frozenset()),
    (_A100 | {SHARING: "mps"}, frozenset()),
    ({EKS: "nvidia-tesla-t4"}, frozenset({"t4"})),
    ({PRODUCT: "Tesla-T4"}, frozenset({"t4"})),
    ({PRODUCT: "Tesla-T4", EKS: "nvidia-tesla-t4"}, frozenset({"t4"})),
    ({PRODUCT: "NVIDIA-L4"}, frozenset({"l4"})),
    ({PRODUCT: "NVIDIA-L4-SHARED", SHARING: "time-slicing"}, frozenset({"NVIDIA-L4-SHARED"})),
)
FLAVORS = (
    "t4",
    "l4",
    "a100",
    "a100-40gb",
    "a100-80gb",
    "h100",
    "h100-80gb",
    "h100-nvl",
    "NVIDIA-L4-SHARED",
    "warp-core",
)


@dataclass(frozen=True)
class Node:
    """A node's labels, and what is true of it."""

    labels: Mapping[str, str]
    region: str | None
    passes_for: frozenset[str]


def allowed(policy: PolicyInputs, node: Node, *, gpus: bool) -> bool:
    """Whether pods, which take GPUs or not, may be on a node: the rule as people mean it."""
    if policy.type == "flavor":
        free = not gpus and any(each.type == "cpu" for each in policy.flavors)
        return free or any(each.name in node.passes_for for each in policy.flavors if each.type == "gpu")
    perhaps = COUNTRIES.get(node.region or "", "").split()
    for place in policy.locations:
        meant = {"GB"} if place.name == "UK" else {place.name}
        if place.type == "location" and node.region == place.name:
            return True
        outside = [each for each in perhaps if each not in CONTINENTS.get(place.name, meant)]
        if place.type != "location" and perhaps and not outside:
            return True
    return False


@dataclass(frozen=True)
class Earth:
    """Makes things up."""

    chance: random.Random

    def nodes(self) -> list[Node]:
        """Each machine in some region, or without a region's label."""
        return [self._node(machine, passes) for machine, passes in MACHINES]

    def _node(self, machine: Mapping[str, str], passes: frozenset[str]) -> Node:
        place = self.chance.choice([*COUNTRIES, None])
        return Node({**machine, **({REGION: place} if place else {}), "pool": "a"}, place, passes)

    def policy(self, name: str) -> PolicyInputs:
        """About places or about hardware."""
        kind = self.chance.choice(["location", "flavor"])
        said = {"locations": self._places()} if kind == "location" else {"flavors": self._flavors()}
        return PolicyInputs.model_validate({"name": name, "type": kind, **said})

    def _places(self) -> list[Body]:
        kinds = {
            "location": list(COUNTRIES),
            "country": ["IE", "GB", "UK", "DE", "US", "CA", "BR", "PT"],
            "continent": list(CONTINENTS),
        }
        chosen = self.chance.choices(list(kinds), k=self.chance.randint(1, 3))
        return [{"type": each, "name": self.chance.choice(kinds[each])} for each in chosen]

    def _flavors(self) -> list[Body]:
        chosen = self.chance.sample(FLAVORS, self.chance.randint(1, 3))
        cpu = [{"type": "cpu", "name": "cpu"}] if self.chance.random() < 0.2 else []
        return [*cpu, *({"type": "gpu", "name": each} for each in chosen)]

    def meddled(self, terms: Sequence[Body]) -> list[Body]:
        """The same alternatives, with one thing that somebody has changed."""
        made = [{"matchExpressions": [dict(each) for each in term["matchExpressions"]]} for term in terms]
        change = self.chance.choice([_drop, _widen, _narrow, _turn, _free, _other_way, _swap, _twice])
        change(self.chance, made)
        return [each for each in made if each["matchExpressions"]] or [{"matchExpressions": [_POOL]}]


_POOL: Body = {"key": "pool", "operator": "Exists"}
_VALUES = {
    REGION: [*COUNTRIES],
    PRODUCT: ["NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-NVL", "Tesla-T4", "NVIDIA-L4", "NVIDIA-H100-80GB-HBM3-SHARED"],
    GKE: ["nvidia-h100-80gb", "nvidia-l4"],
    KARPENTER: ["a100", "t4"],
    MEMORY: ["40960", "81920"],
    EKS: ["nvidia-tesla-t4", "nvidia-l4"],
    SHARING: ["mps", "time-slicing", "none"],
    MIG: ["single", "mixed", "none"],
}


def _any(chance: random.Random, terms: list[Body]) -> tuple[list[Body], int]:
    expressions: list[Body] = chance.choice(terms)["matchExpressions"]
    return expressions, chance.randrange(len(expressions))


def _drop(chance: random.Random, terms: list[Body]) -> None:
    expressions, at = _any(chance, terms)
    del expressions[at]


def _widen(chance: random.Random, terms: list[Body]) -> None:
    expressions, at = _any(chance, terms)
    more = _VALUES.get(expressions[at]["key"], ["x"])
    if expressions[at].get("values"):
        expressions[at]["values"] = [*expressions[at]["values"], chance.choice(more)]


def _narrow(chance: random.Random, terms: list[Body]) -> None:
    expressions, at = _any(chance, terms)
    values = expressions[at].get("values") or []
    if len(values) > 1:
        expressions[at]["values"] = chance.sample(values, chance.randint(1, len(values) - 1))


def _turn(chance: random.Random, terms: list[Body]) -> None:
    expressions, at = _any(chance, terms)
    key, operator = expressions[at]["key"], chance.choice(["In", "NotIn", "Exists", "DoesNotExist"])
    values = {"values": [chance.choice(_VALUES.get(key, ["x"]))]} if operator.endswith("In") else {}
    expressions[at] = {"key": key, "operator": operator, **values}


def _free(_: random.Random, terms: list[Body]) -> None:
    terms.append({"matchExpressions": [dict(_POOL)]})


def _other_way(chance: random.Random, terms: list[Body]) -> None:
    key = chance.choice(list(_VALUES))
    terms.append({"matchExpressions": [{"key": key, "operator": "In", "values": [chance.choice(_VALUES[key])]}]})


def _swap(chance: random.Random, terms: list[Body]) -> None:
    one, other = _any(chance, terms), _any(chance, terms)
    one[0][one[1]], other[0][other[1]] = other[0][other[1]], one[0][one[1]]


def _twice(chance: random.Random, terms: list[Body]) -> None:
    expressions, _ = _any(chance, terms)
    key = chance.choice(list(_VALUES))
    expressions.append({"key": key, "operator": "NotIn", "values": chance.sample(_VALUES[key], 1)})
