"""What do policies leave of the nodes that a pod could run on, and if nothing, why? Preview, placement and warnings all
ask here, so that they cannot disagree.

Whatever cannot be judged is not allowed: a policy that nobody can read, a flavor that nobody knows, a place without
regions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from inference_provider.domain.policy import PolicyFlavor, PolicyInputs
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import Hardware
from inference_provider.manifests.proton import Blueprint
from inference_provider.placement.confined import NOWHERE, confined
from inference_provider.placement.flavors import CPU, PRODUCT, Alternative, Sign, alternatives, signs
from inference_provider.placement.regions import Atlas, Regions, regions
from inference_provider.placement.selector import possible

#: Said where nothing is left while a policy is changed: alone, what it will say might leave something.
_CHANGING = (
    ". This run changes Policy {}, and until it has, both what that says and what it will say count: let the Workload "
    "depend on it (dependsOn), or run `pulumi up` once more"
)
#: Why a policy about tokens does not hold, as long as nobody has seen who would count them.
UNSEEN = "nobody has seen a gateway that could count them"


@dataclass(frozen=True)
class Rules:
    """The policies that one Workload is under, and which country each region is in.

    ``broken``: a sentence for each policy that is named and not there, or that this release cannot read. ``strict``:
    sandboxes bind as the others do.
    ``uncounted``: why nobody counts the Workload's tokens, None where a gateway does.
    """

    policies: tuple[PolicyInputs, ...] = ()
    atlas: Atlas = field(default_factory=Atlas)
    broken: tuple[str, ...] = ()
    strict: bool = False
    uncounted: str | None = UNSEEN

    @cached_property
    def binding(self) -> tuple[PolicyInputs, ...]:
        """Those that do more than warn."""
        return tuple(each for each in self.policies if self.strict or not each.sandbox)

    @cached_property
    def changing(self) -> str:
        """A sentence of policies that are there twice, as they stand and as this run makes them; "" of none."""
        count = Counter(f"{each.namespace}/{each.name}" for each in self.policies)
        twice = [place for place, times in count.items() if times > 1]
        return _CHANGING.format(" and ".join(twice)) if twice else ""

    def only(self, policies: Iterable[PolicyInputs]) -> "Rules":
        """The same with these policies, all of which bind."""
        return replace(self, policies=tuple(policies), broken=(), strict=True)


@dataclass(frozen=True)
class Allowance:
    """The alternatives that are left to a pod, its own wishes included. None: no policy is about its place.

    ``denied`` says why nothing is left.
    """

    terms: tuple[Body, ...] | None = None
    denied: str | None = None


def allowance(rules: Rules, hardware: Hardware) -> Allowance:
    """What the rules leave to pods with this hardware."""
    if rules.broken:
        return _nothing(rules.broken[0])
    tokens = next((each for each in rules.binding if each.type == "maxTokens"), None)
    if tokens is not None and rules.uncounted is not None:
        return _nothing(f"Policy {tokens.name} limits tokens, and {rules.uncounted}")
    where, what = regions(rules.binding, rules.atlas), _hardware(rules.binding, hardware)
    denied = where.denied or what.denied
    if denied is not None:
        return _nothing(denied + rules.changing)
    if where.allowed is None and what.ways is None:
        return Allowance()
    own = [{"matchExpressions": list(hardware.wishes)}] if hardware.wishes else []
    terms = [each for each in confined(own, where.allowed, what.ways) if _reachable(each, hardware)]
    return Allowance(tuple(terms)) if terms else _nothing(_elsewhere(rules.binding, hardware) + rules.changing)


def confine(rules: Rules, hardware: Hardware) -> Hardware:
    """The hardware with what the rules leave of its nodes."""
    return replace(hardware, terms=allowance(rules, hardware).terms)


def obeying(blueprint: Blueprint, rules: Rules) -> Blueprint:
    """The same version where the rules allow it; its template stays, so nothing rolls because of a policy alone."""
    left = {group: allowance(rules, each) for group, each in blueprint.hardware.items()}
    denied = next((each.denied for each in left.values() if each.denied is not None), None)
    hardware = {group: replace(each, terms=left[group].terms) for group, each in blueprint.hardware.items()}
    return replace(blueprint, hardware=hardware, denied=denied)


def places(rules: Rules) -> Regions:
    """The regions that are left."""
    return regions(rules.binding, rules.atlas)


def _nothing(denied: str) -> Allowance:
    return Allowance((NOWHERE,), denied)


def _reachable(term: Body, hardware: Hardware) -> bool:
    """Whether a node could be as the term and the pod's own node selector want it."""
    chosen = [{"key": key, "operator": "In", "values": [value]} for key, value in hardware.node_labels.items()]
    return possible([*term["matchExpressions"], *chosen])


