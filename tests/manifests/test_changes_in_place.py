"""What changes on objects that exist: small patches, and nothing once it is so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.manifests import artifact, labels
from inference_provider.manifests.anchor import (
    Face,
    anchor,
    endpoint,
    is_anchor,
    revise,
    switch_operations,
    traffic_of,
)
from inference_provider.manifests.annotations import annotation, change_operations, label, pointer, value_test
from inference_provider.manifests.kinds import JOB, Body
from inference_provider.manifests.ownership import (
    has_owner_kind,
    is_condemned,
    is_owned_by,
    move_operations,
    owner_of,
)
from inference_provider.manifests.revision import phase_notes
from inference_provider.manifests.tombstone import time_to_live
from tests.manifests.bodies import artifact_of, existing, one_group, proton_of, the_anchor
from tests.support.json_patch import PatchTestFailed, applied

KEYS = st.sampled_from(["mesh/inject", "a~b", "cloud.example/lb~type", "plain"])
MAPS = st.dictionaries(KEYS, st.text(max_size=5), max_size=4)
FACES = st.builds(
    Face,
    port=st.sampled_from([80, 8080]),
    service_type=st.sampled_from(["ClusterIP", "NodePort"]),
    service_annotations=MAPS,
    notes=st.dictionaries(
        st.sampled_from([labels.DISPLAY_NAME, labels.TAGS]), st.one_of(st.none(), st.text(max_size=5)), max_size=2
    ),
)


@given(FACES, FACES)
def test_once_a_face_is_shown_there_is_nothing_left_to_change(one: Face, other: Face) -> None:
    born = the_anchor(one)

    shown = applied(born, revise(born, other))

    assert revise(shown, other) == []
    shown_of_ours = {key: annotation(shown, key) for key in other.service_annotations}
    assert shown_of_ours == dict(other.service_annotations)
    assert not [
        key for key in one.service_annotations if key not in other.service_annotations if annotation(shown, key)
    ]


def test_annotations_of_others_stay() -> None:
    born = the_anchor(Face(service_annotations={"mesh/x": "on"}))
    born["metadata"]["annotations"]["kubectl/last"] = "theirs"

    shown = applied(born, revise(born, Face()))

    assert annotation(shown, "kubectl/last") == "theirs"
    assert annotation(shown, "mesh/x") is None
    assert annotation(shown, labels.SERVICE_ANNOTATIONS) is None


def test_what_the_server_fills_into_a_port_is_no_difference() -> None:
    born = the_anchor()
    born["spec"]["ports"][0]["nodePort"] = 30123

    assert revise(born, Face()) == []


def test_a_holder_whose_epoch_is_over_changes_nothing() -> None:
    stale = the_anchor(Face(notes={labels.EPOCH: "4"}))
    fresh = applied(stale, change_operations(stale, {labels.EPOCH: "5"}))

    patch = [value_test(labels.EPOCH, "4"), *switch_operations(stale, "llama", labels.only(1), active="r2")]
    with pytest.raises(PatchTestFailed):
        applied(fresh, patch)


def test_a_switch_writes_traffic_and_the_active_name_at_once() -> None:
    born = the_anchor()

    wide = applied(born, switch_operations(born, "llama", labels.pair(0, 1), active=None))
    narrow = applied(wide, switch_operations(wide, "llama", labels.only(1), active="r2"))

    assert (traffic_of(born).slots, traffic_of(wide).slots, traffic_of(narrow).slots) == ((0,), (0, 1), (1,))
    assert (annotation(wide, labels.ACTIVE), annotation(narrow, labels.ACTIVE)) == (None, "r2")


def test_an_anchor_is_known_by_its_labels() -> None:
    body = anchor("models", "llama", Face(), slot=0)

    assert is_anchor(body, "llama")
    assert not is_anchor(body, "qwen")
    assert not is_anchor({"metadata": {"name": "llama"}}, "llama")
    assert not is_anchor(proton_of(one_group())["service"], "llama")


def test_the_endpoint_says_its_port_only_when_it_must() -> None:
    assert endpoint("models", "llama", 80) == "http://llama.models.svc.cluster.local"
    assert endpoint("models", "llama", 8080) == "http://llama.models.svc.cluster.local:8080"


def test_an_object_moves_to_another_owner_only_if_it_is_the_very_same() -> None:
    service, owner = (
        existing(proton_of(one_group())["service"], "one"),
        existing({"metadata": {"name": "j"}}, "job-uid"),
    )
    owner |= {"apiVersion": "batch/v1", "kind": "Job"}

    moved = applied(service, move_operations(service, owner))

    assert is_owned_by(moved, owner)
    assert owner_of(moved) == {"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": "job-uid"}
    with pytest.raises(PatchTestFailed):
        applied(existing(service, "two"), move_operations(service, owner))


def test_a_bare_object_has_no_owner_no_labels_and_is_not_condemned() -> None:
    bare: Body = {"metadata": {}}

    assert owner_of(bare) is None
    assert not has_owner_kind(bare, JOB)
    assert not is_condemned(bare)
    assert (label(bare, "a"), annotation(bare, "a")) == (None, None)
    assert change_operations(bare, {"a": None}) == []
    assert pointer("a/b~c") == "/metadata/annotations/a~1b~0c"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8))
def test_a_locked_content_keeps_its_number_and_drafts_get_none(run: list[tuple[str, bool]]) -> None:
    head = artifact_of()["head"]
    numbers: dict[str, int] = {}
    for content, locked in run:
        status = "locked" if locked else "draft"
        head = artifact.revised_head(head, current=content, description="", kind="service", status=status, notes={})
        assert artifact.is_locked(head) is locked
        if locked:
            numbers.setdefault(content, len(numbers) + 1)
    assert {content: artifact.number_of(head, content) for content in numbers} == numbers
    assert artifact.numbers_of(head) == {number: content for content, number in numbers.items()}


def test_a_content_is_read_back_as_it_was_written() -> None:
    body = artifact_of()["content"]

    assert artifact.content_of_map(body) == {"type": "service"}
    assert artifact.images_of_map(body) == {"v": "v@sha256:1"}
    assert body["immutable"]


def test_a_head_is_known_by_its_labels_and_tells_its_birth() -> None:
    head = artifact.head("models", "llama", notes={labels.CREATED_AT: "2031-05-04T03:00:00Z"})

    assert artifact.is_head(head, "llama")
    assert not artifact.is_head(head, "qwen")
    assert not artifact.is_head({"metadata": {}}, "llama")
    assert artifact.created_at(head) == "2031-05-04T03:00:00Z"


def test_a_phase_keeps_the_time_at_which_it_was_first_entered() -> None:
    record: Body = {"metadata": {"annotations": {labels.PHASES: '{"submitted": "1"}'}}}

    notes = phase_notes(record, "errored", at="2", outcome="errored", message="x" * 5000)

    assert notes[labels.PHASES] == '{"submitted": "1", "errored": "2"}'
    assert len(str(notes[labels.MESSAGE])) == 2000
    assert phase_notes(record, "submitted", at="3", outcome=None, message=None)[labels.PHASES] == '{"submitted": "1"}'


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_tombstone_never_lives_shorter_than_asked(age: float, keep: float) -> None:
    assert age + keep - 0.01 <= time_to_live(age, keep) <= age + keep + 1
