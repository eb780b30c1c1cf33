"""Records outlive their Workload on request: nothing is half released, no number comes twice, no two lives mix."""

import contextlib
import json

import pytest

from inference_provider.converge import former, record
from inference_provider.converge.remove import delete
from inference_provider.errors import LockLost, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Body
from inference_provider.manifests.revision import revision_record
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_controllers import image_that_cannot_be_pulled


async def gone(stage: Stage, *, by: str | None = "ann") -> None:
    """The Workload is deleted."""
    await delete(stage.cluster, "models", "llama", incarnation=None, seconds=60, report=stage.heard, history_kept_by=by)


def left(stage: Stage) -> list[tuple[str, str | None, bool]]:
    """Every record: its name, the Workload that it outlived, whether anybody owns it."""
    return [
        (str(each["metadata"]["name"]), label(each, labels.FORMER), bool(each["metadata"].get("ownerReferences")))
        for each in stage.cluster.all_of(CONFIG_MAP)
    ]


async def test_records_go_with_their_workload_unless_they_are_to_stay(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await gone(stage, by=None)
    assert left(stage) == []

    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))
    life = stage.service()["metadata"]["uid"]
    await gone(stage)
    await gone(stage)  # what is gone may be deleted again

    assert left(stage) == [("revision-llama-r1", "llama", False), ("revision-llama-r2", "llama", False)]
    assert (annotation(stage.record(2), labels.LIFE), annotation(stage.record(2), labels.DELETED_BY)) == (life, "ann")
    assert annotation(stage.record(2), labels.DELETED_AT)
    assert stage.names(SERVICE) == []


async def test_a_later_life_counts_on_and_keeps_its_own_records_apart(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))
    await gone(stage)

    fleet = await stage.create(wanted("v1"))
    assert fleet.active is not None
    assert fleet.active.name == "r3"
    await stage.update(wanted("v2"))

    own = await record.all_records(stage.operation())
    assert sorted(each["metadata"]["name"] for each in own) == ["revision-llama-r3", "revision-llama-r4"]
    assert {annotation(each, labels.OUTCOME) for each in own} == {"completed"}
    await gone(stage)
    assert [name for name, _, _ in left(stage)] == [f"revision-llama-r{number}" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(1, 5))
async def test_a_deletion_that_is_killed_anywhere_is_brought_to_its_end_by_the_next(
    stage: Stage, write: int, *, after: bool
) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))
    await killed(stage, write, after=after)

    await gone(stage)

    assert [(former_of, owned) for _, former_of, owned in left(stage)] == [("llama", False)] * 2
    assert stage.names(SERVICE) == []


async def killed(stage: Stage, write: int, *, after: bool) -> None:
    """A deletion loses its lock at its ``write``-th write, which is done all the same or not."""
    stage.cluster.breaks_at, stage.cluster.breaks_after = stage.cluster.writes + write, after
    with contextlib.suppress(LockLost):
        await gone(stage)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2])
async def test_a_deletion_that_is_killed_and_not_wanted_any_more_has_lost_nothing(
    stage: Stage, write: int, *, after: bool
) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))
    await killed(stage, write, after=after)
    assert any(former_of for _, former_of, _ in left(stage)) == (write > 1 or after)

    fleet = await stage.update(wanted("v3"))

    assert fleet.active is not None
    assert fleet.active.name == "r3"
    assert [(former_of, owned) for _, former_of, owned in left(stage)] == [(None, True)] * 3
    assert annotation(stage.record(1), labels.DELETED_AT) is None
    assert label(stage.record(1), labels.WORKLOAD) == "llama"


async def test_a_replacement_that_nobody_brings_to_its_end_any_more_is_closed(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    await record.open_record(op, revision=await record.take_number(op), kind="replacement", template="t", facts={})

    await gone(stage)

    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"
    assert annotation(stage.record(2), labels.MESSAGE) == "the Workload was deleted meanwhile"
    assert json.loads(str(annotation(stage.record(2), labels.PHASES))).keys() == {"submitted", "errored"}


async def test_a_record_that_somebody_tidied_away_meanwhile_does_not_stop_the_deletion(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))

    def tidy() -> None:
        if [former_of for _, former_of, _ in left(stage)] == ["llama", None]:
            stage.cluster.remove(CONFIG_MAP, "models", "revision-llama-r2")

    stage.cluster.after_write.append(tidy)
    await gone(stage)

    assert left(stage) == [("revision-llama-r1", "llama", False)]


async def test_a_later_life_that_fails_at_once_leaves_what_is_on_record(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await gone(stage)
    stage.fate_of({"bad": image_that_cannot_be_pulled("vllm/bad")})

    with pytest.raises(RolloutFailed, match="Nothing of this first try is left"):
        await stage.create(wanted("bad"))

    assert left(stage) == [("revision-llama-r1", "llama", False)]
    fleet = await stage.create(wanted("v2"))
    assert [each.name for each in fleet.protons] == ["r2"]


def kept(workload: str, revision: int, *, at: str = "2031-05-04T03:00:00Z") -> Body:
    """A record that has outlived its Workload."""
    anchor: Body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": workload, "namespace": "m", "uid": "u"}}
    body = revision_record(anchor, workload=workload, revision=revision, kind="create", template="t", facts={})
    body["metadata"]["labels"][labels.FORMER] = workload
    body["metadata"]["annotations"][labels.DELETED_AT] = at
    return body


def test_of_each_name_the_lowest_numbers_go_beyond_fifty() -> None:
    held = [kept("llama", number) for number in range(1, 54)] + [kept("chat", 1)]

    assert [each["metadata"]["name"] for each in former.spare(held)] == [
        f"revision-llama-r{each}" for each in (1, 2, 3)
    ]


def test_of_a_namespace_those_go_that_were_deleted_first() -> None:
    held = [kept(f"pr-{number}", 1, at=f"2031-05-04T{number // 60:02}:{number % 60:02}:00Z") for number in range(502)]

    assert [each["metadata"]["name"] for each in former.spare(held)] == ["revision-pr-0-r1", "revision-pr-1-r1"]


@pytest.mark.parametrize("promoted", [False, True])
async def test_a_deletion_that_was_killed_closes_no_record_of_what_still_waits(stage: Stage, *, promoted: bool) -> None:
    await stage.create(wanted("v1", promotion="manual"))
    await stage.update(wanted("v2", promotion="manual"))
    await killed(stage, 2, after=True)
    assert annotation(stage.record(2), labels.OUTCOME) == "cancelled"

    await stage.update(wanted("v2", promotion="manual", promote="r2" if promoted else None))

    said = [annotation(stage.record(2), each) for each in (labels.PHASE, labels.OUTCOME, labels.MESSAGE)]
    ended = ["completed", "completed", "promoted by ann, in the program"]
    assert said == (ended if promoted else ["awaiting_promotion", None, None])
    passed = ["submitted", "initializing", "awaiting_promotion"]
    passed += ["switching", "cleaning_up", "completed"] if promoted else []
    assert [*json.loads(str(annotation(stage.record(2), labels.PHASES)))] == passed
    assert ("revision-llama-r2", None, True) in left(stage)