def _elsewhere(policies: Sequence[PolicyInputs], hardware: Hardware) -> str:
    asked = [f"{key}={value}" for key, value in sorted(hardware.node_labels.items())]
    asked += [f"{each['key']} {each['operator']} {', '.join(each['values'])}" for each in hardware.wishes]
    names = " and ".join(each.name for each in policies)
    return f"the pods ask for nodes with {', '.join(asked)}, and what Policy {names} allows is none of these"


@dataclass(frozen=True)
class _Ways:
    """By which labels a node is known to have what is allowed. None: no policy is about hardware.

    ``products`` are the GPUs among it, as GPU Feature Discovery names them.
    """

    ways: tuple[Alternative, ...] | None = None
    denied: str | None = None
    products: frozenset[str] = frozenset()


def _hardware(policies: Sequence[PolicyInputs], hardware: Hardware) -> _Ways:
    """What every policy about hardware allows to pods with this one."""
    about = [each for each in policies if each.type == "flavor"]
    if not about:
        return _Ways()
    return _gpus(about, hardware) if hardware.gpus else _without_gpus(about)


def _without_gpus(about: Sequence[PolicyInputs]) -> _Ways:
    """Pods without GPUs go anywhere, where they may be at all."""
    for policy in about:
        if not any(_is_cpu(each) for each in policy.flavors):
            return _Ways(
                denied=f"Policy {policy.name} allows {_named(policy)} only, and these pods take no GPUs: add the "
                f"flavor cpu of type cpu to it, or give them GPUs{_unknown(policy)}"
            )
    return _Ways()


def _gpus(about: Sequence[PolicyInputs], hardware: Hardware) -> _Ways:
    ways = _together(tuple(about))
    models = {*hardware.gpu_models, *filter(None, [hardware.node_labels.get(PRODUCT)])}
    other = sorted(models - ways.products)
    if other and ways.denied is None:
        return _Ways(denied=f"the pods ask for {other[0]}, and Policy {_each_named(about)} allows no such GPU")
    return ways


@lru_cache(maxsize=256)
def _together(about: tuple[PolicyInputs, ...]) -> _Ways:
    """What all of them allow to pods with GPUs. A thousand Workloads under the same policies ask the same."""
    said: frozenset[Sign] | None = None
    for number, policy in enumerate(about):
        theirs = _signs(policy)
        if not theirs:
            return _Ways(denied=f"Policy {policy.name} allows {_named(policy)} only, which is no GPU{_unknown(policy)}")
        both = theirs if said is None else said & theirs
        if not both:
            return _Ways(
                denied=f"Policy {policy.name} allows {_named(policy)} only, where nothing is left by "
                f"{_each_named(about[:number])}; no GPU satisfies all of them"
            )
        said = both
    products = frozenset(value for key, value, _ in said or () if key == PRODUCT)
    return _Ways(alternatives(said or ()), products=products)


def _each_named(policies: Iterable[PolicyInputs]) -> str:
    return " and ".join(f"{each.name} ({_named(each)})" for each in policies)


def _signs(policy: PolicyInputs) -> frozenset[Sign]:
    return frozenset[Sign]().union(*(signs(each.name) for each in policy.flavors if each.type == "gpu"))


def _is_cpu(flavor: PolicyFlavor) -> bool:
    return flavor.type == CPU and flavor.name.lower() == CPU


def is_known(flavor: PolicyFlavor) -> bool:
    """Whether anybody can say which nodes have it."""
    return bool(signs(flavor.name)) if flavor.type == "gpu" else _is_cpu(flavor)


def _named(policy: PolicyInputs) -> str:
    return ", ".join(each.name for each in policy.flavors)


def _unknown(policy: PolicyInputs) -> str:
    strange = [each.name for each in policy.flavors if not is_known(each)]
    return f" ({', '.join(strange)}: no such flavor is known)" if strange else ""


@dataclass(frozen=True)
class Ruling:
    """What one policy says of a Workload's pods. ``denied``: why it does not allow them; None when it does.

    ``sandbox``: it warns, and changes nothing.
    """

    policy: str
    type: str
    denied: str | None = None
    sandbox: bool = False


def rulings(rules: Rules, hardware: Mapping[str, Hardware]) -> tuple[Ruling, ...]:
    """One for each policy. Where two that bind leave nothing together, the later one is named."""
    found: list[Ruling] = []
    all_well = _denied(replace(rules, broken=()), hardware) is None
    allowed = list(rules.binding) if all_well else []
    for policy in sorted(rules.policies, key=lambda each: each.sandbox):
        denied = None
        if policy.sandbox or not all_well:
            denied = _denied(rules.only([*allowed, policy]), hardware)
        if denied is None and not policy.sandbox and not all_well:
            allowed.append(policy)
        found.append(Ruling(f"{policy.namespace}/{policy.name}", policy.type, denied, policy.sandbox))
    return tuple(found)


def _denied(rules: Rules, hardware: Mapping[str, Hardware]) -> str | None:
    return next((why for each in hardware.values() if (why := allowance(rules, each).denied)), None)
