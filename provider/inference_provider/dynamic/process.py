"""What lives as long as the provider process: the wiring, and whether this run is a preview."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from inference_provider.resources.world import World
from inference_provider.seam.again import Answers
from inference_provider.seam.configuration import settings_from
from inference_provider.seam.reporting import EngineReporter, engine, engine_address
from inference_provider.seam.watchdog import Watchdog, end_process
from inference_provider.seam.wiring import Wiring

T = TypeVar("T")


@dataclass
class _Process:
    wiring: Wiring | None = None
    previewing: bool = False


_process = _Process()
#: What check has answered in this process, for each resource.
ANSWERS = Answers()


def configure(config: Mapping[str, object]) -> None:
    """Make the wiring from the stack's configuration; a second resource class finds it made.

    Raises InputError.
    """
    if _process.wiring is None:
        wiring = _process.wiring = Wiring(settings_from(config))
        if (address := engine_address()) is not None:
            Watchdog(address, lambda: _orphaned(wiring)).start()


def _orphaned(wiring: Wiring) -> None:
    """Nobody waits for this process any more: stop before anything else changes, give the locks back, and end.

    What was begun stays as it is: the next ``pulumi up`` carries on from there.
    """
    wiring.abandon()
    end_process()


def previewing(*, now: bool) -> None:
    """Remember what the program said: the engine tells a dynamic provider nothing about previews."""
    _process.previewing = now


def is_previewing() -> bool:
    """Whether the program of this run was started for a preview."""
    return _process.previewing


def reporter(urn: str) -> EngineReporter:
    """Where the lines of one resource go."""
    return EngineReporter(engine(), urn)


def run(work: Callable[[World], Awaitable[T]], report: EngineReporter, urn: str) -> T:
    """Do asynchronous work on the background loop and wait for it."""
    wiring = _process.wiring
    if wiring is None:
        raise RuntimeError("the provider was not configured")

    async def done() -> T:
        return await work(wiring.world(report=report, urn=urn, previewing=_process.previewing))

    return wiring.run(done())
