"""Which names are allowed, and that two different things never meet under one name."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inference_provider.domain import names
from inference_provider.domain.reference import VersionId
from inference_provider.errors import InputError

LABEL = st.from_regex(re.compile(r"[a-z]([-a-z0-9]{0,12}[a-z0-9])?", re.ASCII), fullmatch=True)
#: Names that look like the ones we make up are the dangerous ones.
TRICKY = st.lists(st.sampled_from(["a", "r1", "r2", "keep", "default"]), min_size=1, max_size=4).map("-".join)


def allowed(check: str, name: str) -> bool:
    try:
        return bool(getattr(names, check)(name))
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "1a", "a.b", "chat-r3", "x" * 51, "chat\n"])
def test_a_workload_name_that_cannot_be_an_endpoint_is_refused(name: str) -> None:
    assert not allowed("check_workload_name", name)


def test_a_name_of_thousands_of_characters_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="has 5000 characters; at most 50 are allowed") as caught:
        names.check_workload_name("w" * 5_000)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["a", "chat", "chat-r", "chat-r3x", "chat-r3-b", "x" * 50])
def test_a_workload_name_that_only_resembles_a_revision_is_allowed(name: str) -> None:
    assert allowed("check_workload_name", name)


def test_an_artifact_name_cannot_be_mistaken_for_a_version_of_another() -> None:
    assert allowed("check_artifact_name", "llama-3")
    assert not allowed("check_artifact_name", "llama-0123456789ab")
    assert names.artifact_content_name("llama", "0123456789ab") == "artifact-llama-0123456789ab"


def test_objects_are_named_after_workload_revision_and_group() -> None:
    assert names.proton_name("w", 3) == "w-r3"
    assert names.deployment_name("w", 3, "default", single=True) == "w-r3"
    assert names.deployment_name("w", 3, "default", single=False) == "w-r3-default"
    assert names.tombstone_name("w", 3) == "w-r3-keep"
    assert names.revision_record_name("w", 3) == "revision-w-r3"


def test_a_deployment_name_longer_than_kubernetes_allows_is_refused() -> None:
    assert len(names.deployment_name("w" * 50, 7, "g" * 9, single=False)) == 63
    with pytest.raises(InputError, match="longer than 63"):
        names.deployment_name("w" * 50, 7, "g" * 10, single=False)
    assert names.check_deployment_names("w" * 50, ["default"]) == []
    assert names.check_deployment_names("w" * 51, ["main", "workers"]) == [], "said of the Workload's own name"
    assert [index for index, _ in names.check_deployment_names("w" * 50, ["main", "workers"])] == [1]


def objects(workload: str, group: str) -> set[tuple[str, str]]:
    """Kind and name of what a Workload with this group makes in its first revisions."""
    made = {("Service", workload)}
    for revision in (1, 2):
        made |= {("Service", names.proton_name(workload, revision)), ("Job", names.tombstone_name(workload, revision))}
        made |= {("ConfigMap", names.revision_record_name(workload, revision))}
        made |= {("Deployment", names.deployment_name(workload, revision, group, single=one)) for one in (True, False)}
    return made


@given(LABEL | TRICKY, LABEL | TRICKY, LABEL | TRICKY, LABEL | TRICKY)
def test_objects_of_two_workloads_never_meet(workload: str, group: str, other: str, other_group: str) -> None:
    assume(workload != other)
    assume(all(allowed("check_workload_name", name) for name in (workload, other)))
    assume(all(allowed("check_group_name", name) for name in (group, other_group)))
    assert not objects(workload, group) & objects(other, other_group)


@given(st.integers(1, 10**8))
def test_a_revision_is_read_as_it_was_written(revision: int) -> None:
    assert names.parse_revision(names.revision_text(revision)) == revision


@pytest.mark.parametrize("text", ["7", "r", "r0", "r-1", "R7", "r07", "true"])
def test_what_is_no_revision_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="r7"):
        names.parse_revision(text)


def test_a_version_is_read_as_it_was_written() -> None:
    version = VersionId.parse("models/llama@0123456789ab")
    assert version == VersionId("models", "llama", "0123456789ab")
    assert str(version) == "models/llama@0123456789ab"


@pytest.mark.parametrize("text", ["llama", "models/llama"])
def test_a_bare_artifact_id_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?=.*never changes)(?=.*version_id)"):
        VersionId.parse(text)


@pytest.mark.parametrize("text", ["", "a/b@", "a/b@0123", "a/b@0123456789AB", "a/b/c@0123456789ab"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a version"):
        VersionId.parse(text)
