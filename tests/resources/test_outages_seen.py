"""A run was killed while nobody served, since the old version had made room: what is seen, and what puts it right."""

import asyncio

from inference_provider.resources import status, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import MODEL, FakeScheduler

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)


async def amid_an_outage(outside: Outside) -> Properties:
    """r1 has made room, and the run that asked for it is gone; the outputs from before that."""
    FakeScheduler(outside.cluster, outside.controllers, 4)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    olds = await outside.workload(chat(first["versionId"], runtime=HARDWARE))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    news = chat(second["versionId"], runtime=HARDWARE, replacement={"surge": "recreate"})
    run = asyncio.create_task(outside.workload(news, olds))
    gone = asyncio.Event()
    outside.cluster.after_write.append(lambda: gone.set() if outside.replicas("chat-r1") == 0 else None)
    await gone.wait()
    run.cancel()
    await asyncio.wait({run})
    return olds


async def test_an_outage_is_not_called_a_stop(outside: Outside) -> None:
    olds = await amid_an_outage(outside)

    seen = await workload.read(outside.world(), "models/chat", olds)
    told = await status.status(outside.world(), "models", "chat")

    assert seen is not None
    assert (seen["status"], seen["readyReplicas"]) == ("interrupted", 0)
    assert seen["statusMessage"] == "r1 has made room for another version, and nobody serves"
    assert seen["runtime"] == olds["runtime"], "a refresh does not take the outage for a wish"
    assert (told.wanted, told.status) == (2, "interrupted")
    assert "r1 has made room for another version, which never took over" in told.disorder


async def test_a_program_that_was_put_back_sees_that_there_is_something_to_do(outside: Outside) -> None:
    olds = await amid_an_outage(outside)

    assert "r1 has made room for another version, which never took over" in await workload.found(
        outside.world(), "models/chat", olds
    )
    again = await outside.workload(chat(olds["artifactId"], runtime=HARDWARE), olds)

    assert (again["revision"], again["readyReplicas"], again["status"]) == ("r1", 2, "running")
    assert await workload.found(outside.world(), "models/chat", again) == ()
