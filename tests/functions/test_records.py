"""What has happened so far?"""

import pytest

from inference_provider.errors import Forbidden, InputError, NotFound
from inference_provider.manifests.kinds import EVENT
from inference_provider.manifests.labels import PHASES
from inference_provider.resources import workload
from tests.functions.asker import Asker, objects
from tests.resources.outside import llama
from tests.support.fake_cluster import Fault

#: Every field of Run:ai's revision (seed 004).
RUNAI = {
    "type",
    "name",
    "id",
    "workloadId",
    "tenantId",
    "clusterId",
    "projectId",
    "departmentId",
    "createdAt",
    "deletedAt",
    "requestedNodePools",
    "currentNodePools",
    "runningPods",
    "images",
    "command",
    "arguments",
    "phase",
    "phaseMessage",
    "phaseUpdatedAt",
}


async def test_the_history_begins_with_the_newest(asker: Asker) -> None:
    first, second = await asker.twice()

    found = await asker.asks("getHistory", name="chat", limit=1)

    (newest,) = objects(found, "history")
    assert (newest["revision"], newest["kind"], newest["artifactId"], newest["previous"]) == (
        "r2",
        "replacement",
        second,
        "r1",
    )
    assert (found["totalCount"], found["nextOffset"]) == (2, 1)
    (oldest,) = objects(await asker.asks("getHistory", name="chat", offset=1), "history")
    assert (oldest["artifactId"], oldest["who"]) == (first, "ann")


async def test_revisions_have_every_field_of_run_ai_and_are_counted(asker: Asker) -> None:
    await asker.twice()

    found = await asker.asks("getRevisions", name="chat")

    newest, oldest = objects(found, "revisions")
    assert newest.keys() >= RUNAI
    assert found["totalCount"] == 2
    assert (newest["tenantId"], newest["departmentId"]) == (None, None), "what a cluster cannot have"
    assert (newest["projectId"], newest["runningPods"], newest["role"]) == ("models", 1, "active")
    assert (oldest["phase"], oldest["runningPods"], oldest["role"]) == ("completed", 1, "retained")
    assert oldest["deletedAt"] is None


async def test_what_a_deleted_workload_has_left_is_asked_for_by_itself(asker: Asker) -> None:
    outputs = await asker.made(retainHistory=True)
    await asker.asks("getRevisions", name="chat")
    with pytest.raises(NotFound, match="no earlier one of that name has left records"):
        await asker.asks("getRevisions", name="chat", deleted=True)
    await workload.delete(asker.outside.world(), "models/chat", {**outputs, "retainHistory": True})

    (left,) = objects(await asker.asks("getRevisions", name="chat", deleted=True), "revisions")

    assert (left["revision"], left["runningPods"]) == ("r1", 0)
    assert left["deletedAt"] is not None
    with pytest.raises(NotFound, match="it was deleted"):
        await asker.asks("getRevisions", name="chat")
    one = await asker.asks("getRevision", name="chat", revision="r1")
    assert (one["workload"], one["deletedAt"]) == ("chat", left["deletedAt"])


async def test_one_revision_is_told_with_what_ran_and_without_any_secret(asker: Asker) -> None:
    content = llama(secretEnv={"TOKEN": "hunter2"})
    await asker.made(artifact={**content, "name": "llama"})

    found = await asker.asks("getRevision", name="chat", revision="r1")

    (container,) = objects(found, "containers")
    assert (container["name"], container["primary"], container["command"]) == ("vllm", True, None)
    assert found["writtenImages"] == {"vllm/vllm:v1": container["image"]}
    assert (found["resourceUrn"], found["kind"]) == (asker.outside.world().urn, "create")
    phases = found["phases"]
    assert isinstance(phases, dict)
    assert list(phases)[-1] == "completed"
    assert "hunter2" not in str(found)


async def test_a_record_of_another_release_is_told_as_far_as_it_can_be_read(asker: Asker) -> None:
    await asker.made()
    asker.rewritten("chat-r1", {"content": "torn", "runtime": "[]"}, {PHASES: "{"})

    found = await asker.asks("getRevision", name="chat", revision="r1")

    assert (found["spec"], found["runtime"], found["containers"], found["phases"]) == (None, None, [], {})


async def test_a_revision_that_never_was_is_an_error_that_names_the_others(asker: Asker) -> None:
    await asker.twice()

    with pytest.raises(NotFound, match="There are: r1, r2"):
        await asker.asks("getRevision", name="chat", revision="r9")
    with pytest.raises(InputError, match="a revision is written as in the output `revision`: r7"):
        await asker.asks("getRevision", name="chat", revision="9")
    with pytest.raises(InputError, match="a revision is written as"):
        await asker.asks("getRevision", name="chat", revision="r" + "9" * 5000)


async def test_events_begin_with_the_newest_and_say_what_could_not_be_read(asker: Asker) -> None:
    await asker.made()
    refusal = Forbidden("list", kind="Event", namespace="models", name="*", said="no right")
    asker.cluster.faults.append(Fault("list", EVENT, refusal))

    found = await asker.asks("getEvents", name="chat")

    assert [each["said"] for each in objects(found, "events")][:1] == ["create completed"]
    assert objects(found, "events")[-1]["said"] == "create ordered by ann"
    assert found["unseen"] == ["no right to list events in namespace models: only our own records are shown"]
