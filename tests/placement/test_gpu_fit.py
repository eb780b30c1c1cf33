"""Whether it fits, and what is said about it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.placement.capacity import NodeFree
from inference_provider.placement.fit import Demand, fits

H100, L4 = "NVIDIA-H100-80GB-HBM3", "NVIDIA-L4"


def nodes(*free: int, model: str = H100) -> list[NodeFree]:
    return [NodeFree(f"gpu-{number}", model, 8, 8 - count, 81559) for number, count in enumerate(free, start=1)]


@pytest.mark.parametrize(
    ("demand", "nodes_free", "free_and_missing", "sentence"),
    [
        (Demand(2, 2, H100), nodes(4, 2, 0), (6, 0), f"needs 4 × {H100} (2 pods × 2): 6 free on gpu-1, gpu-2"),
        (Demand(2, 2, H100), nodes(2), (2, 2), f"needs 4 × {H100} (2 pods × 2): 2 free on gpu-1; 2 missing"),
        (
            Demand(1, 4),
            nodes(3, 3),
            (6, 4),
            "needs 4 × GPU (1 pod × 4): 6 free on gpu-1, gpu-2; 4 missing, since the 4 of a pod must be on one node",
        ),
        (Demand(1, 1), nodes(0, 0), (0, 1), "needs 1 × GPU (1 pod × 1): none free on 2 nodes; 1 missing"),
        (Demand(1, 1, L4), nodes(8), (0, 1), f"needs 1 × {L4} (1 pod × 1): no usable node has such GPUs; 1 missing"),
        (
            Demand(1, 1, None, 90_000),
            nodes(8),
            (0, 1),
            "needs 1 × GPU with 90000 MiB (1 pod × 1): no usable node has such GPUs; 1 missing",
        ),
        (
            Demand(1, 1),
            nodes(*[1] * 7),
            (7, 0),
            "needs 1 × GPU (1 pod × 1): 7 free on gpu-1, gpu-2, gpu-3, gpu-4, gpu-5 and 2 more",
        ),
    ],
)
def test_the_sentence_has_the_numbers(
    demand: Demand, nodes_free: list[NodeFree], free_and_missing: tuple[int, int], sentence: str
) -> None:
    found = fits(demand, nodes_free)

    assert (found.gpus_free, found.missing) == free_and_missing
    assert (found.gpus_needed, found.fits) == (demand.gpus, found.missing == 0)
    assert found.sentence == sentence


def test_pods_that_wait_already_come_first() -> None:
    found = fits(Demand(1, 2, H100), nodes(3), [Demand(1, 2)])

    assert not found.fits
    assert found.sentence == (
        f"needs 2 × {H100} (1 pod × 2): 1 free on gpu-1 (2 more wanted by waiting pods); 2 missing"
    )


def test_waiting_pods_of_another_model_or_without_any_room_do_not_matter() -> None:
    assert fits(Demand(1, 2, H100), nodes(2), [Demand(4, 1, L4), Demand(1, 8)]).fits


def test_no_gpus_always_fit() -> None:
    assert fits(Demand(3, 0), []).fits


def can_be_packed(sizes: list[int], free: list[int]) -> bool:
    """Try every way to put every pod on every node."""
    for places in product(range(len(free)), repeat=len(sizes)):
        used = [sum(size for size, place in zip(sizes, places, strict=True) if place == at) for at in range(len(free))]
        if all(taken <= room for taken, room in zip(used, free, strict=True)):
            return True
    return False


FREE = st.lists(st.integers(0, 4), min_size=1, max_size=3)
DEMANDS = st.builds(Demand, st.integers(1, 3), st.integers(1, 4))


@given(DEMANDS, FREE)
def test_pods_of_one_size_fit_exactly_when_some_packing_exists(demand: Demand, free: list[int]) -> None:
    assert fits(demand, nodes(*free)).fits == can_be_packed([demand.gpus_per_pod] * demand.pods, free)


@given(DEMANDS, FREE, st.integers(1, 4))
def test_a_yes_beside_waiting_pods_is_a_real_packing(demand: Demand, free: list[int], waiting: int) -> None:
    sizes = [demand.gpus_per_pod] * demand.pods
    blocked = not can_be_packed([waiting], free)
    if fits(demand, nodes(*free), [Demand(1, waiting)]).fits:
        assert can_be_packed(sizes if blocked else [*sizes, waiting], free)


@given(DEMANDS, FREE)
def test_what_is_missing_is_what_would_make_it_fit(demand: Demand, free: list[int]) -> None:
    found = fits(demand, nodes(*free))
    pods_short, rest = divmod(found.missing, demand.gpus_per_pod)

    assert rest == 0
    assert fits(demand, nodes(*free, *[demand.gpus_per_pod] * pods_short)).fits
