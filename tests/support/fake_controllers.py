"""What brings a fake cluster to life: pods for Deployments, EndpointSlices for Services, Jobs that complete."""

import asyncio
import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from inference_provider.manifests.kinds import (
    DEPLOYMENT,
    ENDPOINT_SLICE,
    HORIZONTAL_POD_AUTOSCALER,
    JOB,
    POD,
    SERVICE,
    Body,
)
from tests.support.fake_autoscaling import autoscale
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_jobs import FakeJobs


@dataclass(frozen=True)
class Fate:
    """What becomes of a Deployment's pods: Ready after so many seconds (None: never), or stuck in a status."""

    ready_after: float | None = 0.0
    status: Body = field(default_factory=dict)


def image_that_cannot_be_pulled(image: str) -> Fate:
    """The kubelet has given up for now."""
    waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}": not found'}
    return Fate(None, {"containerStatuses": [{"name": "vllm", "image": image, "state": {"waiting": waiting}}]})


def no_node(message: str) -> Fate:
    """The scheduler finds no node."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return Fate(None, {"conditions": [condition]})


class FakeControllers:
    """Reacts to every write at once. ``fate(deployment)`` is asked when pods are made."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.fate: Callable[[Body], Fate] = lambda _: Fate()
        #: What the API server says when it refuses a Deployment's pods, for good.
        self.refusal: Callable[[Body], str | None] = lambda _: None
        self.jobs = FakeJobs(cluster)
        self.slices_follow = True
        #: Whether anybody looks at autoscalers; how many pods the load of a Deployment wants (else: those there are).
        self.autoscales = True
        self.loads: dict[str, int] = {}
        self._busy = False
        self._count = 0
        cluster.after_write.append(self.react)

    def react(self) -> None:
        """Bring pods, Jobs and EndpointSlices to what is wanted of them."""
        if self._busy:
            return
        self._busy = True
        try:
            for job in self.cluster.all_of(JOB):
                self._complete(job)
            for autoscaler in self.cluster.all_of(HORIZONTAL_POD_AUTOSCALER) if self.autoscales else ():
                autoscale(self.cluster, autoscaler, self.loads)
            for deployment in self.cluster.all_of(DEPLOYMENT):
                self._roll_out(deployment)
            for service in self.cluster.all_of(SERVICE) if self.slices_follow else []:
                self._publish(service)
        finally:
            self._busy = False

    def end_pods(self) -> None:
        """The grace period of all lingering pods is over."""
        lingering, self.cluster.pods_linger = self.cluster.pods_linger, False
        for pod in self.cluster.all_of(POD):
            if "deletionTimestamp" in pod["metadata"]:
                self.cluster.remove(POD, pod["metadata"]["namespace"], pod["metadata"]["name"])
        self.cluster.pods_linger = lingering

    def set_ready(self, name: str, *, ready: bool, namespace: str = "models") -> None:
        """A pod's readiness changes."""
        try:
            pod = self.cluster.named(POD, name, namespace)
        except KeyError:
            return
        pod["status"] = running(pod, ready=ready)
        self.cluster.put(POD, pod)

    def _complete(self, job: Body) -> None:
        if job["spec"].get("completions") != 0:
            self.jobs.react(job)
        elif "completionTime" not in job.get("status", {}):
            moment = self.cluster.server_time().strftime("%Y-%m-%dT%H:%M:%SZ")
            self.cluster.put(JOB, copy.deepcopy(job) | {"status": {"completionTime": moment}})

    def _roll_out(self, deployment: Body) -> None:
        meta, wanted = deployment["metadata"], int(deployment["spec"]["replicas"])
        if "deletionTimestamp" in meta:
            return
        if deployment.get("status", {}).get("observedGeneration") != meta["generation"]:
            status = {"observedGeneration": meta["generation"]}
            self.cluster.put(DEPLOYMENT, copy.deepcopy(deployment) | {"status": status})
        have = [pod for pod in self.cluster.all_of(POD) if _owner(pod) == meta["uid"]]
        living = [pod for pod in have if "deletionTimestamp" not in pod["metadata"]]
        for _ in range(wanted - len(living)):
            self._make_pod(deployment)
        for pod in living[wanted:]:
            self.cluster.remove(POD, meta["namespace"], pod["metadata"]["name"])

    def _refused(self, deployment: Body, said: str) -> None:
        """The ReplicaSet's controller notes it, once."""
        failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": said}
        status = deployment.get("status") or {}
        if failure not in status.get("conditions", []):
            self.cluster.put(DEPLOYMENT, {**deployment, "status": {**status, "conditions": [failure]}})

    def _make_pod(self, deployment: Body) -> None:
        refusal = self.refusal(deployment)
        if refusal is not None:
            self._refused(deployment, refusal)
            return
        meta, fate = deployment["metadata"], self.fate(deployment)
        self._count += 1
        name = f"{meta['name']}-{self._count:03d}"
        template = copy.deepcopy(deployment["spec"]["template"])
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"], "uid": meta["uid"]}
        pod: Body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": meta["namespace"],
                "labels": template["metadata"]["labels"],
                "ownerReferences": [owner],
            },
            "spec": template["spec"],
        }
        if not any(each.get("reason") == "Unschedulable" for each in fate.status.get("conditions", [])):
            pod["spec"]["nodeName"] = "gpu-1"
        pod["status"] = fate.status or running(pod, ready=fate.ready_after == 0.0)
        self.cluster.put(POD, pod)
        if fate.ready_after:
            asyncio.get_running_loop().call_later(fate.ready_after, lambda: self.set_ready(name, ready=True))

    def _publish(self, service: Body) -> None:
        meta, selector = service["metadata"], service.get("spec", {}).get("selector") or {}
        chosen = [pod for pod in self.cluster.all_of(POD) if _selected(pod, selector, meta["namespace"])]
        body: Body = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{meta['name']}-abcde",
                "namespace": meta["namespace"],
                "labels": meta.get("labels", {}) | {"kubernetes.io/service-name": meta["name"]},
                "ownerReferences": [{"kind": "Service", "name": meta["name"], "uid": meta["uid"]}],
            },
            "endpoints": [_endpoint(pod) for pod in chosen],
        }
        try:
            old = self.cluster.named(ENDPOINT_SLICE, body["metadata"]["name"], meta["namespace"])
        except KeyError:
            old = {}
        if old.get("endpoints") != body["endpoints"]:
            self.cluster.put(ENDPOINT_SLICE, body)


def running(pod: Body, *, ready: bool) -> Body:
    """The status of a pod whose containers run, Ready or still loading."""
    containers = [
        {"name": each["name"], "ready": ready, "started": ready, "restartCount": 0, "state": {"running": {}}}
        for each in pod["spec"]["containers"]
    ]
    scheduled = {"type": "PodScheduled", "status": "True"}
    return {
        "phase": "Running",
        "conditions": [scheduled, {"type": "Ready", "status": str(ready)}],
        "containerStatuses": containers,
    }


def _owner(pod: Body) -> str:
    return str((pod["metadata"].get("ownerReferences") or [{}])[0].get("uid"))


def _selected(pod: Body, selector: Body, namespace: str) -> bool:
    found = pod["metadata"].get("labels") or {}
    return bool(selector) and pod["metadata"]["namespace"] == namespace and selector.items() <= found.items()


def _endpoint(pod: Body) -> Body:
    conditions = (pod.get("status") or {}).get("conditions") or []
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    leaving = "deletionTimestamp" in pod["metadata"]
    return {
        "conditions": {"ready": ready and not leaving, "terminating": leaving},
        "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]},
    }
