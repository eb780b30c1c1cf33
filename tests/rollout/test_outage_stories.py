"""There is room for one version only: the steps, in order, also when the run before was interrupted."""

from tests.rollout.model import PODS, Model


def serving() -> Model:
    """A version serves."""
    model = Model("A")
    model.settle()
    return model


def amid_an_outage(*steps: str) -> Model:
    """A run towards B that was interrupted after these steps."""
    model = serving()
    model.want("B", vacate=True)
    assert [type(model.take()).__name__.lower() for _ in steps] == list(steps)
    return model


def test_what_serves_ends_before_the_new_version_is_made() -> None:
    model = serving()
    model.want("B", vacate=True)

    assert model.settle() == ["vacate r1", "raise 1", "prove r2", "narrow r2", "retire r1", "done r2"]


def test_the_new_version_has_as_many_pods_as_the_one_that_made_room() -> None:
    model = amid_an_outage("vacate", "raise")
    rising = model.fleet().proton(2)

    assert rising is not None
    assert rising.replicas() == {"default": PODS}


def test_an_interrupted_outage_is_carried_on_also_without_asking_for_one() -> None:
    model = amid_an_outage("vacate", "raise")
    model.want("B")

    assert model.settle() == ["prove r2", "narrow r2", "retire r1", "done r2"]


def test_an_outage_that_nobody_wants_any_more_ends_before_anything_is_made() -> None:
    model = amid_an_outage("vacate")
    model.want("B")

    assert model.settle()[:3] == ["restore r1", "raise 1", "entomb r1"]


def test_a_reverted_outage_gives_the_gpus_back_first() -> None:
    model = amid_an_outage("vacate", "raise", "prove")
    model.want("A")

    assert model.settle() == ["retire r2", "restore r1", "done r1"]


def test_nobody_waits_for_promotion_while_nobody_serves() -> None:
    model = amid_an_outage("vacate", "raise")
    model.want("B", manual=True)

    assert model.settle()[:3] == ["retire r2", "restore r1", "raise 1"]


def test_what_made_room_is_not_gone_back_to_without_its_pods() -> None:
    model = amid_an_outage("vacate", "raise", "prove", "narrow")
    model.want("A")

    assert model.settle()[:2] == ["retire r1", "raise 2"]


def test_a_tombstone_that_was_made_before_the_outage_has_nothing_to_keep() -> None:
    model = serving()
    model.want("B")
    assert [type(model.take()).__name__ for _ in range(2)] == ["Raise", "Entomb"]
    model.want("B", vacate=True)

    assert model.settle() == ["vacate r1", "exhume r1", "prove r2", "narrow r2", "retire r1", "done r2"]
