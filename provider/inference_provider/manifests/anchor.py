"""The Workload's Service: its stable endpoint, and the anchor that owns everything else.

It is created by POST and changed by JSON patches, never by apply: nothing that was left out can fall back to a
default. Whoever sends them adds the test of the fencing epoch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations
from inference_provider.manifests.kinds import Body

#: The name of the container port that Services send to. By name, so that a proton may move its port.
TARGET_PORT = "serve"


@dataclass(frozen=True)
class Face:
    """What the anchor shows of a Workload: everything that changes in place."""

    port: int = 80
    service_type: str = "ClusterIP"
    service_annotations: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str | None] = field(default_factory=dict)


def anchor(namespace: str, workload: str, face: Face, *, slot: int) -> Body:
    """The Service as it is created, with traffic to the first slot."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": workload,
            "namespace": namespace,
            "labels": identity_of(workload),
            "annotations": {key: value for key, value in _wanted(face).items() if value is not None},
        },
        "spec": {
            "type": face.service_type,
            "selector": labels.only(slot).selector(workload),
            "ports": _ports(face),
        },
    }


def identity_of(workload: str) -> dict[str, str]:
    """The labels by which an anchor is known as ours."""
    return labels.identity(workload) | {labels.PART: "endpoint"}


def is_anchor(service: Body, workload: str) -> bool:
    """Whether a Service with the Workload's name is ours."""
    found = service["metadata"].get("labels") or {}
    return bool(found.get(labels.WORKLOAD) == workload and found.get(labels.PART) == "endpoint")


def _ports(face: Face) -> list[Body]:
    return [{"name": "http", "port": face.port, "protocol": "TCP", "targetPort": TARGET_PORT}]


def _wanted(face: Face) -> dict[str, str | None]:
    owned = json.dumps(sorted(face.service_annotations)) if face.service_annotations else None
    return {**face.service_annotations, **face.notes, labels.SERVICE_ANNOTATIONS: owned}


def revise(observed: Body, face: Face) -> list[Body]:
    """The JSON patch that brings the anchor's face to what is wanted; empty when it is so already."""
    wanted = _wanted(face)
    once_owned = json.loads(annotation(observed, labels.SERVICE_ANNOTATIONS) or "[]")
    gone: dict[str, str | None] = {key: None for key in once_owned if key not in wanted}
    operations = change_operations(observed, gone | wanted)
    if _core(observed["spec"].get("ports") or []) != _core(_ports(face)):
        operations.append({"op": "replace", "path": "/spec/ports", "value": _ports(face)})
    if observed["spec"].get("type") != face.service_type:
        operations.append({"op": "replace", "path": "/spec/type", "value": face.service_type})
    return operations


def _core(ports: list[Body]) -> list[Body]:
    keys = ("name", "port", "protocol", "targetPort")
    return [{key: port.get(key) for key in keys} for port in ports]


def switch_operations(observed: Body, workload: str, traffic: labels.Traffic, *, active: str | None) -> list[Body]:
    """The JSON patch that sends traffic elsewhere; ``active`` (``r3``) is written in the same patch when it changes."""
    selector = [{"op": "replace", "path": "/spec/selector", "value": traffic.selector(workload)}]
    named = change_operations(observed, {labels.ACTIVE: active}) if active else []
    return selector + named


def traffic_of(observed: Body) -> labels.Traffic:
    """Where the anchor sends traffic now. Nowhere that we know when its selector is not to the letter one of ours: one
    label more, and nobody is selected; one less, and the pods of every Workload are.
    """
    selector = observed["spec"].get("selector") or {}
    traffic = labels.Traffic.of(selector)
    return traffic if traffic.selector(observed["metadata"]["name"]) == selector else labels.Traffic(None, None)


def endpoint(namespace: str, workload: str, port: int) -> str:
    """The URL under which the Workload answers inside the cluster; it never changes while the Workload lives."""
    suffix = "" if port == 80 else f":{port}"
    return f"http://{workload}.{namespace}.svc.cluster.local{suffix}"
