"""What is written of a replacement's phases: only what the table allows, whatever happens, and in whatever order."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.converge import orders, record
from inference_provider.converge.orders import Order
from inference_provider.errors import InferenceError
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP
from inference_provider.rollout.leftovers import leftovers
from inference_provider.rollout.phases import FOLLOWING, Phase, may_follow
from tests.converge.person import order
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import Fate
from tests.support.virtual_time import VirtualLoop

WAY = {
    Phase.SUBMITTED: (),
    Phase.INITIALIZING: (Phase.INITIALIZING,),
    Phase.AWAITING_PROMOTION: (Phase.INITIALIZING, Phase.AWAITING_PROMOTION),
    Phase.SWITCHING: (Phase.INITIALIZING, Phase.SWITCHING),
    Phase.CLEANING_UP: (Phase.INITIALIZING, Phase.SWITCHING, Phase.CLEANING_UP),
    Phase.COMPLETED: (Phase.INITIALIZING, Phase.SWITCHING, Phase.CLEANING_UP, Phase.COMPLETED),
    Phase.ERRORED: (Phase.ERRORED,),
    Phase.DELETING: (Phase.DELETING,),
}


@pytest.mark.parametrize(("now", "then"), list(itertools.product(Phase, Phase)))
async def test_a_move_that_is_not_in_the_table_is_an_error_and_writes_nothing(
    stage: Stage, now: Phase, then: Phase
) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    held = await record.open_record(op, revision=7, kind="replacement", template="t", facts={})
    for phase in WAY[now]:
        held = await record.enter(op, held, phase)

    if now is then or then in FOLLOWING[now]:
        assert annotation(await record.enter(op, held, then), labels.PHASE) == then
        return
    with pytest.raises(ValueError, match=f"a replacement that is {now} cannot become {then}"):
        await record.enter(op, held, then)
    assert stage.record(7) == held


@dataclass
class Scribe:
    """Looks at every record after every write, and notes which phases it went through."""

    stage: Stage
    seen: dict[str, list[Phase]] = field(default_factory=dict)

    def look(self) -> None:
        """Note what has moved."""
        for body in self.stage.cluster.all_of(CONFIG_MAP):
            if label(body, labels.PART) == "record":
                path = self.seen.setdefault(str(label(body, labels.REVISION)), [])
                told = map(Phase, json.loads(annotation(body, labels.PHASES) or "{}"))  # one write may tell of several
                path += [each for each in told if each not in path]
                now = Phase(annotation(body, labels.PHASE) or Phase.SUBMITTED)
                if path[-1:] != [now]:
                    path.append(now)


@dataclass(frozen=True)
class Move:
    """One thing that happens: a run of a program (that may be killed at a write, or overtaken), or an order."""

    image: str = "v1"
    manual: bool = False
    promote: bool = False
    running: bool = True
    killed_at: int | None = None
    order: str | None = None
    overtaken_by: str | None = None


ORDERED: dict[str, Callable[[Order], Awaitable[object]]] = {
    "undo": orders.undo,
    "cancel": orders.cancel,
    "promote": orders.promote,
    "resume": orders.resume,
    "halt": orders.halt,
    "restart": orders.restart,
}
RUNS = st.builds(
    Move,
    image=st.sampled_from(["v1", "v2", "v3", "bad"]),
    manual=st.booleans(),
    promote=st.booleans(),
    running=st.sampled_from([True, True, True, False]),
    killed_at=st.none() | st.integers(1, 30),
    overtaken_by=st.none() | st.sampled_from(["v1", "v2", "v3"]),
)
ORDERS = st.builds(Move, order=st.sampled_from(sorted(ORDERED)))


async def _tried(work: Awaitable[object]) -> None:
    with contextlib.suppress(InferenceError):
        await work


async def _run(stage: Stage, move: Move) -> None:
    staged = [each.name for each in (await stage.fleet()).protons if each.staged]
    program = wanted(
        move.image,
        keepOldVersionMinutes=60,
        onConflict="supersede",
        promotion="manual" if move.manual else "automatic",
        promote=staged[0] if staged and move.promote else None,
    )
    stage.cluster.writes, stage.cluster.breaks_at = 0, move.killed_at
    run = asyncio.create_task(_tried(stage.update(replace(program, running=move.running))))
    if move.overtaken_by is not None:
        await asyncio.sleep(10)
        await _tried(stage.update(wanted(move.overtaken_by, onConflict="supersede")))
    await run
    stage.cluster.breaks_at = None


async def _lives(moves: list[Move]) -> dict[str, list[Phase]]:
    stage = Stage()
    stage.fate_of({"bad": Fate(ready_after=None), "v3": Fate(ready_after=40.0)})
    scribe = Scribe(stage)
    stage.cluster.after_write.append(scribe.look)
    await stage.create(wanted("v1"))
    for move in moves:
        await (_tried(ORDERED[move.order](order(stage))) if move.order else _run(stage, move))
    fleet = await stage.update(wanted("v2", onConflict="supersede"))
    assert leftovers(fleet) == (), "one more update puts everything right"
    return scribe.seen


@settings(max_examples=40)
@given(st.lists(RUNS | ORDERS, min_size=2, max_size=5))
def test_no_sequence_of_runs_orders_and_kills_writes_a_move_that_is_not_in_the_table(moves: list[Move]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        seen = runner.run(_lives(moves))
    for revision, path in seen.items():
        assert path[0] is Phase.SUBMITTED, (revision, path)
        for now, then in itertools.pairwise(path):
            assert may_follow(now, then), (revision, path)
