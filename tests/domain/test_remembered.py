"""The engine sends the same inputs several times: one model serves all these calls, and no mistake is ever missed."""

from collections.abc import Mapping

import pytest

from inference_provider.domain.faults import parse_workload
from inference_provider.domain.remembered import LONGEST, MODELS, Remembered
from inference_provider.errors import InputError

GIVEN: dict[str, object] = {"name": "chat", "artifactId": "ml/llama@aaaaaaaaaaaa", "tags": {"a": "1", "b": "2"}}


class _Counting:
    def __init__(self) -> None:
        self.made: list[Mapping[str, object]] = []

    def make(self, inputs: Mapping[str, object]) -> int:
        self.made.append(inputs)
        return len(self.made)


def test_the_same_inputs_in_another_order_give_the_model_that_was_made_of_them() -> None:
    assert parse_workload(GIVEN) is parse_workload(dict(reversed(GIVEN.items())))


def test_a_number_a_truth_and_a_text_are_different_inputs() -> None:
    remembered = Remembered(_Counting().make)

    assert len({remembered.of({"a": value}) for value in (1, 1.0, True, "1", None, [1])}) == 6


def test_a_mistake_is_told_every_time() -> None:
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            parse_workload({**GIVEN, "running": "yes"})
        assert [fault.path for fault in caught.value.faults] == ["running"]


def test_only_the_newest_are_kept_and_what_is_long_or_no_json_never_is() -> None:
    counting = _Counting()
    remembered = Remembered(counting.make)

    first = remembered.of({"n": 0})
    for number in range(1, MODELS):
        remembered.of({"n": number})
    kept = remembered.of({"n": 0})
    remembered.of({"n": MODELS})
    again = remembered.of({"n": 1})

    assert kept == first
    assert again == len(counting.made) == MODELS + 2
    for odd in ({"long": "x" * LONGEST}, {"bytes": b"x"}):
        assert remembered.of(odd) != remembered.of(odd)
