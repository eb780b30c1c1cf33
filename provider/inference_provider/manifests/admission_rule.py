"""What does an API server check in a pod that policies confine to some nodes? Written in its own language, CEL.

A pod is confined when each of its alternatives for a node demands at least what one of the policy's alternatives does:
alternatives are ORed, so one that is free takes any node. What the pod's ``nodeSelector`` wants holds in all of them.
Objects go as ``dyn``, so that one expression serves pods and everything that makes pods.

Values are literals: parameters in an object of their own go stale in the API server when that object is deleted and
made again (kubernetes#130887).
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from inference_provider.manifests import labels
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU

#: By which labels a pod is a Workload's: its own, or the one by which the Workload's Service chooses it.
_CLAIMS = (labels.WORKLOAD, labels.SERVES)
#: Devices that compute nothing: networks, mostly. Everything else that has a maker's name before a slash may be a GPU.
OTHER_DEVICES = (
    "devices.kubevirt.io/",
    "networking.gke.io.networks/",
    "nvidia.com/hostdev",
    "rdma/",
    "vpc.amazonaws.com/",
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_BINDS = "object.kind == 'Binding'"
_HOLDS_RULES = "object.kind == 'ConfigMap'"
#: What is looked at, and is or makes no pod.
_NO_POD = f"({_BINDS} || {_HOLDS_RULES})"
_MAKES_NONE = (
    "object.kind == 'Job' && has(dyn(object).spec.completions) && dyn(object).spec.completions == 0 && "
    "has(dyn(object).spec.parallelism) && dyn(object).spec.parallelism == 0"
)


@dataclass(frozen=True)
class Governed:
    """Whose pods a policy is about: everybody's in ``namespaces``, and those of ``workloads`` (namespace, name).

    Raises ValueError when that is nobody: a binding without a namespace is about all of them.
    """

    namespaces: frozenset[str] = frozenset()
    workloads: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        if not self.places:
            raise ValueError("a policy has to govern somebody")

    @property
    def places(self) -> tuple[str, ...]:
        """Every namespace that somebody governed is in, in order."""
        return tuple(sorted(self.namespaces | {place for place, _ in self.workloads}))

    def covers(self, namespace: str, workload: str) -> bool:
        """Whether a Workload's pods are governed."""
        return namespace in self.namespaces or (namespace, workload) in self.workloads

    def names(self, workload: str) -> bool:
        """Whether a Workload (namespace/name) is governed by its own name."""
        return tuple(workload.split("/", 1)) in self.workloads

    def without(self, namespace: str, workload: str) -> "Governed | None":
        """The others; None when there are none."""
        named = self.workloads - {(namespace, workload)}
        return Governed(self.namespaces, named) if self.namespaces or named else None

    def joined(self, other: "Governed") -> "Governed":
        """Everybody that one of the two governs."""
        return Governed(self.namespaces | other.namespaces, self.workloads | other.workloads)


def conditions(governed: Governed, digest: str, *, rules: Collection[str]) -> list[Body]:
    """When a policy looks at a request at all: it is no question to another policy, it is about pods that are governed,
    these are new or other than they were, and there will be any. What is there may always get other metadata, counts
    and owners. Of ConfigMaps it looks at those with the ``rules`` themselves (namespace/name) only.
    """
    other = f"oldObject == null || !({_claimed('oldObject', governed)}) || {_made('object')} != {_made('oldObject')}"
    asked = _asked(digest, equals="==")
    place = "request.namespace + '/' + object.metadata.name"
    return [
        {"name": "no-question-to-others", "expression": f"!({_asked(digest, equals='!=')})"},
        {"name": "governed", "expression": f"({asked}) || {_NO_POD} || {_claimed('object', governed)}"},
        {"name": "the-rules-only", "expression": f"!({_HOLDS_RULES}) || ({place}) in {literal(rules)}"},
        {"name": "pods-change", "expression": f"{_NO_POD} || {other}"},
        # As tombstones are. Should somebody have it ask for more, its pods are looked at.
        {"name": "makes-pods", "expression": f"!({_MAKES_NONE})"},
    ]


