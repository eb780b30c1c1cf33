"""What a Replacement says of its protons while the old version has made room for the new one."""

import asyncio

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import SERVICE
from inference_provider.resources import replacement, status, workload, workload_commands
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, llama
from tests.resources.test_outages_seen import HARDWARE, until
from tests.resources.test_replacement import CHAT, created, program, to
from tests.support.fake_controllers import Fate
from tests.support.fake_scheduler import FakeScheduler


async def killed_when(outside: Outside, revision: str) -> Properties:
    """A Replacement by way of an outage is killed as soon as this revision is the active one: what is seen then."""
    scheduler = FakeScheduler(outside.cluster, outside.controllers, 4)
    scheduler.load = {"vllm": Fate(ready_after=60)}
    first = await outside.artifact(llama("vllm/vllm:v1"))
    await outside.workload(program(first["versionId"], runtime=HARDWARE))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    run = asyncio.create_task(created(outside, to(second["versionId"], surge="recreate")))
    await until(outside, lambda: [each for each in outside.pods() if "-r2-" in each] != [])

    def strike() -> None:
        if annotation(outside.cluster.named(SERVICE, "chat"), labels.ACTIVE) == revision:
            outside.cluster.after_write.remove(strike)
            raise asyncio.CancelledError

    outside.cluster.after_write.append(strike)
    await asyncio.wait({run})
    seen = await replacement.read(outside.world(), CHAT, {"revision": "r2"})
    assert seen is not None
    return seen


async def test_what_has_made_room_is_interrupted_and_the_new_one_on_its_way(outside: Outside) -> None:
    seen = await killed_when(outside, "r1")
    assert seen["protonStatuses"] == {"models/chat-r1": "interrupted", "models/chat-r2": "launching"}
    assert seen["status"] == "initializing"


async def test_what_had_made_room_is_stopped_once_the_new_one_serves(outside: Outside) -> None:
    seen = await killed_when(outside, "r2")
    assert seen["protonStatuses"] == {"models/chat-r1": "stopped", "models/chat-r2": "running"}
    assert seen["status"] == "completed"


async def test_an_outage_whose_replacement_died_before_it_made_anything_is_named_and_can_be_undone(
    outside: Outside,
) -> None:
    FakeScheduler(outside.cluster, outside.controllers, 4)
    first = await outside.artifact(llama("vllm/vllm:v1"))
    before = await outside.workload(program(first["versionId"], runtime=HARDWARE))
    second = await outside.artifact(llama("vllm/vllm:v2"), first)
    run = asyncio.create_task(created(outside, to(second["versionId"], surge="recreate")))
    await until(outside, lambda: outside.pods() == [])
    run.cancel()
    await asyncio.wait({run})

    found = await workload.found(outside.world(previewing=True), CHAT, before)
    assert found == (), "no update of it would help"
    assert "r1 has made room for another version, which never took over" in outside.heard.warnings[-1]
    assert "`pulumi-inference cancel chat -n models` brings it back" in outside.heard.warnings[-1]
    told = await status.status(outside.world(), "models", "chat")
    assert told.unowned == (
        (
            "r1 has made room for another version, which never took over: its Replacement is under way, or died; "
            "`pulumi-inference cancel chat -n models` brings it back"
        ),
    )
    own = await replacement.found(outside.world(), CHAT, {})
    assert own == ("r1 has made room for another version, which never took over",)

    await workload_commands.cancel(outside.world(), "models", "chat")
    assert len(outside.pods()) == 2
    assert await replacement.found(outside.world(), CHAT, {}) == ()
