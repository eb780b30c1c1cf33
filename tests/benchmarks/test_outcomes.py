"""Which interruptions the benchmark tries, and when it says that its aim is met."""

import json

from benchmarks.outcomes import Outcome, Sum, Try, plan
from tools.interrupt.moments import MOMENTS
from tools.interrupt.running import BLOWS

WELL = Outcome(Try("cli", reverted=False, moment="made"), fewest=2, seconds=4.0)
ALONE = Outcome(None, fewest=2, seconds=3.0)


def test_every_blow_falls_at_every_moment_and_half_of_the_programs_go_back() -> None:
    tries = plan(list(MOMENTS), instants=100, seed=1)
    assert {(each.blow, each.moment) for each in tries if each.moment} == {(b, m) for b in BLOWS for m in MOMENTS}
    assert sum(each.moment is None for each in tries) == 100
    for blow in BLOWS:
        back = [each.reverted for each in tries if each.blow == blow]
        assert abs(sum(back) / len(back) - 0.5) < 0.05


def test_a_seed_gives_the_same_tries_again() -> None:
    assert plan(list(MOMENTS), instants=8, seed=5) == plan(list(MOMENTS), instants=8, seed=5)
    assert plan(list(MOMENTS), instants=8, seed=5) != plan(list(MOMENTS), instants=8, seed=6)
    assert len(plan(list(MOMENTS), instants=8, seed=5)) == 16


def test_the_aim_needs_all_three() -> None:
    wrong = Outcome(WELL.of, wrong=("`up` ended with 1",), fewest=2)
    left = Outcome(WELL.of, left=("Pod chat-r2-x",), fewest=2)
    fewer = Outcome(WELL.of, fewest=1)
    assert Sum([WELL], [ALONE], 2).met
    assert [Sum([WELL, each], [ALONE], 2).met for each in (wrong, left, fewer)] == [False, False, False]


def test_the_last_line_is_one_json_object() -> None:
    found = json.loads(Sum([WELL, Outcome(WELL.of, wrong=("no",), fewest=2)], [ALONE], 2).line())
    assert (found["name"], found["value"], found["unit"], found["ratio"]) == ("interrupt", 50.0, "% converged", 0.5)
    assert (found["reference"]["value"], found["aim"], found["met"]) == (100.0, 1.0, False)
    assert "cli" in Sum([WELL], [ALONE], 2).table()
