"""Somebody with kubectl, who may do everything in one namespace and nothing in the cluster, and what that one sends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference_provider.cluster.requests import path_of
from inference_provider.manifests.denial import denial
from inference_provider.manifests.kinds import DEPLOYMENT, JOB, POD, Body, Kind
from tools.cluster.client import Answer, ApiClient, ApiError

STATEFUL_SET = Kind("StatefulSet", "statefulsets", "apps/v1")
DAEMON_SET = Kind("DaemonSet", "daemonsets", "apps/v1")
REPLICA_SET = Kind("ReplicaSet", "replicasets", "apps/v1")
CRON_JOB = Kind("CronJob", "cronjobs", "batch/v1")
CONTROLLER = Kind("ReplicationController", "replicationcontrollers")
OWNERS = (DEPLOYMENT, STATEFUL_SET, REPLICA_SET, CONTROLLER, JOB, CRON_JOB)

_NAME = "mallory"
_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Mallory:
    """``client`` is the administrator's, who acts as this user."""

    client: ApiClient
    namespace: str

    def given_rights(self) -> "Mallory":
        """All of them, subresources included, in this namespace alone."""
        rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
        subject = {"kind": "User", "name": _NAME, "apiGroup": _RBAC}
        role = {"apiGroup": _RBAC, "kind": "Role", "name": _NAME}
        for plural, body in (("roles", {"rules": rules}), ("rolebindings", {"roleRef": role, "subjects": [subject]})):
            path = f"/apis/{_RBAC}/v1/namespaces/{self.namespace}/{plural}"
            self.client.request("POST", path, body={"metadata": {"name": _NAME}} | body)
        return self

    def make(self, kind: Kind, name: str, *, labels: Mapping[str, str] | None = None, **spec: object) -> str:
        """Try to make a pod, or something that makes such pods: "passed", or what the policy said."""
        return self.send(kind, made(kind, name, labels=labels, **spec))

    def send(self, kind: Kind, body: Body, *, of: str = "", subresource: str = "") -> str:
        """Try to POST an object, or a subresource ``of`` one."""
        path = path_of(kind, self.namespace, of, subresource)
        return self._tried("POST", path, body | {"apiVersion": kind.api_version, "kind": kind.name})

    def rehearse(self, kind: Kind, body: Body) -> str:
        """What would be said if the object were made."""
        path = f"{path_of(kind, self.namespace)}?dryRun=All"
        return self._tried("POST", path, body | {"apiVersion": kind.api_version, "kind": kind.name})

    def put(self, kind: Kind, body: Body, *, subresource: str = "") -> str:
        """Try to PUT an object, or a subresource of it."""
        return self._tried("PUT", path_of(kind, self.namespace, body["metadata"]["name"], subresource), body)

    def patch(self, kind: Kind, name: str, *operations: Mapping[str, object], subresource: str = "") -> str:
        """Try to patch an object."""
        path = path_of(kind, self.namespace, name, subresource)
        return self._tried("PATCH", path, list(operations), "application/json-patch+json")

    def get(self, kind: Kind, name: str) -> Answer:
        """Read an object."""
        return self.client.request("GET", path_of(kind, self.namespace, name), user=_NAME)

    def _tried(self, method: str, path: str, body: object, content_type: str = "application/json") -> str:
        try:
            self.client.request(method, path, body=body, content_type=content_type, user=_NAME)
        except ApiError as error:
            refused = denial(json.loads(error.text)["message"])
            if refused is None:  # by something else, which would prove nothing
                raise
            return f"{refused.who}: {refused.sentence}"
        return "passed"


def made(kind: Kind, name: str, *, labels: Mapping[str, str] | None = None, **spec: object) -> Body:
    """A pod, or what makes pods."""
    named = {"metadata": {"name": name}}
    own = {"app": name} | dict(labels or {})
    pod: Body = {"containers": [{"name": "a", "image": "example/a"}], **spec}
    if kind is POD:
        return {"metadata": {"name": name, "labels": own}, "spec": pod}
    template = {"metadata": {"labels": own}, "spec": pod}
    if kind in (JOB, CRON_JOB):
        pod["restartPolicy"] = "Never"
    if kind is CRON_JOB:
        return named | {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template}}}}
    selector = {"app": name} if kind is CONTROLLER else {"matchLabels": {"app": name}}
    chosen: Body = {} if kind is JOB else {"selector": selector}
    return named | {"spec": chosen | {"template": template}}


def asking(*alternatives: Sequence[Body]) -> Body:
    """A node affinity: each alternative is expressions that all have to hold."""
    terms = [{"matchExpressions": list(each)} for each in alternatives]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"nodeAffinity": required}


def among(key: str, *values: str) -> Body:
    """The label is one of these."""
    return {"key": key, "operator": "In", "values": list(values)}


def there(key: str) -> Body:
    """The node has the label."""
    return {"key": key, "operator": "Exists"}
