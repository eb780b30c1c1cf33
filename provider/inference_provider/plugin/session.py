"""What lives as long as the plugin process: the engine it talks to, the wiring, and how it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, TypeVar

from inference_provider.errors import InferenceError
from inference_provider.plugin import secrecy
from inference_provider.plugin.configuration import PLACE
from inference_provider.resources.registry import Kind
from inference_provider.resources.world import Properties, World
from inference_provider.seam.configuration import Settings, settings_from
from inference_provider.seam.reporting import EngineReporter, Pace, engine_at
from inference_provider.seam.unknowns import UNKNOWN, without_unknowns
from inference_provider.seam.watchdog import Watchdog, end_process
from inference_provider.seam.wiring import ABANDON_SECONDS, Wiring

T = TypeVar("T")
#: How long a last look at what was left behind may take (seconds); the CLI waits for us meanwhile.
LAST_LOOK_SECONDS = 4.0


class Interrupted(InferenceError):
    """The run was cancelled (Ctrl-C) while this was under way."""


class Session:
    """One engine, one configuration, and everything that runs for them."""

    def __init__(self, ended: Callable[[], None], *, wired: Callable[[Settings], Wiring] | None = None) -> None:
        """``ended`` is called when the engine has cancelled, and all is over; ``wired`` joins us to a cluster."""
        self.version = version("pulumi-inference-provider")
        self._ended, self._join = ended, wired or _here
        self._given_up = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._wiring: Wiring | None = None
        self._engine: str | None = None
        self._run: str | None = None
        self._unknown: set[str] = set()
        self._pace = Pace()

    def greet(self, address: str | None) -> None:
        """Remember where the engine listens, and notice when it is gone. Each run has one of its own."""
        self._run = address or self._run
        if address and self._engine is None:
            self._engine = address
            Watchdog(address, self._orphaned).start()

    def configure(self, config: Properties) -> None:
        """Which cluster is meant; all work is done on the loop that runs now.

        A loop in a thread of its own would cost each call two changes of thread: as much as the work of most calls.
        Raises InputError, and InferenceError when this process has another cluster.
        """
        self._pace = Pace()  # the next run of a process that lives longer
        self._unknown = {key for key, value in config.items() if without_unknowns({key: value})[1]}
        known = {key: value for key, value in config.items() if key not in self._unknown}
        settings = settings_from(known, known=self._unknown.isdisjoint(PLACE))
        if self._wiring is None:
            self._wiring = self._join(settings)
        elif self._wiring.settings != settings:
            raise InferenceError(
                "this process of the provider works for one cluster and namespace already, and was asked to work for "
                "others too: with PULUMI_DEBUG_PROVIDERS, use one provider resource only"
            )
        self._wiring.begins(self._run)

    def unknown(self, kind: Kind) -> Properties:
        """What a resource that says no namespace of its own will have: one that is not known yet."""
        return (
            {"namespace": UNKNOWN} if "namespace" in self._unknown and "namespace" in kind.inputs.model_fields else {}
        )

    async def run(self, urn: str, work: Callable[[World], Awaitable[T]], *, quiet: bool = False) -> T:
        """Do work for one resource. Raises what it raises, and Interrupted when the run is cancelled meanwhile."""
        reporter = self._reporter(urn, quiet=quiet)
        try:
            return await _finished(self._wired().begin(self._done(work, reporter, urn)), self._given_up)
        finally:
            if reporter.spoke:
                await asyncio.to_thread(reporter.clear)

    async def warn(self, urn: str, text: str) -> None:
        """A warning where no cluster is asked, as of the provider's own settings."""
        reporter = self._reporter(urn)
        reporter.warn(text)
        if reporter.spoke:
            await asyncio.to_thread(reporter.clear)

    def _reporter(self, urn: str, *, quiet: bool = False) -> EngineReporter:
        engine = engine_at(self._engine) if self._engine else None
        return EngineReporter(engine, urn, pace=self._pace, quiet=quiet, hidden=secrecy.hiding())

    async def look(self, urn: str, work: Callable[[World], Awaitable[T]]) -> T:
        """A last look after a failure or a cancel; nothing is said on the way. Raises TimeoutError.

        Who was never connected has touched nothing, and does not begin to wait for a cluster now.
        """
        if not self._wired().connected:
            raise TimeoutError
        async with asyncio.timeout(LAST_LOOK_SECONDS):
            return await self._done(work, EngineReporter(None, urn), urn)

    async def _done(self, work: Callable[[World], Awaitable[T]], report: EngineReporter, urn: str) -> T:
        return await work(self._wired().world(report=report, urn=urn))

    def _wired(self) -> Wiring:
        if self._wiring is None:
            raise InferenceError("the provider was not configured")
        return self._wiring

    def cancel(self) -> None:
        """Stop waiting at once. The server ends when the calls that are under way have been answered."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        if self._wiring is not None:
            await asyncio.wait([asyncio.create_task(self._wiring.abandoning())], timeout=ABANDON_SECONDS)
        self._given_up.set()
        self._ended()

    def _orphaned(self) -> None:
        """Nobody waits for this process any more. What was begun stays: the next `pulumi up` carries on from there."""
        if self._wiring is not None:
            self._wiring.abandon()
        end_process()


def _here(settings: Settings) -> Wiring:
    return Wiring(settings, loop=asyncio.get_running_loop())


async def _finished(work: asyncio.Task[T], given_up: asyncio.Event) -> T:
    """Wait without being taken for cancelled ourselves when the work is, until nobody waits for it any more."""
    over = asyncio.create_task(given_up.wait())
    both: tuple[asyncio.Future[Any], ...] = (work, over)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        over.cancel()
    if not work.done() or work.cancelled():
        work.add_done_callback(lambda late: late.cancelled() or late.exception())
        said = "interrupted: the run was cancelled before this had an answer. The next `pulumi up` carries on"
        raise Interrupted(said, touched=True)
    return work.result()
