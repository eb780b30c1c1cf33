"""Do the pods that run stand where policies allow them, and are those that take their place kept there?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU, Hardware
from inference_provider.placement.allowance import Rules, allowance, places
from inference_provider.placement.confined import REGION
from inference_provider.placement.flavors import PRODUCT
from inference_provider.placement.gpu_requests import gpus_of
from inference_provider.placement.selector import takes, within

#: So many nodes are named in a sentence.
_NAMED = 3
#: What cannot be judged is not allowed.
BLIND = (
    "nothing keeps its pods where it allows, and where they are nobody may look, which takes the right to list nodes"
)


@dataclass(frozen=True)
class Standing:
    """What one policy says of what runs. ``against``: why it would not be started today; None: it would be.

    ``loose``: nothing keeps the next pods of the same version where the policy allows them.
    """

    policy: str
    type: str
    against: str | None = None
    sandbox: bool = False
    loose: bool = False


#: The nodes that there are, by name; None where nobody may look at them, or nobody answers.
Nodes: TypeAlias = Mapping[str, Body] | None


def standings(rules: Rules, deployments: Sequence[Body], pods: Sequence[Body], nodes: Nodes) -> tuple[Standing, ...]:
    """One for each policy. While one is changed it is there twice: then what it says against the pods counts."""
    found: dict[str, Standing] = {}
    for policy in rules.policies:
        place = f"{policy.namespace}/{policy.name}"
        alone = rules.only([policy])
        groups = [(each, _of(pods, each)) for each in deployments]
        against = next((why for each, own in groups for why in _against(alone, each, own, nodes)), None)
        loose = not policy.sandbox and any(_loose(alone, each) for each in deployments)
        said = Standing(place, policy.type, against, policy.sandbox, loose)
        found[place] = max(found.get(place, said), said, key=_weight)
    return (*(Standing("", "", each) for each in rules.broken), *found.values())


def _weight(said: Standing) -> tuple[bool, bool, bool]:
    return said.against is not None and not said.sandbox, said.against is not None, said.loose


def _of(pods: Sequence[Body], deployment: Body) -> list[Body]:
    group = label(deployment, labels.GROUP)
    return [each for each in pods if label(each, labels.GROUP) == group]


def hardware_of_pods(spec: Body) -> Hardware:
    """What pods that are there already ask for, as far as policies ask."""
    gpus = gpus_of({"spec": spec})
    resources = {"all": {"limits": {GPU: str(gpus)}}} if gpus else {}
    return Hardware(resources=resources, node_labels=dict(spec.get("nodeSelector") or {}))


def _against(alone: Rules, deployment: Body, pods: Sequence[Body], nodes: Nodes) -> Iterator[str]:
    left = allowance(alone, hardware_of_pods(_spec(deployment)))
    if left.denied is not None:
        yield left.denied
    if left.denied is not None or left.terms is None:
        return
    if nodes is None:
        if pods and _loose(alone, deployment):
            yield BLIND
        return
    wrong: dict[str, str] = {}
    for pod in pods:
        name = str((pod.get("spec") or {}).get("nodeName") or "")
        node = nodes.get(name)
        if node is not None and not takes(left.terms, _labels(node)):
            wrong[name] = _why(name, node, alone, left.terms)
    if wrong:
        named = [wrong[each] for each in sorted(wrong)[:_NAMED]]
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        yield f"pods run where it allows none: {'; '.join(named)}{more}"


def _why(name: str, node: Body, alone: Rules, terms: Sequence[Body]) -> str:
    said = places(alone).refusal(name, _labels(node).get(REGION), alone.atlas)
    has = _labels(node).get(PRODUCT)
    if said is None and has and not takes(terms, {PRODUCT: has}):
        said = f"node {name} has {has}"
    return said or f"node {name} is not known by its labels to have what is allowed, whole and for one pod at a time"


@dataclass(frozen=True)
class Unfit:
    """Why no pods may be added to a version: ``denied``, or these policies (ids) do not know where they would be."""

    policies: tuple[str, ...]
    denied: str | None = None


def unfit(rules: Rules, deployment: Body) -> Unfit | None:
    """Why policies that bind allow no further pods of a group that runs; None when they do. Tokens are no pods."""
    rules = replace(rules, policies=tuple(each for each in rules.policies if each.type != "maxTokens"))
    left = allowance(rules, hardware_of_pods(_spec(deployment)))
    if left.denied is not None:
        return Unfit((), left.denied)
    if left.terms is None or within(required_terms(_spec(deployment)), left.terms):
        return None
    about = [each for each in rules.binding if _loose(rules.only([each]), deployment)] or rules.binding
    return Unfit(tuple(f"{each.namespace}/{each.name}" for each in about))


def _loose(alone: Rules, deployment: Body) -> bool:
    spec = _spec(deployment)
    left = allowance(alone, hardware_of_pods(spec)).terms
    return left is not None and not within(required_terms(spec), left)


def required_terms(spec: Body) -> tuple[Body, ...]:
    """The alternatives of a pod's required node affinity; none: it goes anywhere."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return tuple(required.get("nodeSelectorTerms") or ())


def _spec(deployment: Body) -> Body:
    found: Body = deployment["spec"]["template"]["spec"]
    return found


def _labels(node: Body) -> Mapping[str, str]:
    return (node.get("metadata") or {}).get("labels") or {}


def nowhere(rules: Rules, nodes: Sequence[Body]) -> str | None:
    """Why no node of a cluster is in a place that is allowed; None when one is, or no policy is about places."""
    where = places(rules)
    if where.allowed is None or where.denied is not None or not nodes:
        return None
    refused: list[str] = []
    for each in nodes:
        why = where.refusal(str(each["metadata"]["name"]), _labels(each).get(REGION), rules.atlas)
        if why is None:
            return None
        refused.append(why)
    names = " and ".join(each.name for each in rules.binding if each.type == "location")
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    return f"Policy {names} allows no place where this cluster has a node: {'; '.join(refused[:_NAMED])}{more}"


def allowed_nodes(terms: Sequence[Body], hardware: Hardware, nodes: Sequence[Body]) -> list[str]:
    """The nodes that pods with this hardware may go to, by name."""
    chosen = [each for each in nodes if takes(terms, _labels(each))]
    fit = [each for each in chosen if all(_labels(each).get(k) == v for k, v in hardware.node_labels.items())]
    return sorted(str(each["metadata"]["name"]) for each in fit)