def unasked(digest: str) -> str:
    """Does not hold when somebody asks whether this version of the policy is in effect."""
    return f"!({_asked(digest, equals='==')})"


def variables() -> list[Body]:
    """What validations are written with; the API server computes each at most once for a request."""
    affinity = "variables.pod.affinity"
    required = f"{affinity}.nodeAffinity.{_REQUIRED}"
    terms = f"{required}.nodeSelectorTerms.map(t, {_or_none('t', 'matchExpressions', '[]')})"
    said = {
        "noPod": _NO_POD,
        "pod": f"{_template('object')}.spec",
        "devices": _devices(),
        "claims": f"{_or_none('variables.pod', 'resourceClaims', '[]')}.size() > 0",
        "gpus": "variables.claims || variables.devices.exists(r, r.exists(a, a.size() > 0))",
        "selector": _or_none("variables.pod", "nodeSelector", "{}"),
        # Without alternatives of its own a pod has one, which demands nothing. Those of a DaemonSet do not get into its
        # pods: its controller puts a node's name in their place.
        "terms": f"object.kind != 'DaemonSet' && has({affinity}) && has({affinity}.nodeAffinity) && has({required}) "
        f"? {terms} : [[]]",
    }
    return [{"name": name, "expression": expression} for name, expression in said.items()]


def _devices() -> str:
    """The names of the devices that may be GPUs, of all that a pod asks for, by one container or all together."""
    made = [_or_none("variables.pod", each, "[]") for each in ("containers", "initContainers")]
    resources = f"({' + '.join(made)} + [variables.pod]).map(c, {_or_none('c', 'resources', '{}')})"
    asked = f"[{_or_none('r', 'limits', '{}')}, {_or_none('r', 'requests', '{}')}]"
    other = f"{literal(OTHER_DEVICES)}.exists(v, k.startsWith(v))"
    return f"{resources}.map(r, {asked}.map(a, a.filter(k, k.contains('/') && !{other})))"


def _or_none(one: str, key: str, none: str) -> str:
    return f"(has({one}.{key}) ? {one}.{key} : {none})"


#: Only who may bind pods in the whole cluster, as schedulers may, binds any: a namespace's own people do not.
BOUND_BY_A_SCHEDULER = (
    f"!({_BINDS}) || authorizer.group('').resource('pods').subresource('binding').check('create').allowed()"
)
#: What a policy says stands in a ConfigMap, and in another which country a region is in: who could write these could
#: have the next one who may change the policy at the API server loosen it unknowingly.
_SAID = [f"({_or_none(f'dyn({one})', 'data', '{}')})" for one in ("object", "oldObject")]
_MARKED = [f"({_or_none(f'dyn({one}).metadata', 'labels', '{}')})" for one in ("object", "oldObject")]


def changed_by_who_may(policy: str) -> str:
    """Only who may change the policy of this name in the whole cluster changes the rule that it is made from."""
    group, resource = "admissionregistration.k8s.io", "validatingadmissionpolicies"
    may = f"authorizer.group('{group}').resource('{resource}').name({literal(policy)}).check('update').allowed()"
    same = f"oldObject != null && {' == '.join(_SAID)} && {' == '.join(_MARKED)}"
    return f"!({_HOLDS_RULES}) || ({same}) || {may}"


#: A pod that names its node is never scheduled, so nobody looks at what it demands. One that runs says where.
NO_NODE_NAME = (
    "variables.noPod || !has(variables.pod.nodeName) || variables.pod.nodeName == '' || "
    "(oldObject != null && object.kind == 'Pod' && has(dyn(oldObject).spec.nodeName) && "
    "dyn(oldObject).spec.nodeName == variables.pod.nodeName)"
)
#: Another scheduler may bind without looking at what is demanded.
USUAL_SCHEDULER = (
    "variables.noPod || !has(variables.pod.schedulerName) || variables.pod.schedulerName in ['', 'default-scheduler']"
)


