"""Patience is a value with bounds."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from inference_provider.cluster.retry import ONCE, RetryPolicy
from inference_provider.errors import Forbidden, Unavailable

BUSY = Unavailable("read", kind="Pod", namespace="n", name="p", status=503)


def test_pauses_double_up_to_the_longest() -> None:
    assert list(islice(RetryPolicy(first=1.0, longest=5.0).pauses(), 5)) == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_definite_refusal_is_not_asked_again() -> None:
    refusal = Forbidden("read", kind="Pod", namespace="n", name="p", status=403)
    assert RetryPolicy().pause(refusal, planned=0.1, spent=0.0, draw=0.0) is None


def test_the_servers_wish_stretches_the_pause() -> None:
    wish = Unavailable("read", kind="Pod", namespace="n", name="p", status=429, retry_after=3.0)
    assert RetryPolicy().pause(wish, planned=0.1, spent=0.0, draw=0.0) == 3.0


def test_a_wish_beyond_the_patience_that_is_left_ends_it() -> None:
    wish = Unavailable("read", kind="Pod", namespace="n", name="p", status=429, retry_after=60.0)
    assert RetryPolicy(total=15.0).pause(wish, planned=0.1, spent=0.0, draw=0.0) is None


def test_a_server_may_be_away_for_a_minute() -> None:
    assert RetryPolicy().pause(BUSY, planned=4.0, spent=60.0, draw=0.99) is not None


def test_once_means_once() -> None:
    assert ONCE.pause(BUSY, planned=0.1, spent=0.0, draw=0.0) is None


@given(draws=st.lists(st.floats(0, 1, exclude_max=True), min_size=200, max_size=200), total=st.floats(0.1, 60))
def test_waiting_never_exceeds_the_total_and_always_ends(draws: list[float], total: float) -> None:
    policy, spent = RetryPolicy(total=total, first=0.5), 0.0
    for planned, draw in zip(policy.pauses(), draws, strict=False):
        pause = policy.pause(BUSY, planned=planned, spent=spent, draw=draw)
        if pause is None:
            break
        spent += pause
    else:
        raise AssertionError("still waiting after 200 attempts")
    assert spent <= total
