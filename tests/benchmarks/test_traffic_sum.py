"""When the traffic benchmark may say that nothing is lost."""

import json
from collections import Counter

from benchmarks.traffic_sum import Outcome, Sum
from tools.traffic.tally import CUT, NOBODY, REFUSED, Tally

ANSWERED = Tally(answered=Counter({("short", "r1"): 900, ("streamed", "r2"): 100}))
WELL = Outcome("as it is", 1, ANSWERED, drained=2)
LOSSY = Outcome("drain turned off", 1, Tally(lost=Counter({("short", REFUSED): 3, ("streamed", CUT): 2})), cut=2)


def test_a_zero_counts_when_the_controls_lose() -> None:
    said = json.loads(Sum(WELL, [LOSSY]).line())

    assert (said["value"], said["truncated"], said["requests"], said["met"]) == (0, 0, 1000, True)
    assert said["reference"] == [{"what": "drain turned off", "value": 5, "truncated": 2}]


def test_a_zero_of_a_harness_that_sees_no_losses_does_not_count() -> None:
    counted = Sum(WELL, [LOSSY, Outcome("overlap turned off", 1, ANSWERED)])

    assert not counted.met
    assert "overlap turned off: nothing was lost, so this harness sees no losses" in counted.table()


def test_one_lost_request_misses_the_aim_and_is_named() -> None:
    lost = Outcome("as it is", 1, Tally(lost=Counter({("short", NOBODY): 1})), drained=2)

    assert not Sum(lost, [LOSSY]).met
    assert "1 requests were lost: 1 × no endpoint" in Sum(lost, [LOSSY]).table()


def test_a_zero_needs_versions_that_answered_and_engines_that_ended_in_peace() -> None:
    for fault in (
        Outcome("as it is", 1, ANSWERED, drained=2, behind=("r2",)),
        Outcome("as it is", 1, ANSWERED, drained=1, cut=1),
        Outcome("as it is", 1, ANSWERED),
    ):
        assert not Sum(fault, [LOSSY]).met


def test_streams_that_were_cut_are_among_the_lost() -> None:
    assert (LOSSY.lost, LOSSY.tally.truncated) == (5, 2)
    assert LOSSY.tally.lost_of("streamed") == 2


ATOMIC = Outcome("atomic switch", 1, ANSWERED, drained=2, atomic=True)
OVERLAP = Outcome("as it is", 1, ANSWERED, drained=2, mixed=1)


def test_a_run_with_other_settings_must_not_lose_either() -> None:
    lost = Outcome("two groups of pods", 1, Tally(lost=Counter({("short", NOBODY): 1})), drained=2)

    assert Sum(OVERLAP, [LOSSY], [ATOMIC]).met
    assert not Sum(OVERLAP, [LOSSY], [ATOMIC, lost]).met
    assert "two groups of pods: 1 requests were lost: 1 × no endpoint" in Sum(OVERLAP, [LOSSY], [lost]).table()
    assert [each["value"] for each in json.loads(Sum(OVERLAP, [LOSSY], [ATOMIC, lost]).line())["scenes"]] == [0, 1]


def test_two_versions_at_once_miss_the_aim_of_an_atomic_switch_only() -> None:
    both = Outcome("atomic switch", 1, ANSWERED, drained=2, mixed=1, atomic=True)

    assert not OVERLAP.faults
    assert both.faults == ("two versions got traffic at once, 1 times",)


def test_an_atomic_switch_is_not_believed_when_an_overlap_was_not_seen_either() -> None:
    assert "two versions at once were never seen" in Sum(WELL, [LOSSY], [ATOMIC]).table()
