"""Where a version finds its GPUs, and who would have to go for it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.manifests.kinds import Body
from inference_provider.manifests.priority import VALUES, priority_class, priority_class_name, value_of
from inference_provider.placement.fit import Demand
from inference_provider.placement.preemption import lower, places_promised, priority_of, victims_words
from inference_provider.placement.surge import Gpus, Judged, Room, fits_together, judge

H100, L4 = "NVIDIA-H100-80GB-HBM3", "NVIDIA-L4"
#: From the least harm to the most.
ORDER = list(Room)


def node(name: str, gpus: int, model: str = H100) -> Body:
    return {
        "metadata": {"name": name, "labels": {"nvidia.com/gpu.product": model}},
        "status": {
            "allocatable": {"nvidia.com/gpu": str(gpus)},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def pod(uid: str, gpus: int, *, on: str | None, **spec: object) -> Body:
    limits = {"limits": {"nvidia.com/gpu": str(gpus)}}
    place = {"nodeName": on} if on else {}
    meta = {"uid": uid, "name": uid, "namespace": "shop"}
    return {"metadata": meta, "spec": {"containers": [{"resources": limits}], **place, **spec}}


FULL = Gpus([node("gpu-1", 8)], [pod("serves", 4, on="gpu-1"), pod("kept", 2, on="gpu-1")], [])


def judged(*demands: Demand) -> Judged:
    return judge(demands, FULL, yielding=["kept"], active=["serves"])


@pytest.mark.parametrize(
    ("gpus", "room", "sentence"),
    [
        (2, Room.FREE, f"needs 2 × {H100} (1 pod × 2): 4 free on gpu-1"),
        (4, Room.KEPT, f"needs 4 × {H100} (1 pod × 4): 4 free on gpu-1"),
        (8, Room.ACTIVE, f"needs 8 × {H100} (1 pod × 8): 4 free on gpu-1; 8 missing"),
        (9, Room.NONE, f"needs 9 × {H100} (1 pod × 9): 4 free on gpu-1; 9 missing"),
    ],
)
def test_those_who_harm_nobody_give_way_first(gpus: int, room: Room, sentence: str) -> None:
    found = judged(Demand(1, gpus, H100))

    assert (found.room, found.sentence) == (room, sentence)


def test_what_is_missing_even_when_all_has_ended_is_said() -> None:
    assert judged(Demand(1, 9, H100)).without_active == f"needs 9 × {H100} (1 pod × 9): 8 free on gpu-1; 9 missing"


def test_two_groups_do_not_find_the_same_gpus() -> None:
    gpus = Gpus([node("gpu-1", 8)], [], [])

    first, second = fits_together([Demand(1, 5, H100), Demand(1, 4, H100)], gpus)

    assert (first.fits, second.fits) == (True, False)


def test_groups_with_other_gpus_do_not_stand_in_each_others_way() -> None:
    gpus = Gpus([node("gpu-1", 8), node("small", 1, L4)], [], [])

    assert all(each.fits for each in fits_together([Demand(1, 8, H100), Demand(1, 1, L4)], gpus))


def test_nothing_that_is_needed_always_finds_room() -> None:
    assert judged().room is Room.FREE


def test_our_own_waiting_pods_do_not_stand_in_their_own_way() -> None:
    gpus = Gpus([node("gpu-1", 2)], [], [pod("ours", 2, on=None)])

    assert judge([Demand(1, 2, H100)], gpus).room is Room.NONE
    assert judge([Demand(1, 2, H100)], gpus, ours=["ours"]).room is Room.FREE


SIZES = st.integers(min_value=1, max_value=4)
HELD = st.lists(st.tuples(SIZES, st.sampled_from(["other", "kept", "serves"])), max_size=6)


@given(HELD, st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=3), st.lists(SIZES, max_size=2))
def test_more_that_gives_way_never_makes_less_room(
    held: list[tuple[int, str]], wanted: list[tuple[int, int]], waiting: list[int]
) -> None:
    demands = [Demand(pods, gpus, H100) for pods, gpus in wanted]
    bound = [pod(f"{whose}-{i}", gpus, on=f"gpu-{i % 2}") for i, (gpus, whose) in enumerate(held)]
    gpus = Gpus(
        [node("gpu-0", 12), node("gpu-1", 12)], bound, [pod(f"w-{i}", size, on=None) for i, size in enumerate(waiting)]
    )
    kept, serves = _of(bound, "kept"), _of(bound, "serves")

    found = judge(demands, gpus, yielding=kept, active=serves)

    if found.room is not Room.NONE:
        assert sum(each.gpus for each in demands) <= _free(gpus, _ending(found.room, kept, serves)), "a real packing"
    more = judge(demands, gpus, yielding=[*kept, *serves], active=[])
    assert (more.room is Room.NONE) == (found.room is Room.NONE)
    assert ORDER.index(judge(demands, gpus, yielding=kept).room) >= ORDER.index(found.room)


def _of(bound: Sequence[Body], whose: str) -> list[str]:
    return [str(each["metadata"]["uid"]) for each in bound if str(each["metadata"]["uid"]).startswith(whose)]


def _ending(room: Room, kept: list[str], serves: list[str]) -> set[str]:
    return {*(kept if room is not Room.FREE else []), *(serves if room is Room.ACTIVE else [])}


def _free(gpus: Gpus, ending: set[str]) -> int:
    held = [each for each in gpus.bound if each["metadata"]["uid"] not in ending]
    return 24 - sum(int(each["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"]) for each in held)


def test_only_what_is_lower_and_holds_gpus_can_be_pushed_out() -> None:
    pods = [
        pod("less", 1, on="a", priority=10),
        pod("equal", 1, on="a", priority=100),
        pod("nothing", 0, on="a", priority=0),
        pod("nobody-said", 2, on="a"),
        pod("done", 1, on="a", priority=0) | {"status": {"phase": "Succeeded"}},
    ]

    assert [each["metadata"]["name"] for each in lower(pods, 100)] == ["less", "nobody-said"]


def test_a_pod_whose_priority_nobody_wrote_down_has_that_of_its_class() -> None:
    assert priority_of(pod("a", 1, on=None, priorityClassName="pulumi-inference-high")) == VALUES["high"]
    assert priority_of(pod("a", 1, on=None, priorityClassName="pulumi-inference-low-preempting")) == VALUES["low"]
    assert priority_of(pod("a", 1, on=None, priorityClassName="somebody-elses")) == 0


def test_a_place_is_promised_until_the_pod_has_it() -> None:
    promised = pod("a", 1, on=None) | {"status": {"nominatedNodeName": "gpu-2"}}
    there = pod("b", 1, on="gpu-3") | {"status": {"nominatedNodeName": "gpu-3"}}

    assert places_promised([promised, there, pod("c", 1, on=None)]) == ["gpu-2"]


def test_victims_are_named_by_workload() -> None:
    embed = {"labels": {"pulumi-inference.dev/workload": "embed"}}
    pods = [pod("x", 4, on="a"), pod("y", 4, on="b"), pod("train-0", 8, on="c")]
    for each in pods[:2]:
        each["metadata"] |= embed

    assert victims_words(pods) == "shop/embed (2 pods, 8 GPUs), shop/train-0 (1 pod, 8 GPUs)"


@pytest.mark.parametrize("importance", VALUES)
def test_only_the_classes_for_it_preempt_and_both_have_the_same_value(importance: str) -> None:
    plain, preempting = priority_class(importance), priority_class(importance, preempts=True)

    assert (plain["preemptionPolicy"], preempting["preemptionPolicy"]) == ("Never", "PreemptLowerPriority")
    assert plain["value"] == preempting["value"] == value_of(priority_class_name(importance, preempts=True))
    assert plain["metadata"]["name"] != preempting["metadata"]["name"]
