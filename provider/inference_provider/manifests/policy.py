"""A Policy in the cluster: a ConfigMap with its rule. Also what Workloads' Services say of the policies above them."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import ValidationError

from inference_provider.domain.names import policy_map_name
from inference_provider.domain.policy import PolicyInputs, chosen
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import Body

#: By which every Policy of a namespace is listed.
SELECTOR = f"{labels.PART}=policy"
#: A ConfigMap that people make: region → country, where no table knows it or the cluster's own word is to count.
REGIONS_MAP = "pulumi-inference-regions"
_BESIDE_THE_RULE = {"name", "namespace", "display_name", "force_delete", "timeouts"}


def policy_map(namespace: str, policy: PolicyInputs, *, notes: Mapping[str, str]) -> Body:
    """The ConfigMap as it is created."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": policy_map_name(policy.name),
            "namespace": namespace,
            "labels": {
                "app.kubernetes.io/name": policy.name,
                "app.kubernetes.io/managed-by": labels.MANAGED_BY,
                "app.kubernetes.io/part-of": labels.MANAGED_BY,
                labels.POLICY: policy.name,
                labels.PART: "policy",
            },
            "annotations": dict(notes),
        },
        "data": data_of(policy),
    }


def data_of(policy: PolicyInputs) -> dict[str, str]:
    """What the ConfigMap holds: the rule, and what it is called."""
    said = rule_of(policy) | ({"displayName": policy.display_name} if policy.display_name else {})
    return {"policy": json.dumps(said, sort_keys=True)}


def rule_of(policy: PolicyInputs) -> dict[str, object]:
    """What a policy says and for whom, in one spelling: two that agree in this are the same rule."""
    return policy.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_BESIDE_THE_RULE)


def revised(observed: Body, policy: PolicyInputs, *, notes: Mapping[str, str]) -> Body:
    """The same ConfigMap with another rule, for a compare-and-swap PUT. Labels that somebody struck off come back."""
    meta = observed["metadata"]
    ours = policy_map(meta["namespace"], policy, notes=notes)["metadata"]
    both = {each: (meta.get(each) or {}) | ours[each] for each in ("labels", "annotations")}
    return observed | {"metadata": meta | both, "data": data_of(policy)}


def policy_name(body: Body) -> str | None:
    """The Policy that a ConfigMap holds; None where it is none.

    Labels alone do not make one: else whoever may make ConfigMaps could put another in the place of one that is there.
    """
    name = label(body, labels.POLICY)
    return name if name is not None and name == called(body) and label(body, labels.PART) == "policy" else None


def is_policy(body: Body, name: str) -> bool:
    """Whether a ConfigMap is the Policy of this name and ours, though somebody may have struck its labels off."""
    if called(body) != name or label(body, labels.PART) not in ("policy", None):
        return False
    return label(body, labels.POLICY) == name or annotation(body, labels.INCARNATION) is not None


def called(body: Body) -> str:
    """What a Policy is called by the name of its ConfigMap."""
    return str(body["metadata"]["name"]).removeprefix(policy_map_name(""))


def policy_of(body: Body) -> PolicyInputs | None:
    """The Policy that a ConfigMap holds; None where this release cannot read it."""
    return _parsed(str((body.get("data") or {}).get("policy")), called(body), str(body["metadata"]["namespace"]))


@lru_cache(maxsize=1024)
def _parsed(rule: str, name: str, namespace: str) -> PolicyInputs | None:
    """A thousand Workloads are under the same few policies, and each asks."""
    try:
        return PolicyInputs.model_validate({**json.loads(rule), "name": name, "namespace": namespace})
    except (TypeError, ValueError, ValidationError):
        return None


def workload_notes(named: Iterable[str], artifact_type: str) -> dict[str, str | None]:
    """What a Workload's Service says, so that a Policy can tell whether it is under it."""
    ids = sorted(set(named))
    return {labels.POLICIES: json.dumps(ids) if ids else None, labels.ARTIFACT_TYPE: artifact_type}


def named_by(anchor: Body) -> tuple[str, ...]:
    """The ids of the policies that a Workload names."""
    try:
        found = json.loads(annotation(anchor, labels.POLICIES) or "[]")
    except ValueError:
        return ()
    return tuple(str(each) for each in found) if isinstance(found, list) else ()


def tags_of(anchor: Body) -> dict[str, str]:
    """The tags that a Workload's Service notes."""
    try:
        found = json.loads(annotation(anchor, labels.TAGS) or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def is_under(anchor: Body, policy: PolicyInputs) -> bool:
    """Whether a Workload is under a Policy: it names it, or is of its namespace and chosen by it.

    What a Workload of an earlier release serves is not noted: it is taken to be chosen by any type.
    """
    if f"{policy.namespace}/{policy.name}" in named_by(anchor):
        return True
    if anchor["metadata"]["namespace"] != policy.namespace:
        return False
    return chosen(policy, artifact_type=annotation(anchor, labels.ARTIFACT_TYPE), tags=tags_of(anchor))
