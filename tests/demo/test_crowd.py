"""What the demonstration says of its callers' requests."""

from tools.demo.crowd import Counts


def test_the_version_that_takes_over_comes_last() -> None:
    before = Counts({"r1": 1000, "r2": 50}, lost=1)
    now = Counts({"r1": 1020, "r2": 3050}, lost=1)

    assert now.since(before).line("r1") == "requests answered by r2: 3,000, then by r1: 20; lost: 0"


def test_before_anybody_answers_nobody_is_named() -> None:
    assert Counts().line("r1") == "requests answered by nobody yet; lost: 0"
    assert Counts({"r1": 5}).since(Counts({"r1": 5})).line("r2") == "requests answered by nobody yet; lost: 0"
