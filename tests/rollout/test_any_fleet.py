"""Whatever a fleet looks like, and wherever a run is cut: what serves, what it takes, and how it ends."""

import copy
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from inference_provider.rollout.fleet import Fleet, Role
from inference_provider.rollout.next_step import Done, Goal, Staged, Step, candidate_of
from inference_provider.rollout.outage import Vacate
from tests.rollout.fleets import FLEETS, SHAPES, TEMPLATES
from tests.rollout.model import MANY, PODS, Model


@dataclass(frozen=True)
class Wish:
    """What a run is to bring about."""

    template: str
    vacate: bool
    atomic: bool
    promote: int | None

    def to(self, model: Model) -> Model:
        """The same Workload, with this wish and nothing proven."""
        wished = copy.deepcopy(model)
        manual, named = self.promote is not None, f"r{self.promote}" if self.promote else None
        wished.want(self.template, vacate=self.vacate, atomic=self.atomic, manual=manual, promote=named)
        return wished


WISHES = st.builds(Wish, TEMPLATES, st.booleans(), st.booleans(), st.none() | st.integers(min_value=0, max_value=8))


def steps_of(model: Model) -> list[Step]:
    """All steps to the end, which comes."""
    taken: list[Step] = []
    while not taken or not isinstance(taken[-1], Done | Staged):
        assert len(taken) < MANY, f"never done: {[type(each).__name__ for each in taken]}"
        taken.append(model.take())
    return taken


def pods(fleet: Fleet) -> int:
    """Every pod that runs, or is asked for."""
    return sum(sum(each.replicas().values()) for each in fleet.protons)


def serving(fleet: Fleet) -> int:
    """Pods with traffic of the version that is named as serving; what serves unproven is not promised."""
    active = fleet.active
    return active.replicas().get("default", 0) if active is not None and active.slot in fleet.traffic else 0


def promised(fleet: Fleet, goal: Goal) -> int:
    """The most pods that a plan would name: what there is at full strength, and a candidate unless that is there."""
    active = fleet.active
    there = sum(sum(each.strength().values()) for each in fleet.protons)
    running = active.strength() if active else {}
    right = active is not None and active.template == goal.template
    lost = {group: PODS for group in goal.groups if right and group not in running}
    there += sum(lost.values())
    found = candidate_of(fleet, goal)
    whole = found is not None and not set(goal.groups) - set(found.replicas())
    return there + (0 if right or whole else sum(running.get(group) or PODS for group in goal.groups))


def end(model: Model) -> tuple[object, ...]:
    """How a Workload stands, apart from numbers and slots."""
    fleet = model.fleet()
    living = [each for each in fleet.protons if not each.condemned]
    by_role = sorted((each.role, each.template, sorted(each.replicas().items()), each.staged) for each in living)
    return (*by_role, [each.name for each in living if each.tombstone is not None], len(fleet.strays))


@settings(max_examples=100)
@given(FLEETS, WISHES)
def test_every_run_ends_with_what_was_wanted_or_with_it_waiting_beside_what_serves(model: Model, wish: Wish) -> None:
    run = wish.to(model)
    last = steps_of(run)[-1]
    fleet = run.fleet()
    active = fleet.active

    assert active is not None
    assert fleet.traffic == (active.slot,)
    assert not active.vacated
    assert not active.missing
    assert all(active.replicas().values())
    assert not active.condemned
    rising = [each for each in fleet.of_role(Role.CANDIDATE) if not each.condemned]
    if isinstance(last, Done):
        assert (active.template, rising) == (wish.template, [])
        assert set(active.replicas()) == {str(each["name"]) for each in SHAPES[wish.template].groups}
    else:
        assert [(each.template, each.staged) for each in rising] == [(wish.template, True)]
        assert wish.promote is not None


@settings(max_examples=100)
@given(FLEETS, WISHES)
def test_no_step_takes_pods_from_what_serves_or_more_than_the_plan_names(model: Model, wish: Wish) -> None:
    run = wish.to(model)
    before = run.fleet()
    floor, ceiling = serving(before), promised(before, run.goal)
    for _ in range(MANY):
        step = run.take()
        now = run.fleet()
        assert pods(now) <= ceiling, f"{pods(now)} pods after {step}, and the plan named {ceiling}"
        if isinstance(step, Vacate):
            assert wish.vacate
            floor = 0
        assert serving(now) >= floor, step
        if isinstance(step, Done | Staged):
            break


@settings(max_examples=40)
@given(FLEETS, WISHES)
def test_a_run_that_is_cut_after_any_step_and_begun_again_comes_to_the_same_end(model: Model, wish: Wish) -> None:
    whole = wish.to(model)
    length = len(steps_of(whole))
    for at in range(1, length):
        cut = wish.to(model)
        for _ in range(at):
            cut.take()
        again = wish.to(cut)
        steps_of(again)
        assert end(again) == end(whole), f"cut after step {at}"
