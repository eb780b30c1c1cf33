"""What limits on tokens come to, in windows and weights that a gateway counts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.faults import parse_policy
from inference_provider.domain.policy import MaxTokens
from inference_provider.domain.token_limits import HIGHEST, TokenLimit, Unit
from inference_provider.errors import InputError


def policy(**limit: object) -> dict[str, object]:
    return {"name": "budget", "namespace": "models", "type": "maxTokens", "maxTokens": limit}


def limits(**limit: object) -> tuple[TokenLimit, ...]:
    parsed = parse_policy(policy(**limit)).max_tokens
    assert parsed is not None
    return parsed.limits


def faults(**limit: object) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        parse_policy(policy(**limit))
    return {each.path: each.reason for each in caught.value.faults}


def test_the_seeds_example_is_three_limits_a_minute() -> None:
    found = limits(
        granularity="minute", input=10000.0, output=5000.0, total=15000.0, ratioInputOverOutput=2.0, step=1.0
    )
    assert found == (
        TokenLimit("input", 10_000, "minute"),
        TokenLimit("output", 5_000, "minute"),
        TokenLimit("total", 30_000, "minute", input_weight=1, output_weight=2),
    )


#: What one would work out by hand: these many stretches are that window, and no others are.
BY_HAND: dict[tuple[str, int], Unit] = {
    ("second", 1): "second",
    ("second", 60): "minute",
    ("second", 3600): "hour",
    ("second", 86400): "day",
    ("minute", 1): "minute",
    ("minute", 60): "hour",
    ("minute", 1440): "day",
    ("hour", 1): "hour",
    ("hour", 24): "day",
    ("day", 1): "day",
}


@given(
    st.sampled_from(["second", "minute", "hour", "day"]),
    st.one_of(st.sampled_from([1, 24, 60, 1440, 3600, 86400]), st.integers(1, 100_000)),
)
def test_a_step_is_counted_where_there_is_such_a_window_and_refused_elsewhere(granularity: str, step: int) -> None:
    unit = BY_HAND.get((granularity, step))
    if unit is None:
        assert (
            "one second, minute, hour or day only"
            in faults(granularity=granularity, step=step, total=5)["maxTokens.step"]
        )
    else:
        assert limits(granularity=granularity, step=step, total=5) == (TokenLimit("total", 5, unit),)


@given(
    st.integers(1, 400),
    st.sampled_from([1, 2, 4, 5, 8, 10, 20, 40, 100]),
    st.integers(1, 10**6),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=8),
)
def test_what_passes_is_what_the_ratio_says_to_the_last_token(
    above: int, below: int, total: int, requests: list[tuple[int, int]]
) -> None:
    """Against the words of the policy: so many tokens of requests weigh as much as one of answers, in `total`."""
    ratio = Fraction(above, below)
    (found,) = limits(total=total, ratioInputOverOutput=float(ratio))
    spent = sum(Fraction(given) / ratio + taken for given, taken in requests)
    counted = sum(given * found.input_weight + taken * found.output_weight for given, taken in requests)
    assert (counted < found.most) == (spent < total)
    assert (counted > found.most) == (spent > total)


@pytest.mark.parametrize("ratio", [0.3333333333333333, 1234.5, 0.0001])
def test_weights_that_cannot_be_counted_are_refused_and_not_rounded(ratio: float) -> None:
    assert "more finely" in faults(total=1000, ratioInputOverOutput=ratio)["maxTokens.ratioInputOverOutput"]


def test_a_limit_that_is_too_high_to_count_is_refused() -> None:
    said = faults(total=2_000_000_000, ratioInputOverOutput=3)["maxTokens.ratioInputOverOutput"]
    assert str(HIGHEST) in said


def test_every_mistake_is_told_at_once() -> None:
    assert set(faults(step=7, total=5, ratioInputOverOutput=0.3333333333333333)) == {
        "maxTokens.step",
        "maxTokens.ratioInputOverOutput",
    }
    assert "maxTokens.granularity" in faults(granularity="week", step=2, total=5)


def test_without_a_ratio_both_kinds_weigh_the_same() -> None:
    assert MaxTokens(total=7).limits == (TokenLimit("total", 7, "minute"),)
    assert limits(total=7, ratioInputOverOutput=1.0) == (TokenLimit("total", 7, "minute"),)
