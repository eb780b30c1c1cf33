"""Whatever the plan said, that is what happens: never more GPUs, and the verdict that it gave."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.manifests.kinds import Body
from inference_provider.placement.gpu_requests import gpus_of
from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.plan import PlanVerdict, SurgeOutcome
from tests.resources.foretelling import Foretelling, Program, Told
from tests.support.virtual_time import VirtualLoop

PROGRAMS = st.builds(
    Program,
    image=st.sampled_from(["v1", "v2", "v3"]),
    replicas=st.integers(min_value=1, max_value=3),
    gpu=st.integers(min_value=0, max_value=2),
    surge=st.sampled_from(["wait", "require", "recreate", "preempt"]),
    keep=st.sampled_from([0.0, 600.0]),
    manual=st.sampled_from([False, False, True]),
    promotes=st.booleans(),
    running=st.sampled_from([True, True, True, False]),
)


@dataclass(frozen=True)
class Turn:
    """What the program says next, whether somebody goes back at the command line first, and when the run is killed."""

    program: Program
    undo: bool
    killed_after: int | None


TURNS = st.builds(
    Turn,
    PROGRAMS,
    st.sampled_from([False, False, False, True]),
    st.none() | st.none() | st.integers(min_value=1, max_value=25),
)
NODES = st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=3)


async def life(nodes: Sequence[int], first: Program, turns: Sequence[Turn]) -> list[Told]:
    """All that was foretold of one Workload, and what came of it; nothing where its first version has no room."""
    stack, told = Foretelling(*nodes), []
    if first.gpu and sum(each // first.gpu for each in nodes) < first.replicas:
        return []
    await stack.begins(first)
    for turn in turns:
        if turn.undo:
            await stack.taken_back()
        told.append(await stack.changes(turn.program, killed_after=turn.killed_after))
    return told


def lived(nodes: Sequence[int], first: Program, turns: Sequence[Turn]) -> list[Told]:
    """A life in virtual time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(life(nodes, first, turns))
    finally:
        loop.close()


def serving(fleet: Fleet) -> str | None:
    """Who serves."""
    return fleet.active.name if fleet.active is not None else None


def uids(fleet: Fleet) -> set[str]:
    """The pods of what serves."""
    return {str(each["metadata"]["uid"]) for each in (fleet.active.pods if fleet.active is not None else ())}


@settings(max_examples=30)
@given(
    nodes=NODES,
    first=st.builds(Program, replicas=st.integers(min_value=1, max_value=2), gpu=st.integers(min_value=0, max_value=2)),
    turns=st.lists(TURNS, min_size=1, max_size=4),
)
def test_no_more_gpus_are_held_than_the_plan_said_and_what_it_said_is_done(
    nodes: list[int], first: Program, turns: list[Turn]
) -> None:
    for told in lived(nodes, first, turns):
        assert told.plan.gpus is not None
        assert told.plan.gpus.peak is not None
        assert told.most <= told.plan.gpus.peak, told.plan
        if not told.killed:
            _as_said(told)


def _as_said(told: Told) -> None:
    plan, before, after = told.plan, told.before, told.after
    refused = plan.surge is not None and plan.surge.outcome is SurgeOutcome.REFUSED
    if plan.verdict is PlanVerdict.REFUSED or refused:
        assert told.failed is not None, plan
        assert "othing was changed" in told.failed.message or plan.verdict is PlanVerdict.REFUSED
        return
    if told.failed is not None:
        assert _may_fail(told), (plan, told.failed.message)
        return
    match plan.verdict:
        case PlanVerdict.ROLLS if plan.manual and uids(before):
            assert serving(after) == serving(before), plan
            assert [each.staged for each in after.of_role(Role.CANDIDATE)] == [True], plan
        case PlanVerdict.ROLLS:
            assert serving(after) != serving(before), plan
            assert not uids(after) & uids(before)
        case PlanVerdict.GOES_BACK if plan.manual:
            assert plan.to_revision in [each.name for each in after.protons if each.staged], plan
        case PlanVerdict.GOES_BACK | PlanVerdict.SWITCHES:
            assert serving(after) == plan.to_revision, plan
        case PlanVerdict.STOPS:
            assert uids(after) == set()
        case PlanVerdict.STARTS:
            assert uids(after) != set()
        case _:
            assert serving(after) == serving(before), plan
            assert uids(before) <= uids(after) or uids(after) <= uids(before), "no pod was exchanged"


def _may_fail(told: Told) -> bool:
    """Only for want of room: which the plan has counted, or which pods of before, and those beside what waits, lack."""
    groups, pods = told.plan.groups or (), [pod for each in told.before.protons for pod in each.pods]
    return (
        told.plan.manual
        or any(each.missing or each.later_missing for each in groups)
        or not all(_placed(each) for each in pods)
    )


def _placed(pod: Body) -> bool:
    return not gpus_of(pod) or bool(pod["spec"].get("nodeName"))
