"""A draft that runs is locked: every Workload that it serves in gets a numbered record, and nothing restarts."""

import asyncio
import json

import pytest

from inference_provider.errors import Conflict, Forbidden
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import CONFIG_MAP, SERVICE, Kind
from inference_provider.resources import workload
from inference_provider.resources.history import Past
from inference_provider.resources.revision import as_recorded, history
from inference_provider.resources.status import status
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate


async def running(outside: Outside, *names: str) -> Properties:
    """A draft that serves in these Workloads; its outputs."""
    draft = await outside.artifact(llama())
    for name in names:
        await outside.workload(chat(draft["versionId"], name=name))
    return draft


async def locked(outside: Outside, olds: Properties) -> Properties:
    """The same, locked."""
    return await outside.artifact(llama(status="locked"), olds)


async def told(outside: Outside, name: str = "chat") -> list[Past]:
    """The promotions on record."""
    return [each for each in await history(outside.world(), "models", name) if each.kind == "promotion"]


async def test_every_workload_that_it_serves_in_says_so_and_no_pod_is_new(outside: Outside) -> None:
    draft = await running(outside, "chat", "summaries")
    pods = outside.pods()

    outputs = await locked(outside, draft)

    assert (outputs["version"], outputs["versionId"]) == (1, draft["versionId"])
    assert outside.pods() == pods
    for name in ("chat", "summaries"):
        [said] = await told(outside, name)
        assert (said.revision, said.promotes, said.version, said.who) == ("r2", "r1", 1, "ann")
        assert (said.outcome, said.artifact_id, said.message) == (
            "completed",
            draft["versionId"],
            "r1 is v1 now; nothing restarted",
        )
    seen = await status(outside.world(), "models", "chat")
    assert [(each.revision, each.number) for each in seen.versions] == [("r1", "v1")]
    assert "r1 of Workload models/chat is v1 now; nothing restarts" in outside.heard.infos


async def test_its_record_holds_all_that_is_known_of_what_serves(outside: Outside) -> None:
    await locked(outside, await running(outside, "chat"))
    first, second = (outside.cluster.named(CONFIG_MAP, f"revision-chat-r{number}") for number in (1, 2))

    assert second["immutable"] is True
    assert second["data"].items() >= {key: first["data"][key] for key in ("content", "images", "runtime")}.items()
    assert as_recorded(second).images == as_recorded(first).images
    assert second["data"]["kind"] == "promotion"
    assert second["metadata"]["ownerReferences"] == first["metadata"]["ownerReferences"]


async def test_locking_again_says_nothing_again(outside: Outside) -> None:
    outputs = await locked(outside, await running(outside, "chat"))
    await outside.artifact(llama(status="locked", description="the same"), outputs)

    assert len(await told(outside)) == 1


async def test_what_came_up_with_its_number_is_not_promoted(outside: Outside) -> None:
    outputs = await outside.artifact(llama(status="locked"))
    await outside.workload(chat(outputs["versionId"]))
    await outside.artifact(llama(status="locked", description="the same"), outputs)

    assert await told(outside) == []


async def test_a_draft_that_serves_nowhere_is_locked_and_nobody_is_told(outside: Outside) -> None:
    draft = await running(outside, "chat")
    newer = await outside.artifact(llama("vllm/vllm:v2"), draft)
    await outside.artifact(llama("vllm/vllm:v2", status="locked"), newer)

    assert await told(outside) == []


async def test_the_number_is_used_by_nobody_else_and_the_next_version_gets_the_next(outside: Outside) -> None:
    draft = await running(outside, "chat")
    outputs = await workload_outputs(outside, draft)
    await locked(outside, draft)
    newer = await outside.artifact(llama("vllm/vllm:v2"), draft)

    after = await outside.workload(chat(newer["versionId"]), outputs)

    assert after["revision"] == "r3"
    assert [each.kind for each in await history(outside.world(), "models", "chat")] == [
        "create",
        "promotion",
        "replacement",
    ]


async def workload_outputs(outside: Outside, draft: Properties) -> Properties:
    """What the stack knows of the Workload."""
    found = await workload.read(outside.world(), "models/chat", chat(draft["versionId"]))
    assert found is not None
    return found


async def test_it_does_not_wait_for_whoever_works_on_the_workload(outside: Outside) -> None:
    draft = await running(outside, "chat")
    outside.cluster.locked.add("models/chat")

    await locked(outside, draft)

    assert len(await told(outside)) == 1


async def test_a_replacement_under_way_goes_on_and_keeps_its_number(outside: Outside) -> None:
    draft = await running(outside, "chat")
    outputs = await workload_outputs(outside, draft)
    other = await outside.artifact({**llama("vllm/other:v1"), "name": "mistral"})
    outside.controllers.fate = lambda _: Fate(ready_after=40)
    rolling = asyncio.ensure_future(outside.workload(chat(other["versionId"]), outputs))
    there = asyncio.Event()
    outside.cluster.after_write.append(
        lambda: there.set() if any(name.startswith("chat-r2-") for name in outside.pods()) else None
    )
    await there.wait()

    await locked(outside, draft)
    after = await rolling

    assert after["revision"] == "r2"
    said = await history(outside.world(), "models", "chat")
    assert [(each.revision, each.kind, each.outcome) for each in said] == [
        ("r1", "create", "completed"),
        ("r2", "replacement", "completed"),
        ("r3", "promotion", "completed"),
    ]
    assert said[2].promotes == "r1"


async def test_of_two_that_take_a_number_at_once_one_takes_the_next(outside: Outside) -> None:
    draft = await running(outside, "chat")
    conflict = Conflict("patch", kind="Service", namespace="models", name="chat", said="it changed")
    outside.cluster.faults.append(Fault("patch", SERVICE, conflict))

    await locked(outside, draft)

    assert [each.revision for each in await told(outside)] == ["r2"]


@pytest.mark.parametrize(
    ("verb", "kind", "number"),
    [("list", SERVICE, "r2"), ("patch", SERVICE, "r2"), ("create", CONFIG_MAP, "r3")],  # r2 was taken, and used up
)
async def test_what_cannot_be_written_is_a_warning_and_written_by_the_next_run(
    outside: Outside, verb: str, kind: Kind, number: str
) -> None:
    draft = await running(outside, "chat")
    refusal = Forbidden(verb, kind=kind.name, namespace="models", name="chat", said="no right")

    def refuse() -> None:
        if outside.cluster.named(CONFIG_MAP, "artifact-llama")["data"]["status"] == "locked":
            outside.cluster.after_write.remove(refuse)
            outside.cluster.faults.append(Fault(verb, kind, refusal))

    outside.cluster.after_write.append(refuse)
    outputs = await locked(outside, draft)

    assert outputs["version"] == 1
    assert await told(outside) == []
    assert len(outside.heard.warnings) == 1
    await outside.artifact(llama(status="locked"), outputs)
    assert [(each.promotes, each.revision) for each in await told(outside)] == [("r1", number)]


async def test_it_has_nothing_to_go_through(outside: Outside) -> None:
    await locked(outside, await running(outside, "chat"))

    record = outside.cluster.named(CONFIG_MAP, "revision-chat-r2")
    assert json.loads(str(annotation(record, labels.PHASES))).keys() == {"completed"}
