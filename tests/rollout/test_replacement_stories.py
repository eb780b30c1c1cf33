"""What happens in a replacement, step by step, from whatever is there."""

import pytest

from inference_provider.manifests import labels
from inference_provider.manifests.ownership import owner_reference
from inference_provider.rollout.fleet import Role
from inference_provider.rollout.leftovers import leftovers
from tests.rollout.model import Model, told


def running(*templates: str) -> Model:
    """A Workload that has been brought to each of the templates in turn."""
    model = Model()
    for template in templates:
        model.want(template)
        model.settle()
    return model


def test_the_first_proton_gets_traffic_once_it_is_proven() -> None:
    assert Model("A").settle() == ["raise 0", "prove r1", "narrow r1", "done r1"]


def test_nothing_happens_when_the_wanted_one_serves_alone() -> None:
    assert running("A").settle() == ["done r1"]


def test_an_update_goes_beside_the_old_one_and_keeps_it() -> None:
    model = running("A")
    model.want("B")

    assert model.settle() == [
        "raise 1",
        "entomb r1",
        "prove r2",
        "widen r1 r2",
        "narrow r2",
        "retain r1",
        "done r2",
    ]


def test_an_atomic_update_never_sends_traffic_to_both() -> None:
    model = running("A")
    model.want("B", atomic=True)

    assert model.settle() == ["raise 1", "entomb r1", "prove r2", "narrow r2", "retain r1", "done r2"]


def test_going_back_recalls_the_kept_one() -> None:
    model = running("A", "B")
    model.want("A")

    assert model.settle() == [
        "recall r1",
        "entomb r2",
        "prove r1",
        "widen r2 r1",
        "narrow r1",
        "retain r2",
        "exhume r1",
        "done r1",
    ]


def test_a_tombstone_whose_version_somebody_deleted_is_swept_away() -> None:
    model = running("A", "B")
    model.vanish(1)
    assert leftovers(model.fleet())[-1] == "the tombstone of r1 keeps nothing any more"

    assert model.settle() == ["sweep r1", "done r2"]


def test_a_tombstone_of_an_earlier_life_or_one_that_is_going_is_left_to_itself() -> None:
    model = running("A", "B")
    model.vanish(1)
    model.jobs[1]["metadata"]["deletionTimestamp"] = "2031-05-04T03:00:00Z"
    assert model.settle() == ["done r2"]

    del model.jobs[1]["metadata"]["deletionTimestamp"]
    model.jobs[1]["metadata"]["ownerReferences"][0]["uid"] = "another-life"
    assert model.settle() == ["done r2"]


def test_versions_of_an_earlier_workload_of_that_name_are_not_its_own() -> None:
    model = running("A", "B")
    model.jobs[1]["metadata"]["ownerReferences"][0]["uid"] = "another-life"
    assert [each.name for each in model.fleet().protons] == ["r2"]

    model.services[2]["metadata"]["ownerReferences"][0]["uid"] = "another-life"
    assert model.fleet().protons == ()


def test_forward_again_recalls_the_newer_one() -> None:
    model = running("A", "B", "A")
    model.want("B")

    assert model.settle()[0] == "recall r2"
    assert model.fleet().traffic == (1,)


def test_after_going_back_a_third_version_takes_the_place_of_the_second() -> None:
    model = running("A", "B", "A")
    model.want("C")

    assert model.settle()[:2] == ["retire r2", "raise 1"]


def test_the_third_in_a_row_ends_the_first() -> None:
    model = running("A", "B")
    model.want("C")

    story = model.settle()

    assert story[0] == "raise 2"
    assert story[-3:] == ["retain r2", "retire r1", "done r3"]


def test_farther_back_than_the_predecessor_is_a_new_proton() -> None:
    model = running("A", "B", "C")
    model.want("A")

    assert model.settle()[0] == "raise 3"


def test_back_after_the_kept_one_expired_is_a_new_proton() -> None:
    model = running("A", "B")
    model.expire(1)
    model.want("A")

    assert model.settle()[0] == "raise 2"


@pytest.mark.parametrize("steps", range(8))
def test_an_update_interrupted_after_any_step_is_carried_on(steps: int) -> None:
    model = running("A")
    model.want("B")
    for _ in range(steps):
        model.take()
    model.want("B")

    story = model.settle()

    assert story[-1] == "done r2"
    assert [proton.role for proton in model.fleet().protons] == [Role.RETAINED, Role.ACTIVE]


