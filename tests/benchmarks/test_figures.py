"""What a benchmark's last line says, so that whoever reads it by program can rely on it."""

import json

from benchmarks.figures import Figure, Series


def test_the_last_line_compares_medians_and_names_the_reference() -> None:
    ours, bare = Series("ours", [30.0, 10.0, 1000.0]), Series("bare", [20.0, 19.0, 21.0])

    said = json.loads(Figure("switch", "ms", ours, bare, 2.0).line())

    assert said == {
        "name": "switch",
        "value": 30.0,
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
