"""GPU nodes and who gets them, for a fake cluster: first come, first served, unless a pod's class pushes others out."""

import asyncio
import copy

from inference_provider.manifests.kinds import NODE, POD, Body
from inference_provider.placement.gpu_requests import gpus_of
from inference_provider.placement.preemption import lower, priority_of
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers, Fate, no_node, running

MODEL = "H100"


class FakeScheduler:
    """Pods that want GPUs get a node when one has room; then they fare as ``controllers.fate`` said before."""

    def __init__(self, cluster: FakeCluster, controllers: FakeControllers, *nodes: int) -> None:
        self._cluster, self._controllers = cluster, controllers
        self._busy = False
        self.load: dict[str, Fate] = {}
        self._without_gpus = controllers.fate
        for number, gpus in enumerate(nodes, start=1):
            cluster.put(NODE, gpu_node(f"gpu-{number}", MODEL, gpus))
        controllers.fate = self._unplaced
        cluster.after_write.append(self.react)

    def _unplaced(self, deployment: Body) -> Fate:
        if not gpus_of(deployment["spec"]["template"]):
            return self._without_gpus(deployment)
        return no_node("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")

    def react(self) -> None:
        """Place whatever fits."""
        if self._busy:
            return
        self._busy = True
        try:
            for pod in self._cluster.all_of(POD):
                if gpus_of(pod) and not pod["spec"].get("nodeName") and "deletionTimestamp" not in pod["metadata"]:
                    self._place(pod)
        finally:
            self._busy = False

    def _place(self, pod: Body) -> None:
        for node in self._cluster.all_of(NODE):
            name, there = node["metadata"]["name"], int(node["status"]["allocatable"]["nvidia.com/gpu"])
            if not _suits(pod, node):
                continue
            held = [gpus_of(each) for each in self._cluster.all_of(POD) if each["spec"].get("nodeName") == name]
            if there - sum(held) >= gpus_of(pod):
                self._bind(pod, name)
                return
        if str(pod["spec"].get("priorityClassName") or "").endswith("-preempting"):
            self._push_out(pod)

    def _push_out(self, pod: Body) -> None:
        """On the first node where it is enough; whoever is on the way out already makes room, and nobody else goes."""
        for node in self._cluster.all_of(NODE):
            name, there = node["metadata"]["name"], int(node["status"]["allocatable"]["nvidia.com/gpu"])
            held = [each for each in self._cluster.all_of(POD) if each["spec"].get("nodeName") == name]
            missing = gpus_of(pod) - there + sum(map(gpus_of, held))
            ending = [each for each in held if "deletionTimestamp" in each["metadata"]]
            missing -= sum(map(gpus_of, ending))
            victims = sorted(lower([each for each in held if each not in ending], priority_of(pod)), key=priority_of)
            if missing > sum(map(gpus_of, victims)):
                continue
            self._nominate(pod, name)
            while missing > 0:
                victim = victims.pop(0)
                missing -= gpus_of(victim)
                self._cluster.remove(POD, victim["metadata"]["namespace"], victim["metadata"]["name"])
            return

    def _nominate(self, pod: Body, node: str) -> None:
        """Say for whom others make room."""
        if (pod.get("status") or {}).get("nominatedNodeName") != node:
            promised = copy.deepcopy(pod)
            promised.setdefault("status", {})["nominatedNodeName"] = node
            self._cluster.put(POD, promised)

    def _bind(self, pod: Body, node: str) -> None:
        fate = self._fate(pod)
        bound = copy.deepcopy(pod)
        bound["spec"]["nodeName"] = node
        bound["status"] = fate.status or running(bound, ready=fate.ready_after == 0.0)
        self._cluster.put(POD, bound)
        if fate.ready_after:
            name = bound["metadata"]["name"]
            asyncio.get_running_loop().call_later(
                fate.ready_after, lambda: self._controllers.set_ready(name, ready=True)
            )

    def _fate(self, pod: Body) -> Fate:
        image = str(pod["spec"]["containers"][0]["image"])
        return next((fate for word, fate in self.load.items() if word in image), Fate())


def _suits(pod: Body, node: Body) -> bool:
    """Whether the node has the labels that the pod names, and the GPUs of the model."""
    labels = node["metadata"]["labels"]
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms") or [{}]
    chosen = (pod["spec"].get("nodeSelector") or {}).items()
    return any(_named(each, labels) for each in terms) and chosen <= labels.items()


def _named(term: Body, labels: dict[str, str]) -> bool:
    """Whether the node has a value of each label for which one alternative names some."""
    named = [each for each in term.get("matchExpressions", []) if each["operator"] == "In"]
    return all(labels.get(each["key"]) in each["values"] for each in named)


def gpu_node(name: str, model: str, count: int, **labels: str) -> Body:
    """A ready node with GPUs."""
    return {
        "metadata": {"name": name, "labels": {"nvidia.com/gpu.product": model, **labels}},
        "status": {
            "allocatable": {"nvidia.com/gpu": str(count)},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def batch_pod(name: str, *, gpus: int, node: str | None = "gpu-1", priority: int = 0) -> Body:
    """Somebody else's pod, which holds GPUs of a node or waits for some."""
    limits = {"nvidia.com/gpu": str(gpus)}
    spec: Body = {
        "priority": priority,
        "containers": [{"name": "train", "image": "t", "resources": {"limits": limits}}],
    }
    return {"metadata": {"name": name, "namespace": "batch"}, "spec": spec | ({"nodeName": node} if node else {})}
