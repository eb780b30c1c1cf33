"""Which versions are there, how far is the replacement, and what belongs to a Workload?"""

import asyncio

import pytest

from inference_provider.errors import NotFound
from inference_provider.resources import workload_commands
from tests.functions.asker import Asker, objects
from tests.resources.outside import chat, llama, runtime
from tests.support.fake_controllers import Fate
from tests.support.fake_scheduler import MODEL, FakeScheduler


async def test_what_serves_and_what_is_kept_stand_beside_each_other(asker: Asker) -> None:
    first, second = await asker.twice()

    found = await asker.asks("getProtons", name="chat")

    kept, serving = objects(found, "protons")
    assert (kept["id"], kept["role"], kept["artifactId"]) == ("models/chat-r1", "retained", first)
    assert (serving["id"], serving["role"], serving["artifactId"]) == ("models/chat-r2", "active", second)
    assert (kept["number"], serving["number"]) == ("v1", "v2")
    assert kept["until"] is not None
    assert serving["endpoint"] == "http://chat-r2.models.svc.cluster.local"
    assert (serving["status"], serving["ready"], serving["creator"]) == ("running", 1, "ann")
    assert [(each["ready"], each["restarts"]) for each in objects(serving, "pods")] == [(True, 0)]


async def test_pods_say_where_they_are_and_which_gpus_they_hold(asker: Asker) -> None:
    FakeScheduler(asker.cluster, asker.outside.controllers, 8)
    await asker.made(runtime=runtime(replicas=2, gpu=2, gpuModel=MODEL))

    (proton,) = objects(await asker.asks("getProtons", name="chat"), "protons")

    assert [(each["node"], each["gpus"], each["model"]) for each in objects(proton, "pods")] == [
        ("gpu-1", 2, MODEL)
    ] * 2


async def test_a_replacement_under_way_is_told_with_what_comes(asker: Asker) -> None:
    await asker.made(artifact={"name": "llama"})
    newer = await asker.outside.artifact(llama("vllm/vllm:v2"), {})
    asker.outside.controllers.fate = lambda _: Fate(ready_after=200)
    work = asyncio.create_task(asker.outside.workload(chat(newer["versionId"]), {}))
    await asyncio.sleep(50)

    found = await asker.listens("getReplacement", name="chat")

    assert (found["revision"], found["status"], found["outcome"]) == ("r2", "initializing", None)
    assert found["candidateArtifactId"] == newer["versionId"]
    assert (found["candidateProtonIds"], found["switchedAt"]) == (["models/chat-r2"], None)
    assert found["protonStatuses"] == {"models/chat-r1": "running", "models/chat-r2": "launching"}
    await work


async def test_the_last_replacement_is_told_with_its_settings_and_any_other_by_its_revision(asker: Asker) -> None:
    first, second = await asker.twice()

    last = await asker.asks("getReplacement", name="chat")
    born = await asker.asks("getReplacement", name="chat", revision="r1")

    assert (last["kind"], last["status"], last["candidateArtifactId"]) == ("replacement", "completed", second)
    assert last["previousProtonIds"] == ["models/chat-r1"]
    config = last["config"]
    assert isinstance(config, dict)
    assert config["keepOldVersionMinutes"] == 60.0
    assert (born["kind"], born["candidateArtifactId"]) == ("create", first)


async def test_a_promotion_of_what_serves_is_no_replacement(asker: Asker) -> None:
    await asker.made(artifact={"name": "llama"})
    locked = await asker.outside.artifact(llama(status="locked"), {})
    await asker.outside.workload(chat(locked["versionId"]), {})

    found = await asker.asks("getReplacement", name="chat")

    assert [each["kind"] for each in objects(await asker.asks("getHistory", name="chat"), "history")] == [
        "promotion",
        "create",
    ]
    assert found["revision"] == "r1"
    with pytest.raises(NotFound, match=r"chat r2: there is no record of it. There are: r1"):
        await asker.asks("getReplacement", name="chat", revision="r2")


async def test_protons_versions_and_artifacts_belong_to_a_workload(asker: Asker) -> None:
    first, second = await asker.twice()

    found = await asker.asks("getRelated", name="chat")

    assert [(each["type"], each["id"], each["role"]) for each in objects(found, "related")] == [
        ("proton", "models/chat-r1", "retained"),
        ("proton", "models/chat-r2", "active"),
        ("artifact", first, None),
        ("artifact", second, None),
        ("artifact_repository", "models/llama", None),
    ]
    assert found["count"] == 5


async def test_an_undo_is_told_as_what_it_is(asker: Asker) -> None:
    await asker.twice()
    await workload_commands.undo(asker.outside.world(), "models", "chat", reason="slow")

    found = await asker.asks("getReplacement", name="chat")

    assert (found["kind"], found["revision"], found["status"]) == ("undo", "r3", "completed")


@pytest.mark.parametrize("function", ["getProtons", "getReplacement", "getRelated", "getHistory", "getEvents"])
async def test_of_a_workload_that_is_not_there_nothing_is_told(asker: Asker, function: str) -> None:
    with pytest.raises(NotFound, match="could not find Workload models/chat"):
        await asker.asks(function, name="chat")
