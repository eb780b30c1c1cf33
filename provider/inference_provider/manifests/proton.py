"""One proton: its own Service, and what that Service owns (a Deployment per group, a PodDisruptionBudget each).

Everything a proton has hangs on its Service, so keeping it, bringing it back or ending it is one patch or one
delete on one object: all or nothing, also for several container groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.domain.bundle import Chosen
from inference_provider.domain.names import deployment_name, is_single, proton_name
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import TARGET_PORT
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.bundle import bundle_notes
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import owner_reference
from inference_provider.manifests.pod import Hardware, pod_spec


@dataclass(frozen=True)
class Blueprint:
    """All that makes a proton's pods, before it has a number: content, hardware, and where its secrets are.

    ``denied``: why policies leave these pods no place; nothing may be made of it then.
    """

    workload: str
    namespace: str
    artifact: str
    content_hash: str
    content: Body
    template: str
    hardware: Mapping[str, Hardware]
    secret: str | None = None
    priority: str | None = None
    drain_seconds: int = 30
    version: str | None = None
    bundles: Chosen = field(default_factory=dict)
    denied: str | None = None

    @property
    def groups(self) -> list[Body]:
        """The container groups of the content."""
        found: list[Body] = self.content["containerGroups"]
        return found

    def labels(self, revision: int) -> dict[str, str]:
        """What every object of the proton carries."""
        return labels.identity(self.workload, version=self.version) | {
            labels.REVISION: f"r{revision}",
            labels.TEMPLATE: self.template,
            labels.ARTIFACT: self.artifact,
            labels.CONTENT: self.content_hash,
        }


def is_primary(group: Body) -> bool:
    """Whether this is the group that answers requests."""
    return any(container.get("primary") for container in group["containers"])


def proton_service(blueprint: Blueprint, anchor: Body, *, revision: int, slot: int, port: int) -> Body:
    """The proton's own Service: an address for checks and warm-up, and the owner of the rest."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": proton_name(blueprint.workload, revision),
            "namespace": blueprint.namespace,
            "labels": blueprint.labels(revision) | {labels.PART: "proton"},
            "annotations": {
                labels.SLOT: str(slot),
                labels.GROUPS: ",".join(str(group["name"]) for group in blueprint.groups),
                labels.EPOCH: annotation(anchor, labels.EPOCH) or "0",
                **bundle_notes(blueprint.bundles),
            },
            "ownerReferences": [owner_reference(anchor)],
        },
        "spec": {
            "selector": labels.slot_labels(blueprint.workload, slot) | {labels.REVISION: f"r{revision}"},
            "ports": [{"name": "http", "port": port, "protocol": "TCP", "targetPort": TARGET_PORT}],
        },
    }


def deployment(blueprint: Blueprint, group: Body, service: Body, *, revision: int, slot: int, replicas: int) -> Body:
    """The Deployment of one group. Created with replicas, never applied again: later they change by scale only."""
    chosen = {labels.WORKLOAD: blueprint.workload, labels.REVISION: f"r{revision}", labels.GROUP: group["name"]}
    named = blueprint.labels(revision) | {labels.GROUP: group["name"]}
    pod_labels = named | (labels.slot_labels(blueprint.workload, slot) if is_primary(group) else {})
    spec = pod_spec(
        group,
        hardware=blueprint.hardware[group["name"]],
        secret=blueprint.secret if is_primary(group) else None,
        priority=blueprint.priority,
        drain_seconds=blueprint.drain_seconds,
        storage=blueprint.content.get("storage") if is_primary(group) else None,
        spread_over=chosen,
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(blueprint, group, service, revision=revision) | {"labels": named},
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 1,
            "selector": {"matchLabels": chosen},
            "progressDeadlineSeconds": 86_400,
            "template": {"metadata": {"labels": pod_labels}, "spec": spec},
        },
    }


def disruption_budget(blueprint: Blueprint, group: Body, service: Body, *, revision: int) -> Body:
    """At most one pod of a group is drained at a time; pods that are not ready never block a drain."""
    chosen = {labels.WORKLOAD: blueprint.workload, labels.REVISION: f"r{revision}", labels.GROUP: group["name"]}
    named = blueprint.labels(revision) | {labels.GROUP: group["name"]}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _meta(blueprint, group, service, revision=revision) | {"labels": named},
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": chosen},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def _meta(blueprint: Blueprint, group: Body, service: Body, *, revision: int) -> Body:
    single = is_single([each["name"] for each in blueprint.groups])
    return {
        "name": deployment_name(blueprint.workload, revision, group["name"], single=single),
        "namespace": blueprint.namespace,
        "ownerReferences": [owner_reference(service)],
    }
