"""What a warm-up came to: read back, judged by its limits, estimated, and said."""

import pytest

from inference_provider.domain.replacement import ReplacementSettings
from inference_provider.domain.warmup import Warmup
from inference_provider.rollout.warmup import WarmupResult, objection, warmup_bound, warmup_seconds

GOOD = WarmupResult(50, 0, 0.84, 2.1, None)


@pytest.mark.parametrize("text", [None, "", "Traceback", "[]", "{}", '{"count": 1}', '{"count": "x", "errors": 0}'])
def test_what_nobody_can_read_is_no_result(text: str | None) -> None:
    assert WarmupResult.parse(text) is None


def test_what_is_written_is_read_back() -> None:
    bad = WarmupResult(50, 50, None, None, "503 Service Unavailable")
    assert [WarmupResult.parse(each.written()) for each in (GOOD, bad)] == [GOOD, bad]


def test_a_limit_that_is_just_met_is_kept() -> None:
    five_of_fifty = WarmupResult(50, 5, 0.1, 2.0, "x")
    assert objection(five_of_fifty, Warmup(path="/", max_error_percent=10, max_p95_seconds=2)) is None
    assert "at most 9.9 % may" in str(objection(five_of_fifty, Warmup(path="/", max_error_percent=9.9)))


def test_a_warm_up_that_sent_nothing_is_no_good_one() -> None:
    assert objection(WarmupResult(0, 0, None, None, None), Warmup(path="/")) is not None


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        (ReplacementSettings(), 0),
        (ReplacementSettings(warmup_duration_minutes=2), 120),
        (ReplacementSettings(warmup=Warmup(path="/", requests=9, concurrency=4, timeout_seconds=10)), 30),
        (ReplacementSettings(warmup_duration_minutes=2, warmup=Warmup(path="/", requests=1)), 120),
    ],
)
def test_the_longer_of_minutes_and_requests_is_the_bound(settings: ReplacementSettings, seconds: float) -> None:
    assert warmup_bound(settings) == seconds


def test_requests_are_expected_to_take_what_they_took_and_never_their_time_out() -> None:
    fifty = ReplacementSettings(warmup=Warmup(path="/"))

    assert warmup_seconds(fifty, each=2.0) == 26.0
    assert warmup_seconds(fifty, each=None) == 0.0
    assert warmup_seconds(ReplacementSettings(warmup_duration_minutes=1, warmup=Warmup(path="/")), each=2.0) == 60.0


def test_a_result_is_said_with_its_numbers() -> None:
    assert GOOD.words() == "50 requests, 0 failed; half of the answers within 0.84 s, 95 % within 2.1 s"
    assert WarmupResult(2, 2, None, None, "x").words() == "2 requests, 2 failed (first: x)"
