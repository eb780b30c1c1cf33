"""The steps of manual promotion, in order."""

from tests.rollout.model import Model


def test_a_staged_version_waits_and_then_takes_over_by_its_number() -> None:
    model = Model("A")
    model.settle()
    model.want("B", manual=True)
    assert model.settle() == ["raise 1", "entomb r1", "prove r2", "exhume r1", "stage r2", "staged r2 beside r1"]

    model.want("B", manual=True, promote="r1")
    assert model.settle() == ["staged r2 beside r1"], "what was promoted is not what waits"

    model.want("B", manual=True, promote="r2")
    assert model.settle() == ["entomb r1", "prove r2", "widen r1 r2", "narrow r2", "retain r1", "done r2"]


def test_a_staged_version_goes_when_the_program_is_put_back() -> None:
    model = Model("A")
    model.settle()
    model.want("B", manual=True)
    model.settle()

    model.want("A", manual=True)

    assert model.settle() == ["retire r2", "done r1"]
