"""Stories of Workloads that a Replacement drives, which the machine found."""

from dataclasses import replace

import pytest

from tests.machine.driven import BY_ITSELF, BY_NOBODY, BY_REPLACEMENT, CANCEL
from tests.machine.ground import Ground, Strike
from tests.machine.hands import lay
from tests.machine.program import Program
from tests.machine.well import unwell
from tests.support.fake_seasons import Pace

DRIVEN = replace(Program(), **BY_REPLACEMENT)


def test_what_waits_goes_with_its_replacement_also_when_the_workload_was_made_anew_by_force() -> None:
    ground = Ground(Pace())
    staged = replace(DRIVEN, image="v2", promotion="manual")
    for program in (DRIVEN, staged):
        assert ground.up(program) == "done"

    assert ground.up(replace(staged, **BY_NOBODY), replace=frozenset({"workload"})) == "done"

    assert not unwell(ground, replace(staged, **BY_NOBODY))
    ground.close()


def test_a_replacement_knows_of_a_workload_that_was_made_anew_by_force() -> None:
    ground = Ground(Pace())
    assert ground.up(DRIVEN) == "done"

    assert ground.up(DRIVEN, replace=frozenset({"workload"})) == "done"

    assert not unwell(ground, DRIVEN)
    ground.close()


@pytest.mark.parametrize("then", [DRIVEN, replace(DRIVEN, image="v2")], ids=["by the Workload", "by its Replacement"])
def test_what_serves_is_made_whole_by_whoever_knows_its_version(then: Program) -> None:
    ground = Ground(Pace())
    assert ground.up(DRIVEN) == "done"
    ground.do(lambda: lay(ground, "the active's Deployment is deleted"))

    assert ground.up(then) == "done"

    assert not unwell(ground, then)
    ground.close()


def test_the_history_says_how_a_version_ended_whose_removal_was_interrupted() -> None:
    staged = replace(DRIVEN, image="v2", promotion="manual")
    for at in range(30, 50, 2):
        ground = Ground(Pace(grace=50.0))
        for program in (DRIVEN, staged):
            assert ground.up(program) == "done"
        ground.up(replace(staged, image="v3"), strike=Strike("ended", at, sent=False))

        assert ground.up(replace(staged, **BY_NOBODY)) == "done"

        assert not unwell(ground, replace(staged, **BY_NOBODY)), at
        ground.close()


def test_what_waits_is_the_workload_s_own_once_that_drives_itself_again() -> None:
    ground = Ground(Pace())
    staged = replace(DRIVEN, image="v2", promotion="manual")
    for program in (DRIVEN, staged):
        assert ground.up(program) == "done"

    assert ground.up(replace(staged, **BY_ITSELF)) == "done"

    assert not unwell(ground, replace(staged, **BY_ITSELF))
    ground.close()


def test_what_a_killed_update_had_staged_goes_with_its_replacement() -> None:
    staged = replace(DRIVEN, image="v2", promotion="manual")
    for at in range(32, 43):
        ground = Ground(Pace())
        assert ground.up(DRIVEN) == "done"
        ground.up(staged, strike=Strike("killed", at, sent=True))

        assert ground.up(replace(staged, **BY_NOBODY)) == "done"

        assert not unwell(ground, replace(staged, **BY_NOBODY)), at
        ground.close()


def test_a_replacement_that_died_right_after_its_switch_and_left_its_program_leaves_nothing_undone() -> None:
    new = replace(DRIVEN, image="slow")
    for at in range(38, 54, 2):
        ground = Ground(Pace())
        for program in (DRIVEN, replace(DRIVEN, **BY_NOBODY)):
            assert ground.up(program) == "done"
        ground.up(new, strike=Strike("killed", at, sent=True))
        ground.thaw()
        ground.command(lambda world: CANCEL.act(world, "models", DRIVEN.name), None, stops=CANCEL.stops)

        assert ground.up(replace(new, **BY_NOBODY)) == "done"

        assert not unwell(ground, replace(new, **BY_NOBODY)), at
        ground.close()