#: By its labels a node has a GPU, which a pod may get a slice of all the same, or a part that it shares, under another
#: name. What a claim gets is only known once it has it.
WHOLE_GPUS = f"variables.noPod || (!variables.claims && variables.devices.all(r, r.all(a, a.all(k, k == '{GPU}'))))"


def confined(ways: Sequence[Sequence[Body]], *, without_gpus: bool) -> str:
    """Every alternative of the pod demands at least what one of the ``ways`` does (``without_gpus``: or it takes none).
    No ways: nothing else passes.

    Raises ValueError for an operator that no policy of ours uses.
    """
    each = " || ".join(f"({' && '.join(_demands(one) for one in way)})" for way in ways) or "false"
    free = "variables.noPod || !variables.gpus" if without_gpus else "variables.noPod"
    return f"{free} || (variables.terms.size() > 0 && variables.terms.all(t, {each}))"


def _demands(expression: Body) -> str:
    key, values = literal(expression["key"]), literal(expression.get("values") or [])
    chosen, any_of = f"{key} in variables.selector", "e.operator == 'In' && e.values.all(v, {})"
    wanted = f"variables.selector[{key}] in {values}"
    match expression["operator"]:
        case "In":
            by_selector, by_term = f"{chosen} && {wanted}", any_of.format(f"v in {values}")
        case "NotIn":
            by_selector = f"{chosen} && !({wanted})"
            by_term = (
                f"e.operator == 'DoesNotExist' || (e.operator == 'NotIn' && {values}.all(v, v in e.values)) || "
                f"({any_of.format(f'!(v in {values})')})"
            )
        case "DoesNotExist":
            by_selector, by_term = "", "e.operator == 'DoesNotExist'"
        case "Exists":
            by_selector, by_term = chosen, "e.operator in ['Exists', 'In', 'Gt', 'Lt']"
        case operator:
            raise ValueError(f"policies do not use the operator {operator}")
    said = f"t.exists(e, e.key == {key} && ({by_term}))"
    return f"(({by_selector}) || {said})" if by_selector else said


def literal(value: str | Collection[str]) -> str:
    """A text, or texts in order, as CEL writes them. Characters stay as they are: CEL knows no halves of them."""
    return json.dumps(value if isinstance(value, str) else sorted(value), ensure_ascii=False)


def _asked(digest: str, *, equals: str) -> str:
    """A dry run that asks one version of one policy alone whether it is in effect."""
    notes, key = "object.metadata.annotations", literal(labels.ASKS)
    asks = f"has({notes}) && {key} in {notes} && {notes}[{key}] {equals} {literal(digest)}"
    return f"has(request.dryRun) && request.dryRun && {asks}"


def _claimed(one: str, governed: Governed) -> str:
    """Whether an object is, or makes, a pod that is governed."""
    everybody = f"request.namespace in {literal(governed.namespaces)}"
    if not governed.workloads:
        return everybody
    named = literal([f"{place}/{name}" for place, name in governed.workloads])
    claims = f"k in p.metadata.labels && (request.namespace + '/' + p.metadata.labels[k]) in {named}"
    labelled = f"has(p.metadata) && has(p.metadata.labels) && {literal(_CLAIMS)}.exists(k, {claims})"
    return f"{everybody} || [{_template(one)}].exists(p, {labelled})"


def _made(one: str) -> str:
    """What of an object runs. Of a template even the labels do: other ones make other pods."""
    return f"(object.kind == 'Pod' ? dyn({one}).spec : {_template(one)})"


def _template(one: str) -> str:
    """The pod, or what pods are made from."""
    return (
        f"(object.kind == 'Pod' ? dyn({one}) : object.kind == 'CronJob' ? dyn({one}).spec.jobTemplate.spec.template "
        f": dyn({one}).spec.template)"
    )
