"""Names that must be ours, numbers that are never used twice, and the history that is written."""

import asyncio
import json
from dataclasses import replace

import pytest

from inference_provider.converge import record
from inference_provider.converge.claim import claim
from inference_provider.converge.deadline import Deadline
from inference_provider.errors import AlreadyExists, Conflict, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, change_operations
from inference_provider.manifests.kinds import CONFIG_MAP, JOB, SERVICE, Body
from inference_provider.manifests.revision import phase_notes, revision_record
from inference_provider.manifests.tombstone import tombstone
from inference_provider.rollout.phases import Phase
from tests.converge.stage import Stage
from tests.support.blueprints import wanted
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate
from tests.support.json_patch import applied


async def test_an_object_made_by_a_lost_request_is_taken_as_it_is(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    body = tombstone(stage.service(), workload="llama", revision=1, template="0123456789ab", seconds=5)
    first = await claim(stage.cluster, JOB, body)

    second = await claim(stage.cluster, JOB, body)

    assert first["metadata"]["uid"] == second["metadata"]["uid"]


async def test_an_object_of_an_earlier_life_of_the_workload_is_refused(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    body = tombstone(stage.service(), workload="llama", revision=1, template="0123456789ab", seconds=5)
    await claim(stage.cluster, JOB, body)
    body["metadata"]["ownerReferences"][0]["uid"] = "another-life"

    with pytest.raises(NameTaken, match="Job models/llama-r1-keep exists already, and it belongs to Workload llama"):
        await claim(stage.cluster, JOB, body)


@pytest.mark.parametrize(
    ("found", "whose"),
    [
        ({}, "it was not made by pulumi-inference"),
        ({"app.kubernetes.io/managed-by": "Helm"}, "it is managed by Helm"),
    ],
)
async def test_somebody_elses_object_is_refused_and_named(stage: Stage, found: Body, whose: str) -> None:
    stage.cluster.put(SERVICE, {"metadata": {"name": "llama", "namespace": "models", "labels": found}, "spec": {}})

    with pytest.raises(NameTaken, match=f"Service models/llama exists already, and {whose}"):
        await stage.create(wanted("v1"))

    with pytest.raises(NameTaken, match=whose):
        await stage.update(wanted("v1"))


async def test_an_unknown_namespace_is_said_before_anything_is_made(stage: Stage) -> None:
    first = wanted("v1")
    elsewhere = replace(first.blueprint, namespace="nowhere")

    with pytest.raises(NotFound, match="Create namespace nowhere first, or name another one"):
        await stage.create(replace(first, blueprint=elsewhere))


async def test_updating_what_is_gone_says_how_to_get_it_back(stage: Stage) -> None:
    with pytest.raises(NotFound, match=r"could not update .*it is gone.*`pulumi up` makes it anew"):
        await stage.update(wanted("v1"))


async def test_numbers_are_never_given_twice(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    conflict = Conflict("patch", kind="Service", namespace="models", name="llama", said="it changed")
    stage.cluster.faults.append(Fault("patch", SERVICE, conflict))

    numbers = [await record.take_number(stage.operation()) for _ in range(3)]

    assert numbers == [2, 3, 4]
    assert annotation(stage.service(), labels.LAST_REVISION) == "4"


async def test_a_workload_made_anew_passes_over_a_number_that_old_pods_still_bear(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    stage.cluster.pods_linger = True
    stage.cluster.remove(SERVICE, "models", "llama")
    assert stage.pods(1)
    asyncio.get_running_loop().call_later(30, stage.controllers.end_pods)

    fleet = await stage.create(wanted("v1"))

    assert fleet.active is not None
    assert fleet.active.name == "r2"
    assert len(fleet.active.pods) == 2
    assert annotation(stage.record(1), labels.OUTCOME) == "cancelled"


async def test_a_first_version_that_somebody_deleted_gets_another_number(stage: Stage) -> None:
    stage.fate_of({"v1": Fate(ready_after=50)})
    making = asyncio.create_task(stage.create(wanted("v1")))
    await stage.sees(lambda: stage.pods(1))
    stage.cluster.remove(SERVICE, "models", "llama-r1")

    fleet = await making

    assert [each.name for each in fleet.protons] == ["r2"]
    assert [annotation(stage.record(number), labels.OUTCOME) for number in (1, 2)] == ["cancelled", "completed"]


async def test_every_phase_of_a_replacement_is_written_with_its_time(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2"))

    held = stage.record(2)
    assert annotation(held, labels.OUTCOME) == "completed"
    phases = json.loads(str(annotation(held, labels.PHASES)))
    assert list(phases) == ["submitted", "initializing", "switching", "cleaning_up", "completed"]
    assert held["data"]["kind"] == "replacement"
    assert held["data"]["previous"] == "r1"
    assert held["data"]["actor"] == "ann"


async def test_going_back_takes_a_number_and_a_record_but_no_proton(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", keepOldVersionMinutes=5))
    await stage.update(wanted("v1"))

    held = stage.record(3)
    assert (held["data"]["kind"], held["data"]["backTo"]) == ("undo", "r1")
    assert annotation(held, labels.OUTCOME) == "completed"
    assert "llama-r3" not in stage.names(SERVICE)


async def test_the_record_says_who_let_a_version_through_by_the_program(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    await stage.update(wanted("v2", promotion="manual"))
    bo = replace(wanted("v2", promotion="manual", promote="r2"), facts={"actor": "deployer", "person": "bo"})
    await stage.update(bo)
    await stage.update(wanted("v3", promotion="automatic"))

    assert annotation(stage.record(2), labels.MESSAGE) == "promoted by bo, in the program"
    assert annotation(stage.record(3), labels.MESSAGE) is None


async def test_a_record_cannot_claim_what_did_not_happen(stage: Stage) -> None:
    await stage.create(wanted("v1"))

    with pytest.raises(ValueError, match="completed cannot become switching"):
        await record.enter(stage.operation(), stage.record(1), Phase.SWITCHING)


async def test_a_record_that_somebody_deleted_does_not_stop_the_replacement(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    made = await record.open_record(op, revision=7, kind="replacement", template="t", facts={})
    stage.cluster.remove(CONFIG_MAP, "models", "revision-llama-r7")

    assert await record.enter(op, made, Phase.INITIALIZING) == made


async def test_a_record_that_an_earlier_run_opened_is_carried_on(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    made = await record.open_record(op, revision=7, kind="replacement", template="t", facts={})
    further = await record.enter(op, made, Phase.INITIALIZING)

    again = await record.open_record(op, revision=7, kind="replacement", template="t", facts={})

    assert annotation(again, labels.PHASE) == annotation(further, labels.PHASE) == "initializing"


async def test_old_records_go_but_never_those_of_protons_that_live(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    for revision in range(2, 60):
        await record.open_record(op, revision=revision, kind="replacement", template="t", facts={})

    await record.prune(op, await record.all_records(op))

    left = sorted(int(name.removeprefix("revision-llama-r")) for name in stage.names(CONFIG_MAP))
    assert left == [1, *range(11, 60)]


async def cut_off_at_its_record(stage: Stage) -> Body:
    """A run took r2 and died; the request that makes its record, which is still on its way."""
    op = stage.operation()
    assert await record.take_number(op) == 2
    return revision_record(op.anchor(), workload="llama", revision=2, kind="replacement", template="t", facts={})


async def test_a_record_that_arrives_after_somebody_took_over_finds_its_name_taken(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    late = await cut_off_at_its_record(stage)

    await stage.update(wanted("v1"))

    with pytest.raises(AlreadyExists):
        await stage.cluster.create(CONFIG_MAP, late)
    held = stage.record(2)
    assert (annotation(held, labels.PHASE), annotation(held, labels.OUTCOME)) == ("errored", "cancelled")
    assert "before it had made anything" in str(annotation(held, labels.MESSAGE))
    assert annotation(stage.service(), labels.UNDER_WAY) is None


async def test_a_record_that_somebody_finds_open_is_closed_and_says_so(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    await record.open_record(op, revision=7, kind="replacement", template="t", facts={})
    served = await record.open_record(op, revision=8, kind="replacement", template="t", facts={})
    for phase in (Phase.INITIALIZING, Phase.SWITCHING, Phase.CLEANING_UP):
        served = await record.enter(op, served, phase)

    await stage.update(wanted("v2"))

    outcomes = [annotation(stage.record(number), labels.OUTCOME) for number in (2, 7, 8)]
    assert outcomes == ["completed", "cancelled", "completed"]
    assert "a later run found this record open" in str(annotation(stage.record(7), labels.MESSAGE))


async def test_a_record_that_its_old_writer_still_changes_is_closed_all_the_same(stage: Stage) -> None:
    await stage.create(wanted("v1"))
    op = stage.operation()
    template = wanted("v1").blueprint.template
    await record.open_record(op, revision=await record.take_number(op), kind="undo", template=template, facts={})

    def arrive() -> None:
        """Its last request, between two of ours."""
        seen = stage.record(2)
        if annotation(seen, labels.PHASE) == "initializing":
            notes = phase_notes(seen, Phase.SWITCHING, at="2031-05-04T03:00:00Z", outcome=None, message=None)
            stage.cluster.put(CONFIG_MAP, applied(seen, change_operations(seen, notes)))

    stage.cluster.after_write.append(arrive)
    await stage.update(wanted("v1"))

    assert json.loads(str(annotation(stage.record(2), labels.PHASES)))["switching"] == "2031-05-04T03:00:00Z"
    assert annotation(stage.record(2), labels.OUTCOME) == "completed"


async def test_a_deadline_counts_down_and_names_the_operation() -> None:
    deadline = Deadline.after("deleting Artifact models/llama", 90)

    assert deadline.left() == 90
    deadline.check("waiting")
    assert Deadline.after("x", 0).left() == 0
