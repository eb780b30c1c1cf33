"""What is outside of a resource in these tests: a cluster in memory, a registry that answers from a table."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping

from inference_provider.converge.ports import Cluster
from inference_provider.errors import RegistryError
from inference_provider.manifests.kinds import DEPLOYMENT, POD
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Properties, World
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers, Fate
from tests.support.heard import Heard

URN = "urn:pulumi:dev::shop::inference:index:Workload::chat"


class FakeRegistry:
    """Resolves every tag to a digest of its own, unless it is down. ``asked`` lists what it was asked for."""

    def __init__(self) -> None:
        self.down = False
        self.moved = 0
        self.asked: list[str] = []

    async def resolve_all(self, images: Iterable[str]) -> Mapping[str, str | RegistryError]:
        """One answer per image."""
        return {image: self._answer(image) for image in images}

    def _answer(self, image: str) -> str | RegistryError:
        self.asked.append(image)
        if "@sha256:" in image:
            return image
        if self.down:
            return RegistryError(f"could not resolve {image}: the registry does not answer")
        digest = f"{sum(image.encode()) + self.moved:064x}"
        return f"{image.partition(':')[0]}@sha256:{digest}"


class Outside:
    """One namespace ("models"), used by one resource at a time."""

    def __init__(self) -> None:
        self.cluster = FakeCluster("models")
        self.controllers = FakeControllers(self.cluster)
        self.registry = FakeRegistry()
        self.heard = Heard()

    def world(self, **more: object) -> World:
        """The world of one call."""
        plain = World(connect=self._connect, images=self.registry, namespace="models", report=self.heard, urn=URN)
        return World(**(vars(plain) | more))

    async def _connect(self) -> Cluster:
        return self.cluster

    def replicas(self, name: str) -> int:
        """What a Deployment wants."""
        return int(self.cluster.named(DEPLOYMENT, name)["spec"]["replicas"])

    def pods(self) -> list[str]:
        """The names of all pods."""
        return sorted(str(each["metadata"]["name"]) for each in self.cluster.all_of(POD))

    async def killed_while_loading(self, work: Coroutine[object, object, object]) -> None:
        """A run is killed while the pods that it has made load."""
        self.controllers.fate = lambda _: Fate(ready_after=200)
        run = asyncio.create_task(work)
        await asyncio.sleep(50)
        run.cancel()
        await asyncio.wait({run})

    async def artifact(self, inputs: Properties, olds: Properties | None = None) -> Properties:
        """Check, then make or change an Artifact; its outputs."""
        checked = await artifact.check(self.world(), olds or {}, inputs)
        assert not checked.faults, checked.faults
        if olds is not None:
            return await artifact.update(self.world(), "models/llama", checked.inputs)
        return (await artifact.create(self.world(), checked.inputs))[1]

    async def workload(self, inputs: Properties, olds: Properties | None = None) -> Properties:
        """Check, then make or change a Workload; its outputs."""
        checked = await workload.check(self.world(), olds or {}, inputs)
        assert not checked.faults, checked.faults
        if olds is not None:
            return await workload.update(self.world(), "models/chat", checked.inputs)
        return (await workload.create(self.world(), checked.inputs))[1]


def llama(image: str = "vllm/vllm:v1", **more: object) -> Properties:
    """An Artifact with one container."""
    container = {"name": "vllm", "image": image, "primary": True, "port": 8000.0}
    return {"name": "llama", "spec": {"containerGroups": [{"containers": [container]}]}, **more}


def chat(version: object, **more: object) -> Properties:
    """A Workload that runs a version."""
    return {"name": "chat", "artifactId": version, **more}


def runtime(*, replicas: float = 1.0, **resources: object) -> Properties:
    """A runtime of the default group."""
    container = {"name": "vllm", "resourceAllocation": resources}
    return {"containerGroups": [{"replicaCount": replicas, "containers": [container]}]}
