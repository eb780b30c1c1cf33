"""Where the machine plays: one fake cluster, one stack, one run at a time, and what may strike it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.resources.world import World
from tests.machine.engine import Engine, Resource
from tests.machine.program import Program
from tests.machine.promises import lies, promised
from tests.machine.wire import Wire
from tests.machine.witness import Witness, anchors
from tests.resources.outside import FakeRegistry
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_controllers import FakeControllers, Fate
from tests.support.fake_scheduler import FakeScheduler
from tests.support.fake_seasons import FakeSeasons, Pace
from tests.support.heard import Heard
from tests.support.virtual_time import VirtualLoop


@dataclass(frozen=True)
class Strike:
    """What happens at the ``at``-th request of a run, before it is sent or before its answer arrives (``sent``).

    ``ended``: the watchdog cancels the work. ``killed``: nothing of the process is left. ``frozen``: as killed, but
    if it holds the lock it comes back. (Without the lock the fence says nothing of it; it is the watchdog's.)
    ``struck``: somebody else does something, and the run goes on.
    """

    how: str
    at: int
    sent: bool


#: What becomes of pods, by a word in their image.
FATES = {
    "bad-never": Fate(ready_after=None),
    "bad-crash": Fate(
        None,
        {
            "containerStatuses": [
                {
                    "name": "vllm",
                    "restartCount": 4,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                    "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
                }
            ]
        },
    ),
    "slow": Fate(ready_after=8.0),
}


class Ground:
    """Everything in one place."""

    def __init__(self, pace: Pace, *gpus: int) -> None:
        """``gpus``: one node with so many for each; without any, whatever wants one gets it."""
        self.loop = VirtualLoop()
        self.cluster = FakeCluster("models")
        self.controllers = FakeControllers(self.cluster)
        self.controllers.fate = _fate
        if gpus:
            self.loop.run_until_complete(self._furnish(gpus))
        self.seasons = FakeSeasons(self.cluster, pace, self.loop)
        self.witness = Witness(self.cluster)
        self.cluster.after_write.append(self.witness.look)
        self.registry = FakeRegistry()
        self.heard = Heard()
        self.engine = Engine(self._deleting)
        self.frozen: list[tuple[Wire, asyncio.Task[None]]] = []
        self._beside: list[asyncio.Task[None]] = []
        self.requests = 0
        self._ending: set[tuple[str, str]] | None = None  # whose end a frozen process means to bring about

    async def _furnish(self, gpus: tuple[int, ...]) -> None:
        FakeScheduler(self.cluster, self.controllers, *gpus).load = FATES

    def close(self) -> None:
        """End everything."""
        self.loop.run_until_complete(self._end_all())
        self.loop.close()

    def do(self, work: Callable[[], None], *, patience: float = 10.0) -> None:
        """Something that somebody else does, at a moment of virtual time; ``patience`` is for the garbage collector."""

        async def done() -> None:
            work()
            await asyncio.sleep(patience)

        self.loop.run_until_complete(done())

    def pass_time(self, seconds: float) -> None:
        """Nobody does anything."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def up(
        self,
        program: Program,
        *,
        strike: Strike | None = None,
        foreign: Callable[[], None] | None = None,
        replace: frozenset[str] = frozenset(),
    ) -> str:
        """One run: "done", "killed", or the sentence with which it failed."""
        outage = program.surge == "recreate" and self._outage(program)
        quiet = self._worlds(Wire(self.cluster))
        said = {} if strike else self.loop.run_until_complete(promised(self.engine, program, quiet, replace=replace))
        up, wanted = partial(self.engine.up, program, replace=replace), 0 if outage else program.pods
        answer = self._run(up, wanted, strike, foreign, ends=outage)
        self.witness.wrongs += lies(self.engine, said) if answer == "done" else []
        return answer

    def _outage(self, program: Program) -> bool:
        """Whether a preview announces that what serves ends first, or cannot, since what moves it is not there yet."""
        if program.replacing and self.engine.find("replacement") is None:
            return True
        heard = len(self.heard.warnings)
        self.loop.run_until_complete(self.engine.foretell(program, self._worlds(Wire(self.cluster))))
        return any("there will be an outage" in each for each in self.heard.warnings[heard:])

    def refresh(self, program: Program, strike: Strike | None = None) -> str:
        """One refresh."""
        return self._run(self.engine.refresh, program.pods, strike, None)

    def destroy(self, strike: Strike | None = None) -> str:
        """One destroy."""
        return self._run(self.engine.destroy, 0, strike, None, ends=True)

    def expect(self, wanted: int) -> None:
        """So many pods must go on serving, where there are as many now.

        None while a frozen process means to stop or delete it all, which it does unless somebody has taken over since.
        """
        self.witness.expect(0 if self._ending is not None and self._ending == self._epochs() else wanted)

    def _epochs(self) -> set[tuple[str, str]]:
        return {(each["metadata"]["uid"], annotation(each, labels.EPOCH) or "") for each in anchors(self.cluster)}

    def command(
        self,
        act: Callable[[World], Coroutine[object, object, object]],
        strike: Strike | None = None,
        *,
        stops: bool = False,
    ) -> str:
        """A person at the command line."""

        async def work(worlds: Callable[[str], World]) -> None:
            await act(worlds(""))

        return self._run(work, 0 if stops else 99, strike, None, ends=stops)

    def beside(self, act: Callable[[World], Coroutine[object, object, object]]) -> None:
        """The same, beside a run that goes on."""

        async def work() -> None:
            with contextlib.suppress(InferenceError):
                await act(self._worlds(Wire(self.cluster))(""))

        self._beside.append(asyncio.ensure_future(work()))

    def changes(self, program: Program) -> list[str]:
        """What a preview would show."""
        return self.loop.run_until_complete(self.engine.changes(program, self._worlds(Wire(self.cluster))))

    def thaw(self) -> None:
        """Every frozen process carries on where it was, until it ends."""
        self.loop.run_until_complete(self._thaw())

    def _run(
        self,
        work: Callable[[Callable[[str], World]], Coroutine[object, object, None]],
        wanted: int,
        strike: Strike | None,
        foreign: Callable[[], None] | None,
        *,
        ends: bool = False,
    ) -> str:
        frozen = len(self.frozen)
        self.expect(wanted)

        async def done() -> str:
            blow = _Blow(strike, foreign)
            wire = Wire(self.cluster, blow)
            task = asyncio.ensure_future(work(self._worlds(wire)))
            blow.aim(wire, task)
            answer = await self._outcome(task, blow, wire)
            await asyncio.gather(*self._beside)
            self._beside.clear()
            self.requests = wire.requests
            self._ending = self._epochs() if ends and len(self.frozen) > frozen else self._ending
            return answer

        return self.loop.run_until_complete(done())

    async def _outcome(self, task: "asyncio.Task[None]", blow: "_Blow", wire: Wire) -> str:
        stricken = asyncio.ensure_future(blow.fallen.wait())
        await asyncio.wait({task, stricken}, return_when=asyncio.FIRST_COMPLETED)
        stricken.cancel()
        if blow.fallen.is_set() and not task.done():
            self.engine.abandon()
            if blow.how == "frozen" and not wire.dead:
                self.frozen.append((wire, task))
                return "killed"
            task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return "killed"
        except InferenceError as error:
            return str(error)
        return "done"

    def open_gates(self) -> None:
        """Every frozen process wakes up, whatever else goes on."""
        for wire, _ in self.frozen:
            wire.gate.set()

    async def _thaw(self) -> None:
        self.open_gates()
        for _, task in self.frozen:
            with contextlib.suppress(asyncio.CancelledError, InferenceError):
                await task
        self.frozen.clear()
        self._ending = None

    async def _end_all(self) -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    def _worlds(self, wire: Wire) -> Callable[[str], World]:
        async def connect() -> Wire:
            return wire

        def world(urn: str) -> World:
            return World(
                connect=connect,
                images=self.registry,
                namespace="models",
                report=self.heard,
                urn=urn,
                facts={"stack": "dev"},
            )

        return world

    def _deleting(self, resource: Resource) -> None:
        living = {each.id for each in self.engine.state if not each.doomed and each is not resource}
        if resource.id not in living:
            self.witness.floors.pop(resource.id.partition("/")[2], None)


class _Blow:
    """Called by a wire at every request; strikes once."""

    def __init__(self, strike: Strike | None, foreign: Callable[[], None] | None) -> None:
        self._strike, self._foreign = strike, foreign
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self.fallen = asyncio.Event()

    @property
    def how(self) -> str:
        """What it does."""
        return self._strike.how if self._strike else ""

    def aim(self, wire: Wire, task: "asyncio.Task[None]") -> None:
        """At this process."""
        self._wire, self._task = wire, task

    def __call__(self, number: int, *, sent: bool) -> None:
        strike = self._strike
        if strike is None or (number, sent) != (strike.at, strike.sent) or self._wire is None:
            return
        if strike.how == "struck" and self._foreign is not None:
            self._foreign()
            return
        if strike.how == "frozen" and self._wire.holding:
            self._wire.gate.clear()
        elif strike.how != "ended":
            self._wire.dead = True
        self.fallen.set()


def _fate(deployment: Body) -> Fate:
    image = str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
    return next((fate for word, fate in FATES.items() if word in image), Fate())
