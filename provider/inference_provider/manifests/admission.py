"""What makes the API server itself refuse pods that a policy forbids, whoever sends them?

A ValidatingAdmissionPolicy and its binding. Pods and everything that makes pods are both matched: refused early where a
person sees it, and at last where nothing gets past. What is checked stands in ``admission_rule``.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inference_provider.domain.names import policy_map_name
from inference_provider.manifests import labels
from inference_provider.manifests.admission_rule import (
    BOUND_BY_A_SCHEDULER,
    NO_NODE_NAME,
    USUAL_SCHEDULER,
    WHOLE_GPUS,
    Governed,
    changed_by_who_may,
    conditions,
    confined,
    unasked,
    variables,
)
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body, Kind
from inference_provider.manifests.never_run import never_run
from inference_provider.manifests.policy import REGIONS_MAP

ADMISSION_POLICY = Kind(
    "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "admissionregistration.k8s.io/v1", namespaced=False
)
ADMISSION_BINDING = Kind(
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybindings",
    "admissionregistration.k8s.io/v1",
    namespaced=False,
)

#: Each group's resources, and what may be done to them that changes pods.
_MATCHED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("", ("pods", "pods/ephemeralcontainers", "pods/resize", "replicationcontrollers"), ("CREATE", "UPDATE")),
    ("", ("bindings", "pods/binding"), ("CREATE",)),
    # Not deleted: a namespace has to be able to go, and a policy that is gone is seen, and nowhere loosened.
    ("", ("configmaps",), ("CREATE", "UPDATE")),
    ("apps", ("daemonsets", "deployments", "replicasets", "statefulsets"), ("CREATE", "UPDATE")),
    ("batch", ("cronjobs", "jobs"), ("CREATE", "UPDATE")),
)


@dataclass(frozen=True)
class AdmissionRule:
    """One Policy as the API server is to hold to it.

    ``ways``: node selector expressions, several of which are one alternative; every alternative of a pod has to demand
    at least what one of them does. ``hardware``: these are about GPUs, which pods then have to take whole;
    ``without_gpus``: pods that take none need not. ``sentence`` is what people read when a pod does not. ``sandbox``:
    warn and write it down instead of refusing. ``notes``: annotations that change nothing of what is checked.
    """

    namespace: str
    policy: str
    ways: tuple[Sequence[Body], ...]
    sentence: str
    governed: Governed
    hardware: bool = False
    without_gpus: bool = False
    sandbox: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of both objects."""
        return self.named(self.namespace, self.policy)

    @staticmethod
    def named(namespace: str, policy: str) -> str:
        """What both objects of a policy are called: they are the whole cluster's. Neither part has a dot in it."""
        return f"{labels.MANAGED_BY}.{namespace}.{policy}"

    @property
    def rules(self) -> tuple[str, ...]:
        """The ConfigMaps that it is made from (namespace/name)."""
        return tuple(f"{self.namespace}/{each}" for each in (policy_map_name(self.policy), REGIONS_MAP))

    @cached_property
    def digest(self) -> str:
        """Changes with everything that is checked, and with what follows."""
        looked_at = [_MATCHED, conditions(self.governed, "", rules=self.rules)]
        said = json.dumps([self.name, looked_at, _checks(self), variables(), _noted(self.governed), self.sandbox])
        return hashlib.sha256(said.encode()).hexdigest()[:12]


def policy_of(name: str) -> str | None:
    """The Policy (``namespace/name``) whose object this is; None for other people's."""
    owner, *parts = name.split(".")
    return "/".join(parts) if owner == labels.MANAGED_BY and len(parts) == 2 else None


def admission_policy(rule: AdmissionRule) -> Body:
    """The ValidatingAdmissionPolicy: what is checked. With everything that the API server would add by itself."""
    return {
        "apiVersion": ADMISSION_POLICY.api_version,
        "kind": ADMISSION_POLICY.name,
        "metadata": _metadata(rule),
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": {},
                "objectSelector": {},
                "resourceRules": [_matched(*each) for each in _MATCHED],
            },
            "matchConditions": conditions(rule.governed, rule.digest, rules=rule.rules),
            "variables": variables(),
            "validations": [_validation(unasked(rule.digest), in_effect(rule.digest)), *_checks(rule)],
        },
    }


