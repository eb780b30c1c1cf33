"""Pods over time: points where something changed, never too many, and read back as written."""

from hypothesis import given
from hypothesis import strategies as st

from inference_provider.rollout.pods_over_time import (
    POINTS,
    Counted,
    PodsOverTime,
    Point,
    added,
    read,
    thinned,
    written,
)


def point(at: float, ready: int, wanted: int = 2) -> Point:
    """What r2 had at a time."""
    return Point(at, {"r2": Counted(ready, wanted)})


def test_only_what_changed_is_a_point() -> None:
    points: tuple[Point, ...] = ()
    for at, ready in ((0.0, 0), (1.0, 0), (2.5, 1), (3.0, 1), (4.0, 2)):
        points = added(points, point(at, ready))

    assert points == (point(0.0, 0), point(2.5, 1), point(4.0, 2))


def test_two_changes_of_one_moment_are_one_point() -> None:
    assert added((point(0.0, 0), point(2.5, 1)), point(2.5, 2)) == (point(0.0, 0), point(2.5, 2))


def test_what_lasted_shortest_goes_first_and_both_ends_stay() -> None:
    points = [point(float(at), at % 3) for at in range(POINTS + 5)]
    points[100] = point(100.9, 1)

    left = thinned(points)

    assert len(left) == POINTS
    assert (left[0], left[-1]) == (points[0], points[-1])
    assert points[100] not in left


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 9)), max_size=600))
def test_however_long_it_takes_the_points_stay_few_and_in_order(changes: list[tuple[float, int]]) -> None:
    points: tuple[Point, ...] = ()
    for at, ready in sorted(changes):
        points = added(points, point(round(at, 1), ready))

    assert len(points) <= POINTS
    assert [each.at for each in points] == sorted({each.at for each in points})
    if changes:
        assert points[-1].pods == {"r2": Counted(sorted(changes)[-1][1], 2)}
    assert read(written(PodsOverTime("2031-05-04T03:00:00Z", points))) == PodsOverTime("2031-05-04T03:00:00Z", points)


def test_what_somebody_else_wrote_is_nothing() -> None:
    for text in (None, "", "{}", "[]", '{"since": 1, "points": [[1]]}', '{"since": "x", "points": [[0, {"r1": [1]}]]}'):
        assert read(text) is None
