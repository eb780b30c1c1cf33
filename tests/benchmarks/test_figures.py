"""What a benchmark's last line says, so that whoever reads it by program can rely on it."""

import json

from benchmarks.figures import Figure, Rival, Series


def test_the_last_line_compares_medians_and_names_the_reference() -> None:
    ours, bare = Series("ours", [30.0, 10.0, 1000.0]), Series("bare", [20.0, 19.0, 21.0])

    said = json.loads(Figure("switch", "ms", ours, bare, 2.0).line())

    assert said == {
        "name": "switch",
        "value": 30.0,
        "p95": 1000.0,
        "unit": "ms",
        "reference": {"what": "bare", "value": 20.0},
        "ratio": 1.5,
        "aim": 2.0,
        "met": True,
    }


def test_what_is_measured_beside_decides_nothing() -> None:
    ours, bare, slow = Series("ours", [50.0]), Series("bare", [20.0]), Series("explains", [49.0])

    figure = Figure("switch", "ms", ours, bare, 2.0, [slow])

    assert not figure.met
    assert "the aim is missed" in figure.table()
    assert "explains" in figure.table()


def test_a_limit_has_to_be_met_beside_the_ratio() -> None:
    slow, slower = Series("ours", [1.5]), Series("fresh", [100.0])

    assert Figure("rollback", "s", slow, slower, 0.05).met
    assert not Figure("rollback", "s", slow, slower, 0.05, limit=1.0).met
    assert json.loads(Figure("rollback", "s", slow, slower, 0.05, limit=1.0).line())["limit"] == 1.0


def test_of_twenty_runs_one_may_lie_above_p95() -> None:
    assert Series("ours", [float(number) for number in range(20)]).p95 == 18.0
    assert Series("ours", [3.0, 1.0, 2.0]).p95 == 3.0


def test_a_rivals_aim_is_told_apart_and_has_to_be_met_too() -> None:
    ours, bare = Series("ours", [30.0]), Series("bare", [20.0])
    slow, quick = (Rival(Series("another controller", [value]), 0.5) for value in (60.0, 59.0))

    won, lost = (Figure("switch", "ms", ours, bare, 2.0, rival=each) for each in (slow, quick))

    assert (won.met, lost.met) == (True, False)
    assert json.loads(lost.line())["rival"] == {
        "what": "another controller",
        "value": 59.0,
        "p95": 59.0,
        "ratio": 0.508,
        "aim": 0.5,
        "met": False,
    }
    assert "0.508 times another controller; aim at most 0.5: the aim is missed" in lost.table()


def test_a_rival_that_is_beaten_does_not_hide_that_the_reference_was_missed() -> None:
    ours, bare = Series("ours", [50.0]), Series("bare", [20.0])

    figure = Figure("switch", "ms", ours, bare, 2.0, rival=Rival(Series("another controller", [500.0]), 0.5))

    assert not figure.met
    assert figure.table().count("the aim is missed") == figure.table().count("the aim is met") == 1
