"""Records on a real API server: they outlive their Workload when they are to, and say when what runs gets a number."""

from inference_provider.manifests.kinds import CONFIG_MAP, POD
from inference_provider.resources.deleted import deleted
from inference_provider.resources.revision import history, revision
from tests.live.programs import artifact, server, workload
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
