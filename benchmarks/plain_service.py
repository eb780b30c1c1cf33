"""What is left of a switch when nobody proves, locks, fences or records: two patches of one plain Service."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from inference_provider.cluster.client import Client
from inference_provider.cluster.mirror import WorkloadMirror
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import DEPLOYMENT, ENDPOINT_SLICE, POD, SERVICE, Body

#: Longest wait for anything that is measured (seconds).
PATIENCE = 60.0


async def until(mirror: WorkloadMirror, holds: Callable[[], bool]) -> None:
    """Wait for changes until something holds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            version = mirror.version
            if holds():
                return
            await mirror.changed(version, within=PATIENCE)


def served(mirror: WorkloadMirror, service: str) -> frozenset[str]:
    """The pods in the EndpointSlices of one Service, by uid."""
    slices = [
        each
        for each in mirror.objects(ENDPOINT_SLICE)
        if each["metadata"]["labels"].get("kubernetes.io/service-name") == service
    ]
    return frozenset(each["targetRef"]["uid"] for part in slices for each in part.get("endpoints") or [])


def ready_pods(mirror: WorkloadMirror, server: str, slot: int) -> frozenset[str]:
    """The Ready pods on one slot, by uid."""
    wanted = labels.slot_labels(server, slot).items()
    pods = [pod for pod in mirror.objects(POD) if wanted <= pod["metadata"]["labels"].items()]
    return frozenset(pod["metadata"]["uid"] for pod in pods if is_ready(pod))


def is_ready(pod: Body) -> bool:
    """What its condition says."""
    conditions = pod["status"].get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


@dataclass(frozen=True)
class PlainService:
    """A Service over the slots of ``server``, known to a mirror by the label with its own name."""

    client: Client
    mirror: WorkloadMirror
    namespace: str
    name: str
    server: str

    async def create(self) -> None:
        """Make it, with traffic to slot 0."""
        body: Body = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": self.name, "namespace": self.namespace, "labels": {labels.WORKLOAD: self.name}},
            "spec": {
                "selector": labels.only(0).selector(self.server),
                "ports": [{"name": "http", "port": 80, "targetPort": "serve"}],
            },
        }
        await self.client.create(SERVICE, body)

    async def select(self, traffic: labels.Traffic, wanted: frozenset[str]) -> None:
        """One patch, and the wait until exactly these pods are in the slices."""
        selector = {"op": "replace", "path": "/spec/selector", "value": traffic.selector(self.server)}
        await self.client.patch(SERVICE, self.namespace, self.name, [selector])
        await until(self.mirror, lambda: served(self.mirror, self.name) == wanted)

    async def switch(self, slot: int, *, old: frozenset[str], new: frozenset[str]) -> None:
        """The bare sequence from a slot's predecessor to it."""
        await self.select(labels.pair(slot - 1, slot), old | new)
        await self.select(labels.only(slot), new)

    async def deploy(self, slot: int, model: Body) -> None:
        """A Deployment of this Service's own pods on a slot, with the replicas and the pod spec of ``model``."""
        named = labels.slot_labels(self.server, slot) | {labels.WORKLOAD: self.name}
        body: Body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"{self.name}-{slot}", "namespace": self.namespace, "labels": named},
            "spec": {
                "replicas": model["spec"]["replicas"],
                "selector": {"matchLabels": named},
                "template": {"metadata": {"labels": named}, "spec": model["spec"]["template"]["spec"]},
            },
        }
        await self.client.create(DEPLOYMENT, body)

    async def retire(self, slot: int) -> None:
        """Delete the Deployment of a slot; it is not waited for."""
        await self.client.delete(DEPLOYMENT, self.namespace, f"{self.name}-{slot}")
