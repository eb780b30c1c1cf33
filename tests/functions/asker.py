"""Somebody who asks functions by name, as a program does, about a cluster in memory."""

from inference_provider.functions.registry import FUNCTIONS
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Checked, Properties, World
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers

#: What keeps the version before last.
KEPT: Properties = {"replacement": {"keepOldVersionMinutes": 60.0}}


class Asker:
    """A cluster in memory; ``asks`` gives the answer as JSON."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.cluster = FakeCluster("models", "other")
        self.outside.cluster = self.cluster
        self.outside.controllers = FakeControllers(self.cluster)

    async def asks(self, function: str, /, **given: object) -> Properties:
        """The answer. Raises what the function raises; fails when anything was changed, or a lock taken."""
        before = self.cluster.writes, self.cluster.taken
        found = await self.listens(function, **given)
        assert (self.cluster.writes, self.cluster.taken) == before
        return found

    async def listens(self, function: str, /, **given: object) -> Properties:
        """The same while somebody else works on it."""
        return await FUNCTIONS[f"inference:index:{function}"].answered(self.outside.world(), given)

    async def made(
        self, name: str = "chat", *, artifact: Properties | None = None, world: World | None = None, **more: object
    ) -> Properties:
        """A Workload that runs an Artifact of its own; its outputs."""
        here = world or self.outside.world()
        content = await self._artifact(here, {**llama(), "name": f"{name}-model", **(artifact or {})})
        inputs = {**chat(content["versionId"], **{**KEPT, **more}), "name": name}
        return (await workload.create(here, _fine(await workload.check(here, {}, inputs))))[1]

    async def _artifact(self, world: World, inputs: Properties) -> Properties:
        return (await artifact.create(world, _fine(await artifact.check(world, {}, inputs))))[1]

    async def twice(self, **more: object) -> tuple[str, str]:
        """``chat`` with a second version that serves, and the first one kept; both versions."""
        first = await self.outside.artifact(llama("vllm/vllm:v1", status="locked"))
        out = await self.outside.workload(chat(first["versionId"], **KEPT, **more))
        second = await self.outside.artifact(llama("vllm/vllm:v2", status="locked"), first)
        await self.outside.workload(chat(second["versionId"], **KEPT, **more), out)
        return str(first["versionId"]), str(second["versionId"])

    def rewritten(self, name: str, data: dict[str, str], notes: dict[str, str]) -> None:
        """The record of a revision, as another release has written it."""
        record = self.cluster.named(CONFIG_MAP, f"revision-{name}")
        record["data"] |= data
        record["metadata"]["annotations"] |= notes
        self.cluster.put(CONFIG_MAP, record)


def _fine(checked: Checked) -> Properties:
    assert not checked.faults, checked.faults
    return checked.inputs


def objects(answer: Properties, key: str) -> list[Properties]:
    """The objects of a list in an answer."""
    found = answer[key]
    assert isinstance(found, list)
    return found
