"""How long does Argo Rollouts take to move traffic? A Rollout with its blue-green strategy, replaced again and again.

Its settings are those that the strategy has by itself, and the fastest there are: promotion as soon as all new pods are
available (`autoPromotionEnabled`), no analysis, no `previewService` to patch first, no `minReadySeconds`. Only old pods
end after one second instead of thirty, and are waited for: else versions pile up from round to round, which nobody has
who replaces now and then.
"""

import time
from dataclasses import dataclass, field

from benchmarks.plain_service import is_ready, served, until
from inference_provider.cluster.client import Client
from inference_provider.cluster.mirror import WorkloadMirror
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import POD, SERVICE, Body, Kind

ROLLOUT = Kind("Rollout", "rollouts", "argoproj.io/v1alpha1")
#: What its controller adds to each pod, and to the selector of the Service.
HASH = "rollouts-pod-template-hash"


@dataclass
class BlueGreen:
    """A Rollout and its active Service, both called ``name``, known to a mirror by the label with that name."""

    client: Client
    mirror: WorkloadMirror
    namespace: str
    name: str
    replicas: int
    _known: set[str] = field(default_factory=set)
    """The hashes of the versions so far."""

    async def create(self, model: Body) -> None:
        """Make both, with pods as ``model`` (a Deployment) has them, and wait until they serve."""
        await self.client.create(SERVICE, self._service(model))
        await self.client.create(ROLLOUT, self._rollout(model))
        await self._switched()

    async def replace(self, image: str) -> float:
        """Another image, and the time (ms) from its last Ready pod on until its pods alone are in the slices."""
        path = "/spec/template/spec/containers/0/image"
        operation = {"op": "replace", "path": path, "value": image}
        await self.client.patch(ROLLOUT, self.namespace, self.name, [operation])
        took = await self._switched()
        await until(self.mirror, lambda: len(self.mirror.objects(POD)) == self.replicas)
        return took

    async def _switched(self) -> float:
        await until(self.mirror, lambda: len(self._ready()) == self.replicas)
        began = time.perf_counter()
        await until(self.mirror, lambda: served(self.mirror, self.name) == self._ready())
        took = (time.perf_counter() - began) * 1000
        self._known |= {each["metadata"]["labels"][HASH] for each in self.mirror.objects(POD)}
        return took

    def _ready(self) -> frozenset[str]:
        """The Ready pods of the newest version, by uid."""
        pods = [pod for pod in self.mirror.objects(POD) if pod["metadata"]["labels"][HASH] not in self._known]
        return frozenset(pod["metadata"]["uid"] for pod in pods if is_ready(pod))

    def _service(self, model: Body) -> Body:
        (port, *_) = model["spec"]["template"]["spec"]["containers"][0]["ports"]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self._metadata(),
            "spec": {"selector": self._labels(), "ports": [{"port": 80, "targetPort": port["name"]}]},
        }

    def _rollout(self, model: Body) -> Body:
        blue_green = {"activeService": self.name, "autoPromotionEnabled": True, "scaleDownDelaySeconds": 1}
        return {
            "apiVersion": ROLLOUT.api_version,
            "kind": ROLLOUT.name,
            "metadata": self._metadata(),
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": self._labels()},
                "template": {"metadata": {"labels": self._labels()}, "spec": model["spec"]["template"]["spec"]},
                "strategy": {"blueGreen": blue_green},
            },
        }

    def _metadata(self) -> Body:
        return {"name": self.name, "namespace": self.namespace, "labels": self._labels()}

    def _labels(self) -> dict[str, str]:
        return {labels.WORKLOAD: self.name}
