"""The Job that sends a candidate the requests of its warm-up, from a pod of its own in the cluster.

Its pod carries no label of the Workload: nothing counts it as a pod of a version, no traffic ever goes to it, and no
autoscaler, budget or Service of others that selects the Workload's pods takes it for one.
"""

import hashlib
import json
from collections.abc import Sequence

from inference_provider.domain.names import warmup_name
from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import Warmup, request_seconds
from inference_provider.manifests import labels
from inference_provider.manifests.anchor import TARGET_PORT
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import Body
from inference_provider.manifests.ownership import owner_reference
from inference_provider.manifests.pod import GPU_MEMORY, GPU_PRODUCT

PART = "warm-up"
CONTAINER = "warm-up"
#: Where the result is left: it comes back in the pod's own status, so that nobody needs a right to read logs.
RESULT_FILE = "/dev/termination-log"
#: Time for the pod to find a node and to pull its image (seconds).
START_SECONDS = 900
#: What its container asks for.
RESOURCES: Body = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
#: How long what is done can be looked at, beyond what the rest of the proving takes (seconds).
LOOK_SECONDS = 86_400


def warmup_job(
    settings: ReplacementSettings, warmup: Warmup, service: Body, *, primary: Body, pods: Sequence[Body], program: str
) -> Body:
    """The Job for the proton of this ``service``, whose ``primary`` is the Deployment that answers requests.

    It notes which ``pods`` it finds: others that come later are as cold as before.
    """
    meta, revision = service["metadata"], label(service, labels.REVISION) or ""
    named = labels.identity(label(service, labels.WORKLOAD) or "")
    pod = _pod(warmup, service, primary=primary, program=program)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": warmup_name(label(service, labels.WORKLOAD) or "", int(revision.removeprefix("r") or 0)),
            "namespace": meta["namespace"],
            "labels": named
            | {labels.REVISION: revision, labels.TEMPLATE: label(service, labels.TEMPLATE) or "", labels.PART: PART},
            "annotations": {labels.ORDER: _digest(pod), labels.WARMS: " ".join(incarnations(pods))},
            "ownerReferences": [owner_reference(service)],
        },
        "spec": {
            "backoffLimit": 0,
            # A pod that a drained node takes along says nothing about the version: the Job makes another one.
            "podFailurePolicy": {
                "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]
            },
            "activeDeadlineSeconds": int(request_seconds(warmup)) + START_SECONDS,
            "ttlSecondsAfterFinished": int(settings.warmup_duration_minutes * 60) + LOOK_SECONDS,
            "template": {
                "metadata": {"labels": _pod_labels()},
                "spec": pod,
            },
        },
    }


def incarnations(pods: Sequence[Body]) -> list[str]:
    """Pods as what they are until a container of theirs starts anew: ``name/restarts``."""
    found = []
    for pod in pods:
        statuses = (pod.get("status") or {}).get("containerStatuses") or []
        found.append(f"{pod['metadata']['name']}/{sum(int(each.get('restartCount') or 0) for each in statuses)}")
    return sorted(found)


def serves_as(job: Body, wanted: Body, *, pods: Sequence[Body]) -> bool:
    """Whether a Job that is there does what is wanted, and has met all these pods as they are now."""
    met = set((annotation(job, labels.WARMS) or "").split())
    return annotation(job, labels.ORDER) == annotation(wanted, labels.ORDER) and met.issuperset(incarnations(pods))


def _digest(pod: Body) -> str:
    """What is sent, by whom: a hash of what we ask for, as other people's webhooks may rewrite what is stored."""
    container = pod["containers"][0]
    return hashlib.sha256(json.dumps([container["image"], container["command"]]).encode()).hexdigest()[:12]


def _pod_labels() -> dict[str, str]:
    return {
        "app.kubernetes.io/managed-by": labels.MANAGED_BY,
        "app.kubernetes.io/part-of": labels.MANAGED_BY,
        labels.PART: PART,
    }


def _pod(warmup: Warmup, service: Body, *, primary: Body, program: str) -> Body:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": CONTAINER,
                "image": warmup.image or _serving(primary)["image"],
                "command": ["python3", "-c", _plain(program), _plain(_order_text(warmup, service)), RESULT_FILE],
                "terminationMessagePath": RESULT_FILE,
                "resources": RESOURCES,
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
        # An image of many gigabytes is on the candidate's own nodes already, and those are tainted as a rule.
        "tolerations": primary["spec"]["template"]["spec"].get("tolerations") or [],
        "affinity": {"podAffinity": _beside(primary), **_where(primary)},
    }


def _serving(primary: Body) -> Body:
    """The container that traffic goes to."""
    containers: list[Body] = primary["spec"]["template"]["spec"]["containers"]
    return next(
        (each for each in containers if any(port["name"] == TARGET_PORT for port in each.get("ports") or [])),
        containers[0],
    )


def is_primary_deployment(deployment: Body) -> bool:
    """Whether it makes the pods that answer requests."""
    return labels.SERVES in (deployment["spec"]["template"]["metadata"].get("labels") or {})


def _beside(primary: Body) -> Body:
    term = {"labelSelector": primary["spec"]["selector"], "topologyKey": "kubernetes.io/hostname"}
    return {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}


def _where(primary: Body) -> Body:
    """Where policies let the version run, they let its warm-up: they hold for every pod. What the version itself asks
    for, its model of GPU, a pod that sends requests does not need.
    """
    affinity = (primary["spec"]["template"]["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or []
    keys = {expression["key"] for term in terms for expression in term.get("matchExpressions") or []}
    return {"nodeAffinity": affinity} if keys - {GPU_PRODUCT, GPU_MEMORY} else {}


def _order_text(warmup: Warmup, service: Body) -> str:
    """What the program is told. The limits are not its business."""
    order = {
        "host": f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc",
        "port": service["spec"]["ports"][0]["port"],
        "path": warmup.path,
        "body": warmup.body,
        "requests": warmup.requests,
        "concurrency": warmup.concurrency,
        "timeoutSeconds": warmup.timeout_seconds,
    }
    return json.dumps(order)


def _plain(argument: str) -> str:
    """Kubernetes replaces $(NAME) in commands; $$ is a plain $."""
    return argument.replace("$", "$$")
