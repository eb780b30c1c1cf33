"""Values on their way between the engine and us."""

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.plugin.wire import OUTPUT, SECRET, SIGNATURE, Path, received, sent
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.strewn import ARCHIVE, ASSET

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
properties = st.dictionaries(st.text(min_size=1), trees, max_size=5)


@given(properties)
def test_what_is_sent_is_received(values: dict[str, object]) -> None:
    assert received(sent(values)).values == values


@given(properties, st.data())
def test_a_secret_anywhere_stays_secret_and_keeps_its_value(values: dict[str, object], data: st.DataObject) -> None:
    marked = data.draw(st.sets(st.sampled_from([*places(values), ("not there",)])))
    known = {path for path in marked if path in places(values) and at(values, path) != UNKNOWN}

    back = received(sent(values, marked))

    assert back.values == values
    assert back.secrets == known


#: Pulumi's marks, whole and damaged, in each other and around anything.
marks = st.sampled_from([SECRET, OUTPUT, ASSET[SIGNATURE], ARCHIVE[SIGNATURE], UNKNOWN, "", 3, None, {"mark": SECRET}])
marked_trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(), inner, max_size=3)
        | st.fixed_dictionaries({SIGNATURE: marks | inner}, optional={"value": inner, "mark": inner, "secret": scalars})
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1) | st.just(SIGNATURE), marked_trees, max_size=4))
def test_what_was_read_and_sent_back_is_read_as_the_same(values: dict[str, object]) -> None:
    once = received(sent(values))

    again = received(sent(once.values, once.secrets))

    assert again.values == once.values
    assert again.secrets == {path for path in once.secrets if at(once.values, path) != UNKNOWN}


@pytest.mark.parametrize("mark", [UNKNOWN, {SIGNATURE: SECRET, "value": UNKNOWN}, {"mark": UNKNOWN}])
def test_a_mark_that_is_not_known_is_no_value_that_will_be(mark: object) -> None:
    assert received(sent({"tags": {SIGNATURE: mark, "value": "a"}})).values == {"tags": {SIGNATURE: {"mark": ""}}}


def test_a_secret_is_marked_as_the_engine_marks_it() -> None:
    struct = sent({"env": {"TOKEN": "s3cret"}}, [("env", "TOKEN")])

    assert MessageToDict(struct) == {"env": {"TOKEN": {SIGNATURE: SECRET, "value": "s3cret"}}}


def test_what_is_pulumi_s_own_is_not_ours() -> None:
    assert received(sent({"name": "chat", "__defaults": []})).own == {"name": "chat"}


def places(value: object, path: Path = ()) -> list[Path]:
    """Every place in a tree of values, below its top."""
    if isinstance(value, dict):
        inside = [places(item, (*path, key)) for key, item in value.items()]
    elif isinstance(value, list):
        inside = [places(item, (*path, index)) for index, item in enumerate(value)]
    else:
        inside = []
    return [*([path] if path else []), *(each for found in inside for each in found)]


def at(value: object, path: Path) -> object:
    """The value at a place."""
    for step in path:
        if isinstance(value, list):
            assert isinstance(step, int)
            value = value[step]
        else:
            assert isinstance(value, dict)
            value = value[step]
    return value
