"""What a preview does not know yet is taken out before anything is validated, and put back afterwards."""

from hypothesis import given
from hypothesis import strategies as st

from inference_provider.errors import Fault
from inference_provider.seam.unknowns import UNKNOWN, as_before, concerns_unknown, with_unknowns, without_unknowns

KEYS = st.sampled_from(["name", "spec", "env", "value"])
LEAVES = st.one_of(st.just(UNKNOWN), st.text(max_size=4), st.integers(), st.none(), st.booleans())
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
INPUTS = st.dictionaries(KEYS, VALUES, max_size=4)


def holds_unknown(value: object) -> bool:
    """Whether something in it is not known."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return value == UNKNOWN


@given(INPUTS)
def test_nothing_unknown_is_left_and_nothing_is_lost(inputs: dict[str, object]) -> None:
    known, paths = without_unknowns(inputs)

    assert not holds_unknown(known)
    assert bool(paths) == holds_unknown(inputs)
    assert with_unknowns(known, inputs, paths) == inputs


def test_the_paths_are_those_of_faults() -> None:
    inputs: dict[str, object] = {"spec": {"groups": [{"image": UNKNOWN}, {"image": "x"}]}, "artifactId": UNKNOWN}

    known, paths = without_unknowns(inputs)

    assert known == {"spec": {"groups": [{}, {"image": "x"}]}}
    assert set(paths) == {"spec.groups[0].image", "artifactId"}


def test_what_check_filled_in_stays_beside_what_is_unknown() -> None:
    inputs: dict[str, object] = {"artifactId": UNKNOWN, "name": "chat"}
    _, paths = without_unknowns(inputs)

    assert with_unknowns({"name": "chat", "endpoint": "http://chat"}, inputs, paths) == {
        "name": "chat",
        "endpoint": "http://chat",
        "artifactId": UNKNOWN,
    }


def test_a_fault_that_may_come_from_an_unknown_is_not_shown() -> None:
    paths = ("spec.groups[0].image", "artifactId")

    for path in ("artifactId", "spec.groups[0].image", "spec.groups", "spec", "", "spec.groups[0].image.tag"):
        assert concerns_unknown(Fault(path, "is required"), paths), path
    for path in ("name", "spec.groups[1].image", "spec.groups[0].name", "artifactIds"):
        assert not concerns_unknown(Fault(path, "is required"), paths), path


def test_what_is_unknown_counts_as_it_was_and_the_rest_as_it_is_wanted() -> None:
    olds: dict[str, object] = {"artifactId": "a@1", "groups": [{"count": 2, "cpu": 1}], "other": 1}
    news: dict[str, object] = {"artifactId": UNKNOWN, "groups": [{"count": UNKNOWN, "cpu": 4}, {"count": UNKNOWN}]}

    assert as_before(news, olds) == {"artifactId": "a@1", "groups": [{"count": 2, "cpu": 4}, {"count": None}]}
