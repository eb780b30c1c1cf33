"""What makes the API server itself refuse pods that a policy forbids, whoever sends them?

A ValidatingAdmissionPolicy and its binding, with the allowed values as literals: parameters in an object of their own go
stale in the API server when that object is deleted and made again (kubernetes#130887). Pods and what makes pods are
both matched. What is there already may still be patched, as long as its pods stay as they are.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.manifests.kinds import Body

API = "admissionregistration.k8s.io/v1"
_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("pods", "pods/ephemeralcontainers", "pods/resize", "replicationcontrollers")),
    ("apps", ("deployments", "replicasets", "statefulsets", "daemonsets")),
    ("batch", ("jobs", "cronjobs")),
)
_AFFINITY = "requiredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True)
class Demanded:
    """What every alternative of a pod's node affinity has to say: one of ``ways``, each a set of labels whose wanted
    values are among these. ``sentence`` is what people read when it does not.
    """

    ways: tuple[Mapping[str, Sequence[str]], ...]
    sentence: str


def admission(name: str, demanded: Demanded, *, namespaces: Sequence[str], sandbox: bool) -> tuple[Body, Body]:
    """The policy and its binding. ``sandbox``: warn and write it down instead of refusing."""
    policy: Body = {
        "apiVersion": API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [_rule(group, resources) for group, resources in _RULES]},
            "variables": [
                {"name": "pod", "expression": _pod_of("object")},
                {"name": "terms", "expression": _TERMS},
            ],
            "matchConditions": [{"name": "pods-change", "expression": _changed()}],
            "validations": [
                {
                    "expression": _NO_NODE_NAME,
                    "message": f"{demanded.sentence} `nodeName` goes around that; leave it out.",
                },
                {
                    "expression": "!has(variables.pod.schedulerName) || variables.pod.schedulerName == 'default-scheduler'",
                    "message": f"{demanded.sentence} Another scheduler may go around that; leave `schedulerName` out.",
                },
                {"expression": _confined(demanded.ways), "message": demanded.sentence},
            ],
        },
    }
    binding: Body = {
        "apiVersion": API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Warn", "Audit"] if sandbox else ["Deny", "Audit"],
            "matchResources": {
                "namespaceSelector": {
                    "matchExpressions": [
                        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": sorted(namespaces)}
                    ]
                }
            },
        },
    }
    return policy, binding


def _rule(group: str, resources: Sequence[str]) -> Body:
    version = "v1"
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "operations": ["CREATE", "UPDATE"],
        "resources": list(resources),
    }


def _pod_of(one: str) -> str:
    return (
        f"{one}.kind == 'Pod' ? {one}.spec : "
        f"({one}.kind == 'CronJob' ? {one}.spec.jobTemplate.spec.template.spec : {one}.spec.template.spec)"
    )


def _changed() -> str:
    """Whether pods are new or other than they were: labels and counts of what is there may always change."""
    return f"oldObject == null || ({_pod_of('object')}) != ({_pod_of('oldObject')})"


_NO_NODE_NAME = (
    "!has(variables.pod.nodeName) || variables.pod.nodeName == '' || "
    "(oldObject != null && has(oldObject.spec.nodeName) && oldObject.spec.nodeName == variables.pod.nodeName)"
)
_TERMS = (
    "has(variables.pod.affinity) && has(variables.pod.affinity.nodeAffinity) && "
    f"has(variables.pod.affinity.nodeAffinity.{_AFFINITY}) "
    f"? variables.pod.affinity.nodeAffinity.{_AFFINITY}.nodeSelectorTerms : []"
)


def _confined(ways: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """Every alternative is one of the ways; alternatives are ORed, so one that is free would take any node."""
    each = " || ".join(f"({_is(way)})" for way in ways) or "false"
    return f"variables.terms.size() > 0 && variables.terms.all(t, has(t.matchExpressions) && ({each}))"


def _is(way: Mapping[str, Sequence[str]]) -> str:
    return " && ".join(
        f"t.matchExpressions.exists(e, e.key == {json.dumps(key)} && e.operator == 'In' && "
        f"e.values.all(v, v in {json.dumps(sorted(values))}))"
        for key, values in way.items()
    )
