"""What does each policy say of each version that runs, and what does that rest on?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.converge.ports import Cluster
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.placement.allowance import Rules
from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import EKS, GKE, KARPENTER, PRODUCT
from inference_provider.placement.regions import Atlas
from inference_provider.placement.standing import Standing, hardware_of_pods, required_terms
from inference_provider.resources.gateway import counted
from inference_provider.resources.policies_in_force import Whom, because, known_nodes, lately, standing
from inference_provider.resources.policy_standing import PolicyVerdict, as_told, of_version, worst_first
from inference_provider.resources.status import fleets, missing
from inference_provider.resources.world import World, place_of
from inference_provider.rollout.fleet import Fleet, Proton

BLIND_TO_NODES = "no right to list nodes: verdicts rest on what pods ask for, not on where they are"
#: The labels by which nodes say which GPUs they have.
_SAYS_GPU = (PRODUCT, GKE, KARPENTER, EKS)


@dataclass(frozen=True)
class PolicySaid(PolicyVerdict):
    """The same, with why the policy counts for this Workload; None of one that nobody can find or read."""

    because: str | None


@dataclass(frozen=True)
class Asked:
    """What the pods of one group ask for, as far as policies look at it. ``node_affinity`` are alternatives."""

    group: str
    gpus: int
    node_selector: Mapping[str, str]
    node_affinity: tuple[Body, ...]


@dataclass(frozen=True)
class Place:
    """A node with pods of the version. ``region``, ``country`` and ``gpu`` are None where its labels do not tell."""

    node: str
    pods: int
    region: str | None
    country: str | None
    gpu: str | None


@dataclass(frozen=True)
class Judged:
    """One version of one Workload. ``role`` is active, candidate, retained or failed.

    ``verdict`` is the worst of ``policy_verdicts``, None where there is none. They rest on ``inputs`` and ``nodes``;
    ``unseen`` is what we had no right to read.
    """

    namespace: str
    name: str
    revision: str
    role: str
    verdict: str | None
    policy_verdicts: tuple[PolicySaid, ...]
    inputs: tuple[Asked, ...]
    nodes: tuple[Place, ...]
    unseen: tuple[str, ...] = ()


async def judged(world: World, namespace: str | None, names: Sequence[str] = ()) -> tuple[Judged, ...]:
    """Every version that has pods or could have, of these Workloads, or of all of a namespace (None: of all of them).

    ``names`` are ``chat`` or ``models/chat``. Raises NotFound with those that are there, ClusterErrors.
    """
    cluster = await world.connect()
    found: list[Judged] = []
    for fleet in await _fleets(cluster, namespace, names):
        whom = standing(fleet.anchor)
        rules = await counted(world, fleet, await lately(world, whom))
        found += [await _judged(cluster, each, whom, rules) for each in fleet.protons if not each.condemned]
    return tuple(found)


async def _fleets(cluster: Cluster, namespace: str | None, names: Sequence[str]) -> list[Fleet]:
    if not names:
        there = {_place(each): each for each in await fleets(cluster, namespace)}
        return [there[place] for place in sorted(there)]
    places = [place_of(each if "/" in each else f"{namespace}/{each}") for each in names]
    there = {_place(each): each for where in sorted({w for w, _ in places}) for each in await fleets(cluster, where)}
    for where, name in places:
        if (where, name) not in there:
            raise await missing(cluster, where, name)
    return [there[place] for place in dict.fromkeys(places)]


def _place(fleet: Fleet) -> tuple[str, str]:
    meta = fleet.anchor["metadata"]
    return str(meta["namespace"]), str(meta["name"])


async def _judged(cluster: Cluster, proton: Proton, whom: Whom, rules: Rules) -> Judged:
    found = await of_version(cluster, proton, rules)
    said = worst_first(_said(each, rules, whom) for each in found)
    nodes = await known_nodes(cluster) if said else None
    return Judged(
        whom.namespace,
        whom.name,
        proton.name,
        proton.role.value,
        said[0].verdict if said else None,
        said,
        tuple(_asked(each) for each in proton.deployments),
        _places(proton, nodes or (), rules.atlas.of(whom.namespace)),
        (BLIND_TO_NODES,) if said and nodes is None else (),
    )


def _said(each: Standing, rules: Rules, whom: Whom) -> PolicySaid:
    return PolicySaid(**vars(as_told(each)), because=because(each.policy, rules, whom))


def _asked(deployment: Body) -> Asked:
    spec = deployment["spec"]["template"]["spec"]
    hardware = hardware_of_pods(spec)
    group = label(deployment, labels.GROUP) or "default"
    return Asked(group, hardware.gpus, dict(hardware.node_labels), required_terms(spec))


def _places(proton: Proton, nodes: Sequence[Body], atlas: Atlas) -> tuple[Place, ...]:
    named = (str((pod.get("spec") or {}).get("nodeName") or "") for pod in proton.pods)
    by_name = {str(each["metadata"]["name"]): each for each in nodes}
    return tuple(
        _on(name, pods, by_name.get(name), atlas) for name, pods in sorted(Counter(filter(None, named)).items())
    )


def _on(name: str, pods: int, node: Body | None, atlas: Atlas) -> Place:
    region = label(node, REGION) if node is not None else None
    gpu = next(filter(None, (label(node, key) for key in _SAYS_GPU)), None) if node is not None else None
    return Place(name, pods, region, atlas.country(region) if region else None, gpu)
