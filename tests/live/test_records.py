"""Records on a real API server: they outlive their Workload when they are to, and say when what runs gets a number."""

from inference_provider.manifests.kinds import CONFIG_MAP, POD
from inference_provider.resources.deleted import deleted
from inference_provider.resources.revision import history, revision
from tests.live.programs import artifact, runtime, server, workload
from tests.live.stand import Stand


async def test_records_outlive_their_workload_and_the_next_of_that_name_counts_on(stand: Stand) -> None:
    await stand.create(workload(await stand.version(artifact()), retainHistory=True))
    second = await stand.version(artifact(server("v2")))
    outputs = await stand.update(workload(second, retainHistory=True))
    await stand.delete(outputs)
    await stand.delete(outputs)  # what is gone may be deleted again

    assert await stand.names(POD) == []
    left = await deleted(stand.world(), stand.namespace)
    assert [(each.name, each.records, each.first, each.last) for each in left] == [("chat", 2, "r1", "r2")]
    assert (await revision(stand.world(), stand.namespace, "chat", 2)).deleted_at == left[0].deleted_at

    anew = await stand.create(workload(second))
    assert anew["revision"] == "r3"
    assert [each.revision for each in await history(stand.world(), stand.namespace, "chat")] == ["r3"]
    await stand.delete(anew)
    chosen = left[0].removal.rpartition(" ")[2]
    assert [each["metadata"]["name"] for each in await stand.objects(CONFIG_MAP, chosen)] == [
        "revision-chat-r1",
        "revision-chat-r2",
    ]


async def test_a_draft_that_serves_in_two_workloads_is_locked_and_recorded_and_restarts_nothing(stand: Stand) -> None:
    draft = await stand.artifact(artifact())
    for name in ("chat", "summaries"):
        await stand.create(workload(draft["versionId"], runtime(1, gpu=0), name=name))
    pods = await stand.pod_uids("r1")

    locked = await stand.artifact(artifact(status="locked"), draft)
    await stand.artifact(artifact(status="locked", description="the same"), locked)

    assert (locked["version"], locked["versionId"]) == (1, draft["versionId"])
    for name in ("chat", "summaries"):
        told = await history(stand.world(), stand.namespace, name)
        assert [(each.revision, each.kind, each.promotes, each.version) for each in told] == [
            ("r1", "create", None, None),
            ("r2", "promotion", "r1", 1),
        ]
    assert await stand.pod_uids("r1") == pods
    after = await stand.update(workload(locked["versionId"], runtime(1, gpu=0)))
    assert after["revision"] == "r1"