@pytest.mark.parametrize("steps", range(1, 5))
def test_an_update_reverted_before_the_switch_leaves_nothing_but_the_old_one(steps: int) -> None:
    model = running("A")
    model.want("B")
    for _ in range(steps):
        model.take()
    model.want("A")

    model.settle()

    assert [(proton.name, proton.role, proton.tombstone) for proton in model.fleet().protons] == [
        ("r1", Role.ACTIVE, None)
    ]
    assert model.fleet().traffic == (0,)


def test_a_half_switched_update_that_is_reverted_takes_its_traffic_back_first() -> None:
    model = running("A")
    model.want("B")
    for _ in range(4):
        model.take()
    model.want("A")

    assert model.settle() == ["narrow r1", "retire r2", "exhume r1", "done r1"]


def test_a_half_switched_update_to_something_else_takes_its_traffic_back_first() -> None:
    model = running("A")
    model.want("B")
    for _ in range(4):
        model.take()
    model.want("C")

    assert model.settle()[:3] == ["narrow r1", "retire r2", "raise 1"]


def test_a_switched_update_that_is_reverted_goes_back_to_the_running_pods() -> None:
    model = running("A")
    model.want("B")
    for _ in range(5):
        model.take()
    model.want("A")

    assert model.settle() == [
        "entomb r2",
        "prove r1",
        "widen r2 r1",
        "narrow r1",
        "retain r2",
        "exhume r1",
        "done r1",
    ]


def test_a_failed_candidate_that_is_kept_gives_its_place_to_the_next_try() -> None:
    model = running("A")
    model.want("B")
    model.take()
    model.keep_failed(2)
    assert [proton.role for proton in model.fleet().protons] == [Role.ACTIVE, Role.FAILED]

    assert model.settle()[:2] == ["retire r2", "raise 1"]


def test_a_failed_candidate_that_is_kept_hurts_nobody_when_the_program_is_reverted() -> None:
    model = running("A")
    model.want("B")
    model.take()
    model.keep_failed(2)
    model.want("A")

    assert model.settle() == ["done r1"]


def test_a_dying_candidate_is_waited_for_before_its_place_is_taken() -> None:
    model = running("A")
    model.want("B")
    model.take()
    model.condemn(2)

    assert model.settle()[:2] == ["retire r2", "raise 1"]


def test_an_active_proton_that_is_being_deleted_is_replaced_by_its_equal() -> None:
    model = running("A")
    model.condemn(1)

    assert model.settle()[0] == "raise 1"


def test_after_the_active_proton_was_deleted_the_wanted_one_is_made_anew() -> None:
    model = running("A")
    model.vanish(1)

    assert model.settle() == ["raise 0", "prove r2", "narrow r2", "done r2"]


def test_traffic_that_somebody_turned_away_is_put_right() -> None:
    model = running("A")
    model.anchor["spec"]["selector"] = {"app": "mine"}
    assert model.fleet().traffic == ()

    assert model.settle() == ["narrow r1", "done r1"]


def test_an_active_proton_that_a_tombstone_owns_is_brought_back() -> None:
    model = running("A")
    model.entomb(1)
    model.services[1]["metadata"]["ownerReferences"] = [owner_reference(model.jobs[1])]

    assert model.settle() == ["recall r1", "exhume r1", "done r1"]


def test_a_tombstone_that_expires_under_the_switch_costs_the_way_back_and_nothing_else() -> None:
    model = running("A")
    model.want("B")
    for _ in range(5):
        model.take()
    model.expire(1)

    assert model.settle() == ["retire r1", "done r2"]


def test_a_step_says_why_something_is_retired() -> None:
    model = running("A", "B")
    model.want("C")
    reasons = []
    for _ in range(8):
        step = model.take()
        reasons.append((told(step), getattr(step, "why", None)))

    assert ("retire r1", "only the immediate predecessor is kept") in reasons


def test_a_fleet_finds_its_protons_by_number_and_role() -> None:
    fleet = running("A", "B").fleet()

    kept = fleet.proton(1)
    assert kept is not None
    assert kept.buried
    assert fleet.of_role(Role.RETAINED) == [kept]
    assert fleet.proton(7) is None
    assert labels.ACTIVE in fleet.anchor["metadata"]["annotations"]
