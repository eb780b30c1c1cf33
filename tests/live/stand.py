"""A stand for live tests: the resources themselves on a real API server, without the engine around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference_provider.cluster.client import Client
from inference_provider.errors import RegistryError
from inference_provider.manifests.kinds import DEPLOYMENT, POD, Body, Kind
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Images, Properties, World
from tests.live.programs import Inputs


@dataclass
class Lines:
    """Everything that was reported, in order."""

    statuses: list[str] = field(default_factory=list)
    lasting: list[str] = field(default_factory=list)

    def status(self, text: str) -> None:
        """Keep a status."""
        self.statuses.append(text)

    def info(self, text: str) -> None:
        """Keep a line."""
        self.lasting.append(text)

    def warn(self, text: str) -> None:
        """Keep a warning."""
        self.lasting.append(text)


class NoRegistry:
    """Nobody answers: live tests pin their images."""

    async def resolve_all(self, images: object) -> Mapping[str, str | RegistryError]:
        """Nothing is resolved, because nothing should need it."""
        wanted = [str(each) for each in images] if isinstance(images, list) else []
        return {each: each if "@" in each else RegistryError(f"no registry for {each}") for each in wanted}


@dataclass
class Stand:
    """One program's stack: what it declared last, and what came out."""

    client: Client
    namespace: str
    lines: Lines = field(default_factory=Lines)
    urn: str = "urn:pulumi:dev::shop::inference:index:Workload::chat"

    def world(self, *, images: Images | None = None) -> World:
        """The world of one call."""

        async def connected() -> Client:
            return self.client

        facts = {"stack": "dev", "project": "shop"}
        return World(connected, images or NoRegistry(), self.namespace, self.lines, urn=self.urn, facts=facts)

    async def artifact(self, inputs: Inputs, olds: Properties | None = None) -> Properties:
        """Check, then create or update an Artifact."""
        checked = await artifact.check(self.world(), olds or {}, inputs)
        assert not checked.faults, checked.faults
        if olds is None:
            return (await artifact.create(self.world(), checked.inputs))[1]
        return await artifact.update(self.world(), f"{self.namespace}/{inputs['name']}", checked.inputs)

    async def version(self, inputs: Inputs, olds: Properties | None = None) -> str:
        """The version id that an Artifact's inputs make."""
        return str((await self.artifact(inputs, olds or await self._known(inputs)))["versionId"])

    async def _known(self, inputs: Inputs) -> Properties | None:
        return await artifact.read(self.world(), f"{self.namespace}/{inputs['name']}", {})

    async def create(self, inputs: Inputs) -> Properties:
        """Check and create a Workload."""
        return (await workload.create(self.world(), await self._checked(inputs)))[1]

    async def update(self, inputs: Inputs) -> Properties:
        """Check and update a Workload."""
        return await workload.update(self.world(), f"{self.namespace}/{inputs['name']}", await self._checked(inputs))

    async def _checked(self, inputs: Inputs) -> Properties:
        checked = await workload.check(self.world(), {}, inputs)
        assert not checked.faults, checked.faults
        return checked.inputs

    async def read(self, name: str = "chat") -> Properties | None:
        """Look at a Workload."""
        return await workload.read(self.world(), f"{self.namespace}/{name}", {})

    async def delete(self, outputs: Properties, name: str = "chat") -> None:
        """Delete a Workload."""
        await workload.delete(self.world(), f"{self.namespace}/{name}", outputs)

    async def objects(self, kind: Kind, labels: str | None = None) -> list[Body]:
        """Everything of a kind in the namespace."""
        return await self.client.list(kind, self.namespace, labels=labels)

    async def names(self, kind: Kind) -> list[str]:
        """The names of everything of a kind in the namespace."""
        return sorted(each["metadata"]["name"] for each in await self.objects(kind))

    async def pod_uids(self, revision: str) -> set[str]:
        """The uids of a revision's pods."""
        pods = await self.objects(POD, f"pulumi-inference.dev/revision={revision}")
        return {pod["metadata"]["uid"] for pod in pods}

    async def replicas(self, deployment: str) -> int:
        """How many pods a Deployment wants."""
        return int((await self.client.get(DEPLOYMENT, self.namespace, deployment))["spec"]["replicas"])
