"""A Workload whose every change is foretold first: what the plan said, and what then came of it."""

import asyncio
import contextlib
from dataclasses import dataclass

from inference_provider.converge.look import look
from inference_provider.errors import InferenceError
from inference_provider.manifests.annotations import label
from inference_provider.manifests.kinds import POD
from inference_provider.manifests.labels import WORKLOAD
from inference_provider.placement.gpu_requests import gpus_of, holds_gpus
from inference_provider.resources import workload, workload_commands
from inference_provider.resources.plan import plan_of
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.plan import Plan
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import MODEL, FakeScheduler


@dataclass(frozen=True)
class Program:
    """What the program says."""

    image: str = "v1"
    replicas: int = 1
    gpu: int = 1
    surge: str = "wait"
    keep: float = 0.0
    manual: bool = False
    promotes: bool = False
    running: bool = True


@dataclass(frozen=True)
class Told:
    """One change: the plan, what there was, what there is (None: the run was killed), how it failed, GPUs at most."""

    plan: Plan
    before: Fleet
    after: Fleet
    failed: InferenceError | None
    killed: bool
    most: int


class Foretelling:
    """One Workload on nodes with so many GPUs."""

    def __init__(self, *nodes: int) -> None:
        self.outside = Outside()
        FakeScheduler(self.outside.cluster, self.outside.controllers, *nodes)
        self.outputs: Properties | None = None
        self.most = 0
        self.outside.cluster.after_write.append(self._measure)

    def held(self) -> int:
        """GPUs of all pods of the Workload, also of those that wait and of those that end."""
        pods = [each for each in self.outside.cluster.all_of(POD) if label(each, WORKLOAD) == "chat"]
        return sum(gpus_of(each) for each in pods if holds_gpus(each))

    def _measure(self) -> None:
        self.most = max(self.most, self.held())

    async def begins(self, program: Program) -> None:
        """The first version serves."""
        self.outputs = await self.outside.workload(await self._inputs(program))

    async def _inputs(self, program: Program) -> Properties:
        made = await self.outside.artifact(
            llama(f"vllm/{program.image}:1"), {"name": "llama"} if self.outputs else None
        )
        staged = [each.name for each in (await self.fleet()).protons if each.staged] if self.outputs else []
        settings: Properties = {
            "surge": program.surge,
            "surgeWaitMinutes": 0.5,
            "keepOldVersionMinutes": program.keep,
            "promotion": "manual" if program.manual else "automatic",
            **({"promote": staged[-1]} if program.manual and program.promotes and staged else {}),
        }
        given = runtime(replicas=float(program.replicas), gpu=program.gpu, gpuModel=MODEL)
        hardware = given if program.gpu else runtime(replicas=float(program.replicas))
        return chat(
            made["versionId"],
            namespace="models",
            runtime=hardware,
            replacement=settings,
            running=program.running,
            timeouts={"update": "90s"},
        )

    async def fleet(self) -> Fleet:
        """What there is."""
        found = await look(self.outside.cluster, "models", "chat")
        assert found is not None
        return found

    async def changes(self, program: Program, *, killed_after: int | None = None) -> Told:
        """Foretold, then done; ``killed_after`` so many writes."""
        olds, news = self.outputs or {}, await self._inputs(program)
        checked = (await workload.check(self.outside.world(), {}, news)).inputs
        found = await workload.found(self.outside.world(), "models/chat", olds)
        plan = await plan_of(self.outside.world(), olds, checked, workload.diff(olds, checked).and_found(found))
        before, failed, killed = await self.fleet(), None, False
        self.most = self.held()
        try:
            if killed_after is None:
                self.outputs = await workload.update(self.outside.world(), "models/chat", checked)
            else:
                killed = await self._struck(checked, killed_after)
        except InferenceError as error:
            failed = error
        return Told(plan, before, await self.fleet(), failed, killed, self.most)

    async def _struck(self, inputs: Properties, writes: int) -> bool:
        """True when the run was killed, False when it had ended by itself."""
        end, struck = self.outside.cluster.writes + writes, asyncio.Event()

        def watch() -> None:
            if self.outside.cluster.writes >= end:
                struck.set()

        self.outside.cluster.after_write.append(watch)
        run = asyncio.create_task(workload.update(self.outside.world(), "models/chat", inputs))
        wait = asyncio.create_task(struck.wait())
        await asyncio.wait({run, wait}, return_when=asyncio.FIRST_COMPLETED)
        wait.cancel()
        self.outside.cluster.after_write.remove(watch)
        if run.done():
            self.outputs = run.result()
            return False
        run.cancel()
        await asyncio.wait({run})
        return True

    async def taken_back(self) -> None:
        """A person at the command line, who may not be obeyed."""
        with contextlib.suppress(InferenceError):
            await workload_commands.undo(self.outside.world(), "models", "chat")
