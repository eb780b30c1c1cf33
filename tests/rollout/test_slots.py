"""Which pods a selector takes: one slot, or two neighbours, whoever else is alive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.manifests.labels import Traffic, only, pair, slot_labels

SLOTS = st.integers(min_value=0, max_value=10_000)


def selected(selector: dict[str, str], slots: list[int]) -> list[int]:
    """Those of many slots whose pods a selector takes."""
    return [slot for slot in slots if selector.items() <= slot_labels("llama", slot).items()]


@given(SLOTS, st.lists(SLOTS, max_size=30))
def test_one_slot_takes_that_one_of_many(slot: int, others: list[int]) -> None:
    everybody = sorted({slot, *others, slot + 1, slot + 2, max(0, slot - 1)})

    assert selected(only(slot).selector("llama"), everybody) == [slot]


@given(SLOTS, st.lists(SLOTS, max_size=30))
def test_a_pair_takes_exactly_two_neighbours_of_many(slot: int, others: list[int]) -> None:
    everybody = sorted({slot, slot + 1, slot + 2, max(0, slot - 1), *others})

    assert selected(pair(slot, slot + 1).selector("llama"), everybody) == [slot, slot + 1]
    assert pair(slot + 1, slot) == pair(slot, slot + 1)


@given(SLOTS)
def test_traffic_is_read_back_from_its_selector(slot: int) -> None:
    one, two = only(slot), pair(slot, slot + 1)

    assert Traffic.of(one.selector("llama")) == one
    assert Traffic.of(two.selector("llama")) == two
    assert (one.slots, two.slots) == ((slot,), (slot, slot + 1))


def test_pods_of_another_workload_are_never_taken() -> None:
    assert not only(3).selector("qwen").items() <= slot_labels("llama", 3).items()


def test_slots_that_are_not_neighbours_make_no_pair() -> None:
    with pytest.raises(ValueError, match="slots 1 and 3 are not neighbours"):
        pair(1, 3)


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"app": "mine"},
        {"pulumi-inference.dev/even": "one"},
        {"pulumi-inference.dev/even": "1", "pulumi-inference.dev/odd": "5"},
    ],
)
def test_a_selector_that_is_not_ours_names_no_slot(selector: dict[str, str]) -> None:
    assert Traffic.of(selector).slots == ()