def _checks(rule: AdmissionRule) -> list[Body]:
    """What has to hold for every pod, and what is said where it does not."""
    said = " ".join(rule.sentence.split())
    whole = f"{said} Slices, GPUs that are shared, other makers' and claims are not these: take `nvidia.com/gpu`."
    return [
        _validation(changed_by_who_may(rule.name), f"{said} Who may not change {rule.name} may not change its rule."),
        _validation(BOUND_BY_A_SCHEDULER, f"{said} Pods are bound to nodes by schedulers only."),
        _validation(NO_NODE_NAME, f"{said} `nodeName` goes around that: leave it out."),
        _validation(USUAL_SCHEDULER, f"{said} Another scheduler may go around that: leave `schedulerName` out."),
        *([_validation(WHOLE_GPUS, whole)] if rule.hardware else []),
        _validation(confined(rule.ways, without_gpus=rule.without_gpus), said),
    ]


def admission_binding(rule: AdmissionRule) -> Body:
    """The ValidatingAdmissionPolicyBinding: in which namespaces, and what follows."""
    named = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(rule.governed.places)}
    return {
        "apiVersion": ADMISSION_BINDING.api_version,
        "kind": ADMISSION_BINDING.name,
        "metadata": _metadata(rule),
        "spec": {
            "policyName": rule.name,
            "validationActions": ["Warn", "Audit"] if rule.sandbox else ["Deny", "Audit"],
            "matchResources": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": {"matchExpressions": [named]},
                "objectSelector": {},
            },
        },
    }


def question(digest: str, *, namespace: str) -> Body:
    """A Deployment that this version of a policy refuses, and no other does. For dry runs: it never runs a pod."""
    named = {"app.kubernetes.io/managed-by": labels.MANAGED_BY, labels.PART: "question"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"{labels.MANAGED_BY}-asks-{digest}",
            "namespace": namespace,
            "labels": named,
            "annotations": {labels.ASKS: digest},
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": named},
            "template": {"metadata": {"labels": named}, "spec": never_run()},
        },
    }


def in_effect(digest: str) -> str:
    """How a policy answers that question."""
    return f"version {digest} of this policy is in effect"


def _metadata(rule: AdmissionRule) -> Body:
    return {
        "name": rule.name,
        "labels": {"app.kubernetes.io/managed-by": labels.MANAGED_BY},
        "annotations": {
            **rule.notes,
            labels.DIGEST: rule.digest,
            labels.GOVERNED: json.dumps(_noted(rule.governed)),
        },
    }


def governed_of(found: Body) -> Governed | None:
    """Whose pods an object that is there is about; None when it does not say so."""
    try:
        namespaces, workloads = json.loads(annotation(found, labels.GOVERNED) or "")
        return Governed(frozenset(namespaces), frozenset((str(place), str(name)) for place, name in workloads))
    except (TypeError, ValueError):
        return None


def joined_of(found: Body) -> dict[str, str]:
    """When those who came lately did (namespace/name → time), as an object that is there notes it."""
    try:
        noted = json.loads(annotation(found, labels.JOINED) or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in noted.items()} if isinstance(noted, dict) else {}


def is_newer(found: Body, rule: AdmissionRule) -> bool:
    """Whether a newer release made an object that is there otherwise, from the same words: it knows more than we do.

    That is left as it is, or two releases would undo each other in turn.
    """
    same = annotation(found, labels.SAID) == rule.notes.get(labels.SAID)
    differs = annotation(found, labels.DIGEST) != rule.digest
    return same and differs and _release(annotation(found, labels.RELEASE)) > _release(rule.notes.get(labels.RELEASE))


def is_stale(found: Body, rule: AdmissionRule) -> bool:
    """Whether an object that is there checks something else than it is to."""
    return annotation(found, labels.DIGEST) != rule.digest and not is_newer(found, rule)


def _release(written: str | None) -> tuple[int, ...]:
    """A release's numbers, to be compared."""
    return tuple(int(each) for each in re.findall(r"\d+", (re.match(r"[\d.]*", written or "") or [""])[0]))


def _noted(governed: Governed) -> list[list[object]]:
    return [[*sorted(governed.namespaces)], [[*each] for each in sorted(governed.workloads)]]


def _matched(group: str, resources: Sequence[str], operations: Sequence[str]) -> Body:
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": list(operations),
        "resources": list(resources),
        "scope": "*",
    }


def _validation(expression: str, message: str) -> Body:
    return {"expression": expression, "message": message}
