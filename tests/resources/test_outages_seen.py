"""A run was killed while nobody served, since the old version had made room: what is seen, and what puts it right."""

import asyncio
from collections.abc import Callable

import pytest

from inference_provider.errors import InferenceError
from inference_provider.resources import replacement, status, workload
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.support.fake_scheduler import MODEL, FakeScheduler

HARDWARE = runtime(replicas=2, gpu=2, gpuModel=MODEL)


async def until(outside: Outside, look: Callable[[], bool]) -> None:
    """Wait until a write has made something so."""
    seen = asyncio.Event()
    outside.cluster.after_write.append(lambda: seen.set() if look() else None)
    await seen.wait()


async def amid_an_outage(outside: Outside) -> Properties:
    """r1 has made room, and the run that asked for it is gone; the outputs from before that."""
    FakeScheduler(outside.cluster, outside.controllers, 4)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    olds = await outside.workload(chat(first["versionId"], runtime=HARDWARE))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    news = chat(second["versionId"], runtime=HARDWARE, replacement={"surge": "recreate"})
    run = asyncio.create_task(outside.workload(news, olds))
    await until(outside, lambda: outside.replicas("chat-r1") == 0)
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


async def test_a_preview_says_that_the_old_version_comes_back_before_room_is_sought(outside: Outside) -> None:
    olds = await amid_an_outage(outside)
    third = await outside.artifact(llama("vllm/vllm:v3"), {"name": "llama"})
    news = chat(third["versionId"], namespace="models", runtime=HARDWARE, replacement={"surge": "require"})

    await plan_line(outside.world(), olds, news, workload.diff(olds, news))

    assert outside.heard.warnings == [
        "r1 has made room for an earlier update: it is brought back first, then room is sought"
    ]


async def test_a_replacement_finds_room_as_a_workload_does(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 4)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    await outside.workload(chat(first["versionId"], runtime=HARDWARE, replacement={"driver": "external"}))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    asked: Properties = {"workloadId": "models/chat", "candidateArtifactId": second["versionId"], "runtime": HARDWARE}

    with pytest.raises(InferenceError, match=r"there is no room for the new version beside r1"):
        await replacement.create(outside.world(), {**asked, "surge": "require"})
    assert outside.replicas("chat-r1") == 2
    _, made = await replacement.create(outside.world(), {**asked, "surge": "recreate"})

    assert (made["status"], made["revision"], made["previousProtonIds"]) == ("completed", "r2", [])


async def test_a_workload_is_not_scaled_amid_the_outage_of_its_replacement(outside: Outside) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 4)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    program = chat(first["versionId"], runtime=HARDWARE, replacement={"driver": "external"})
    olds = await outside.workload(program)
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    asked: Properties = {"workloadId": "models/chat", "candidateArtifactId": second["versionId"], "runtime": HARDWARE}
    run = asyncio.create_task(replacement.create(outside.world(), {**asked, "surge": "recreate"}))
    await until(outside, lambda: outside.replicas("chat-r1") == 0)
    run.cancel()
    await asyncio.wait({run})

    await outside.workload(program, olds)

    assert outside.replicas("chat-r1") == 0
    assert "r1 has made room for another version, and is scaled when its Replacement is over" in outside.heard.warnings
