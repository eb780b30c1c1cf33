"""Somebody who asks functions by name, as a program does, about a cluster in memory."""

from inference_provider.functions.registry import FUNCTIONS
from inference_provider.resources.world import Properties
from tests.cli.desk import GuardedCluster
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_controllers import FakeControllers

#: What keeps the version before last.
KEPT: Properties = {"replacement": {"keepOldVersionMinutes": 60.0}}


class Asker:
    """A cluster in memory; ``asks`` gives the answer as JSON."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.cluster = GuardedCluster("models", "other")
        self.outside.cluster = self.cluster
        self.outside.controllers = FakeControllers(self.cluster)

    async def asks(self, function: str, /, **given: object) -> Properties:
        """The answer. Raises what the function raises; fails when anything was changed."""
        before = self.cluster.writes, self.cluster.taken
        found = await FUNCTIONS[f"inference:index:{function}"].answered(self.outside.world(), given)
        assert (self.cluster.writes, self.cluster.taken) == before
        return found

    async def made(self, name: str = "chat", *, image: str = "vllm/vllm:v1", **more: object) -> Properties:
        """A Workload that runs an Artifact of its own; its outputs."""
        artifact = await self.outside.artifact({**llama(image), "name": f"{name}-model"})
        return await self.outside.workload({**chat(artifact["versionId"], **{**KEPT, **more}), "name": name})

    async def twice(self) -> tuple[str, str]:
        """``chat`` with a second version that serves, and the first one kept; both versions."""
        first = await self.outside.artifact(llama("vllm/vllm:v1", status="locked"))
        out = await self.outside.workload(chat(first["versionId"], **KEPT))
        second = await self.outside.artifact(llama("vllm/vllm:v2", status="locked"), first)
        await self.outside.workload(chat(second["versionId"], **KEPT), out)
        return str(first["versionId"]), str(second["versionId"])
