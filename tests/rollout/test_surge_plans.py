"""What is done about room, for every way of asking, every fleet and every cluster."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.manifests.pod import GPU, Hardware
from inference_provider.placement.surge import Gpus, Judged, Room
from inference_provider.rollout.next_step import Goal
from inference_provider.rollout.surge import Plan, own_below, plan, room_for
from tests.rollout.model import Model

WAYS = ["require", "wait", "preempt", "recreate"]
ROOMS = [None, *Room]


def judged(room: Room | None) -> Judged | None:
    """Where there is room; None where nobody may look."""
    return None if room is None else Judged(room, "needs 4: 2 free", "needs 4: 3 free")


def fleet_of(*, steps: int, vacated: bool) -> Model:
    """A version serves, and a run towards B took so many steps."""
    model = Model("A")
    model.settle()
    model.want("B", vacate=vacated)
    for _ in range(steps):
        model.take()
    return model


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(WAYS),
    st.sampled_from(ROOMS),
    st.builds(Goal, st.just("B"), manual=st.booleans(), promote=st.sampled_from([None, "r2"])),
    st.builds(fleet_of, steps=st.integers(min_value=0, max_value=3), vacated=st.booleans()),
)
def test_nobody_gets_an_outage_or_a_refusal_that_he_did_not_ask_for(
    surge: str, room: Room | None, goal: Goal, model: Model
) -> None:
    fleet = model.fleet()
    assert fleet.active is not None

    found = plan(surge, fleet, goal, judged(room))

    assert not (found.refusal and found.vacate)
    if surge in ("wait", "preempt"):
        assert (found.refusal, found.vacate) == (None, False)
    if found.vacate:
        assert surge == "recreate"
        assert fleet.active.vacated or room in (None, Room.ACTIVE)
    if found.refusal:
        assert not fleet.active.vacated, "an outage that has begun is carried on"
        assert room in (Room.ACTIVE, Room.NONE) or (room is None and goal.manual)
    if room in (Room.FREE, Room.KEPT) and not fleet.active.vacated:
        assert found in (Plan(), Plan(yields=found.yields))


def test_a_kept_version_yields_before_anybody_is_pushed_out_for_the_new_one() -> None:
    model = Model("A")
    model.settle()
    model.want("B")
    model.settle()

    found = plan("preempt", model.fleet(), Goal("C"), judged(Room.KEPT))

    assert [each.name for each in found.yields] == ["r1"]
    assert plan("preempt", model.fleet(), Goal("C"), judged(Room.FREE)) == Plan()


def test_a_first_version_has_nothing_to_end_first() -> None:
    assert plan("recreate", Model("A").fleet(), Goal("A"), judged(Room.NONE)) == Plan()
    assert "no room for the new version, and" in str(
        plan("require", Model("A").fleet(), Goal("A"), judged(Room.NONE)).refusal
    )


@pytest.mark.parametrize(("free", "room"), [(8, Room.FREE), (5, Room.NONE)])
def test_the_room_of_every_group_is_counted(free: int, room: Room) -> None:
    each = Hardware(resources={"server": {"limits": {GPU: "2"}}})
    conditions = [{"type": "Ready", "status": "True"}]
    node = {"metadata": {"name": "gpu-1"}, "status": {"allocatable": {GPU: str(free)}, "conditions": conditions}}
    hardware, counts = {"decode": each, "prefill": each}, {"decode": 3, "prefill": 1}

    found = room_for(
        Model("A").fleet(), Goal("A"), hardware=hardware, counts=counts, gpus=Gpus(nodes=[node], bound=[], unbound=[])
    )

    assert found.room is room


def test_a_version_without_pods_is_in_nobodys_way() -> None:
    model = fleet_of(steps=0, vacated=False)

    assert own_below(model.fleet(), 1_000_000, Goal("B")) == []
