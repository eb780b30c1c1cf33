"""Stories that the machine found, from their beginning: a run that dies at each of its requests, and the next one."""

from dataclasses import replace

import pytest

from inference_provider.resources import workload_commands
from tests.machine.ground import Ground, Strike
from tests.machine.hands import lay
from tests.machine.program import Program
from tests.machine.well import remains, unwell
from tests.support.fake_seasons import Pace

FIRST = Program()
ROLL = replace(FIRST, image="v2")


def struck(how: str, at: int, *programs: Program) -> Ground:
    """A stack whose programs ran one after the other; the last run but one died at a request, the last went through."""
    ground = Ground(Pace())
    for program in programs[:-2]:
        assert ground.up(program) == "done"
    ground.up(programs[-2], strike=Strike(how, at, sent=True))
    assert ground.up(programs[-1]) == "done"
    return ground


@pytest.mark.parametrize("then", [FIRST, ROLL, replace(FIRST, image="v3")], ids=["reverted", "same", "another"])
@pytest.mark.parametrize("how", ["ended", "killed"])
def test_a_roll_that_dies_at_any_request_is_made_well_by_one_run(how: str, then: Program) -> None:
    for at in range(1, 45) if how == "killed" else range(2, 45, 3):
        ground = struck(how, at, FIRST, ROLL, then)
        assert not unwell(ground, then), at
        assert not ground.witness.wrongs, at
        ground.close()


@pytest.mark.parametrize("inline", [True, False], ids=["artifact inside", "artifact beside"])
def test_a_creation_that_dies_at_any_request_is_carried_on(*, inline: bool) -> None:
    program = replace(FIRST, inline=inline)
    for at in range(1, 40):
        ground = struck("killed", at, program, program)
        assert not unwell(ground, program), at
        assert ground.destroy() == "done"
        ground.pass_time(10.0)
        assert remains(ground.cluster) == []
        ground.close()


def test_what_was_taken_back_is_held_and_said_by_the_next_run() -> None:
    ground = Ground(Pace())
    ground.up(FIRST)
    ground.up(ROLL)
    assert ground.command(lambda world: workload_commands.undo(world, "models", "chat")) == "done"

    assert ground.up(ROLL) == "done"

    assert any("took r2 back" in line for line in ground.heard.warnings)
    assert not unwell(ground, ROLL, held=True)
    ground.close()


def test_a_frozen_holder_that_wakes_up_changes_nothing() -> None:
    for at in range(6, 40):
        ground = Ground(Pace())
        ground.up(FIRST)
        ground.up(ROLL, strike=Strike("frozen", at, sent=False))
        assert ground.up(replace(FIRST, description="carried on")) == "done"
        ground.witness.expect(2)
        ground.thaw()
        assert ground.up(replace(FIRST, description="carried on")) == "done"
        assert not unwell(ground, replace(FIRST, description="carried on")), at
        assert not ground.witness.wrongs, at
        ground.close()


@pytest.mark.parametrize("deed", ["the Artifact is deleted", "the Artifact's contents are deleted"])
@pytest.mark.parametrize("lag", [0.01, 5.0], ids=["taken at once", "taken late"])
def test_an_artifact_that_somebody_deletes_is_there_again_after_one_run(deed: str, lag: float) -> None:
    ground = Ground(Pace(lag=lag))
    ground.up(FIRST)
    ground.do(lambda: lay(ground, deed), patience=0.0)

    assert ground.up(FIRST) == "done"

    assert not unwell(ground, FIRST)
    assert not ground.witness.wrongs
    ground.close()


def test_a_destroy_that_dies_at_any_request_is_followed_by_a_run_at_once() -> None:
    for at in range(1, 25):
        ground = Ground(Pace(lag=2.0))
        ground.up(FIRST)
        ground.destroy(Strike("killed", at, sent=True))
        assert ground.refresh(FIRST) == "done"

        assert ground.up(FIRST) == "done", at

        assert not unwell(ground, FIRST), at
        ground.close()


def test_a_kept_version_that_somebody_deletes_takes_its_tombstone_along_in_one_run() -> None:
    ground = Ground(Pace())
    ground.up(FIRST)
    ground.up(ROLL)
    ground.do(lambda: lay(ground, "a kept version is deleted"))

    assert ground.up(ROLL) == "done"

    assert not unwell(ground, ROLL)
    ground.close()
