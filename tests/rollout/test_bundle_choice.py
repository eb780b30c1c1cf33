"""Which bundle a version gets: the first that has room, what is there already keeps its own."""

from hypothesis import given
from hypothesis import strategies as st

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.pod import GPU, Hardware
from inference_provider.placement.surge import Gpus, Room, demands_of, judge
from inference_provider.rollout.bundles import Offer, first_with_room, pinned
from inference_provider.rollout.next_step import Goal
from tests.rollout.model import Model

MODELS = ("H100", "A100", "L4")
GROUPS = {"prefill": 1, "decode": 2}


def node(model: str, gpus: int) -> Body:
    """A node with GPUs of a model."""
    return {
        "metadata": {"name": model.lower(), "labels": {"nvidia.com/gpu.product": model}},
        "status": {
            "allocatable": {"nvidia.com/gpu": str(gpus)},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def offer(kinds: tuple[str, ...], gpus: int) -> Offer:
    """Each group on GPUs of its model."""
    each = {"server": {"limits": {GPU: str(gpus)}}}
    hardware = {group: Hardware(resources=each, gpu_models=(kind,)) for group, kind in zip(GROUPS, kinds, strict=True)}
    return Offer("-".join(kinds), dict(zip(GROUPS, kinds, strict=True)), hardware)


KINDS = st.tuples(st.sampled_from(MODELS), st.sampled_from(MODELS))


@given(
    st.lists(st.builds(offer, KINDS, st.integers(1, 4)), min_size=1, max_size=5, unique_by=lambda each: each.template),
    st.dictionaries(st.sampled_from(MODELS), st.integers(1, 12)),
)
def test_the_choice_is_the_first_whose_groups_find_room_together(offers: list[Offer], free: dict[str, int]) -> None:
    model = Model("A")
    model.settle()
    gpus = Gpus([node(name, count) for name, count in free.items()], [], [])

    found = first_with_room(offers, model.fleet(), Goal(""), counts=GROUPS, gpus=gpus)

    rooms = [judge(demands_of(each.hardware, GROUPS), gpus).room for each in offers]
    fitting = [each for each, room in zip(offers, rooms, strict=True) if room is Room.FREE]
    assert found.fits == bool(fitting)
    assert found.offer == (fitting or offers)[0]
    assert (found.words is None) == (rooms[0] is Room.FREE)
    passed = [each for each, _ in found.passed]
    assert passed == offers[: offers.index(found.offer)] if found.fits else passed == offers


@given(st.permutations(["A", "B", "C"]), st.sampled_from(["A", "B", "C"]), st.integers(0, 12))
def test_neither_what_serves_nor_what_is_under_way_changes_its_bundle(
    listed: list[str], serves: str, steps: int
) -> None:
    model = Model("Z")
    model.settle()
    model.want(serves)
    for _ in range(steps):
        model.take()
    fleet = model.fleet()
    begun = {each.template for each in fleet.protons} - {"Z"}

    assert pinned(fleet, Goal(""), listed) == (serves if begun else None)


def test_many_bundles_without_room_are_not_all_listed() -> None:
    offers = [offer((kind, other), 9) for kind in MODELS for other in MODELS]
    model = Model("A")
    model.settle()

    found = first_with_room(offers, model.fleet(), Goal(""), counts=GROUPS, gpus=Gpus([], [], []))

    assert found.words is not None
    assert found.words.startswith("waits for bundle prefill: H100, decode: H100, as none has room: prefill: H100,")
    assert found.words.endswith("; 6 more have no room")
