"""The table of phases, and when a switch of traffic may go on."""

import pytest

from inference_provider.manifests.kinds import Body
from inference_provider.rollout.phases import FOLLOWING, Phase, may_follow
from inference_provider.rollout.switch import narrowed, ready_pod_uids, widened


def reachable(start: Phase) -> set[Phase]:
    """Every phase that can come after this one, and itself."""
    found, todo = {start}, [start]
    while todo:
        fresh = FOLLOWING[todo.pop()] - found
        found |= fresh
        todo.extend(fresh)
    return found


def test_every_phase_can_be_reached_and_every_beginning_has_an_end() -> None:
    assert set(FOLLOWING) == set(Phase)
    assert reachable(Phase.SUBMITTED) == set(Phase)
    assert all(reachable(phase) & {Phase.COMPLETED, Phase.ERRORED} for phase in Phase)


def test_a_finished_replacement_stays_what_it_is() -> None:
    for end in (Phase.COMPLETED, Phase.ERRORED):
        assert [phase for phase in Phase if may_follow(end, phase)] == [end]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (Phase.SUBMITTED, Phase.SWITCHING),
        (Phase.INITIALIZING, Phase.COMPLETED),
        (Phase.SWITCHING, Phase.DELETING),
        (Phase.CLEANING_UP, Phase.ERRORED),
        (Phase.SWITCHING, Phase.INITIALIZING),
    ],
)
def test_what_would_lie_about_traffic_cannot_be_written(now: Phase, then: Phase) -> None:
    assert not may_follow(now, then)


def pod(uid: str, *, ready: bool = True, leaving: bool = False) -> Body:
    """A pod as observed."""
    meta: Body = {"uid": uid} | ({"deletionTimestamp": "2031-05-04T03:00:00Z"} if leaving else {})
    return {"metadata": meta, "status": {"conditions": [{"type": "Ready", "status": str(ready)}]}}


def part(*uids: str, ready: bool = True) -> Body:
    """An EndpointSlice."""
    return {"endpoints": [{"conditions": {"ready": ready}, "targetRef": {"uid": uid}} for uid in uids]}


def uids(text: str) -> frozenset[str]:
    """One uid per letter."""
    return frozenset(text)


def test_pods_that_are_leaving_or_not_ready_are_not_waited_for() -> None:
    pods = [pod("a"), pod("b", ready=False), pod("c", leaving=True), {"metadata": {"uid": "d"}}]

    assert ready_pod_uids(pods) == {"a"}


def test_traffic_is_wide_when_both_versions_are_in_over_all_slices() -> None:
    both = [part("a"), part("b", "c")]

    assert widened(both, candidate=uids("bc"), active=uids("a"))
    assert not widened(both[:1], candidate=uids("bc"), active=uids("a"))
    assert not widened([part("a", "b"), part("c", ready=False)], candidate=uids("bc"), active=uids("a"))


def test_a_broken_active_does_not_block_its_own_repair() -> None:
    assert widened([part("b")], candidate=uids("b"), active=frozenset())


def test_a_candidate_without_ready_pods_never_counts_as_in() -> None:
    assert not widened([part("a")], candidate=frozenset(), active=uids("a"))


def test_traffic_is_narrow_when_nobody_else_is_listed() -> None:
    assert narrowed([part("b", "c")], wanted=uids("bc"), own=uids("bc"))
    assert not narrowed([part("b")], wanted=uids("bc"), own=uids("bc"))
    assert not narrowed([part("b", "c"), part("a", ready=False)], wanted=uids("bc"), own=uids("bc"))
    assert not narrowed([], wanted=frozenset(), own=frozenset())


def test_a_pod_of_the_same_version_that_is_not_ready_yet_does_not_hold_up_the_switch() -> None:
    slices = [part("b"), part("c", ready=False)]

    assert narrowed(slices, wanted=uids("b"), own=uids("bc"))
