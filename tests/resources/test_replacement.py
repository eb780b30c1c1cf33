"""A Replacement drives a Workload that leaves it to it: begun, promoted, called off, looked at, refused."""

import pytest

from inference_provider.errors import InferenceError
from inference_provider.resources import replacement, workload, workload_commands
from inference_provider.resources.registry import REPLACEMENT
from inference_provider.resources.replacement_plan import first_line, plan_line
from inference_provider.resources.world import Difference, Properties
from inference_provider.rollout.leftovers import leftovers
from inference_provider.seam import inquiry
from inference_provider.seam.unknowns import UNKNOWN
from tests.resources.outside import Outside, chat, llama, runtime

EXTERNAL: Properties = {"driver": "external", "keepOldVersionMinutes": 60.0}
CHAT = "models/chat"


def program(version: object, **more: object) -> Properties:
    """A Workload that is driven from outside."""
    return chat(version, namespace="models", replacement=EXTERNAL, **more)


def to(version: object, **settings: object) -> Properties:
    """A Replacement by this version."""
    return {"workloadId": CHAT, "candidateArtifactId": version, "keepOldVersionMinutes": 60.0, **settings}


async def serves(outside: Outside) -> tuple[Properties, object, object]:
    """The first version serves: outputs of its Workload, the first version, and a second one."""
    made = await outside.artifact(llama())
    out = await outside.workload(program(made["versionId"], runtime=runtime(replicas=2)))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    return out, made["versionId"], newer["versionId"]


async def created(outside: Outside, inputs: Properties) -> Properties:
    """Check and create a Replacement."""
    checked = await replacement.check(outside.world(), {}, inputs)
    assert not checked.faults, checked.faults
    identifier, outputs = await replacement.create(outside.world(), checked.inputs)
    assert identifier == CHAT
    return outputs


async def difference(outside: Outside, olds: Properties, news: Properties) -> Difference:
    """What a diff says, with a look at the cluster."""
    return replacement.diff(olds, news).and_found(await replacement.found(outside.world(), CHAT, olds))


async def test_a_replacement_has_a_warm_up_of_its_own(outside: Outside) -> None:
    _, _, second = await serves(outside)

    out = await created(outside, to(second, warmup={"path": "/v1/models", "requests": 20.0}))

    assert (out["status"], out["revision"]) == ("completed", "r2")
    assert "r2 is ready and warms up: 20 requests, 4 at a time" in outside.heard.statuses


async def test_a_replacement_rolls_its_workload_and_says_how_it_went(outside: Outside) -> None:
    _, _, second = await serves(outside)

    out = await created(outside, to(second))

    assert (out["status"], out["revision"], out["activeArtifactId"]) == ("completed", "r2", second)
    assert out["previousProtonIds"] == ["models/chat-r1"]
    assert out["protonStatuses"] == {"models/chat-r1": "running", "models/chat-r2": "running"}
    assert out["switchedAt"]
    assert out["keepOldUntil"]
    assert not (await difference(outside, out, to(second))).changes
    assert len([each for each in outside.pods() if "-r2-" in each]) == 2, "as many pods as its predecessor had"


async def test_the_workload_has_nothing_to_do_with_it(outside: Outside) -> None:
    before, first, second = await serves(outside)
    await created(outside, to(second))
    same = program(first, runtime=runtime(replicas=2))

    assert not workload.diff(before, program(second, runtime=runtime(replicas=2))).changes, "artifactId counts at birth"
    assert await workload.found(outside.world(), CHAT, before) == ()
    scaled = await outside.workload(program(first, runtime=runtime(replicas=3)), before)
    assert (scaled["revision"], scaled["readyReplicas"]) == ("r2", 3)
    seen = await workload.read(outside.world(), CHAT, {**before, **same})
    assert seen is not None
    assert seen["activeArtifactId"] == second


async def test_a_candidate_that_serves_already_is_completed_at_once(outside: Outside) -> None:
    _, first, _ = await serves(outside)
    out = await created(outside, to(first))
    assert (out["status"], out["revision"], out["activeArtifactId"]) == ("completed", "r1", first)


async def test_manual_promotion_succeeds_once_staged_and_switches_by_its_number(outside: Outside) -> None:
    _, first, second = await serves(outside)

    out = await created(outside, to(second, promotion="manual"))
    assert (out["status"], out["revision"], out["activeArtifactId"]) == ("awaiting_promotion", "r2", first)
    assert not (await difference(outside, out, to(second, promotion="manual"))).changes

    news = to(second, promotion="manual", promote="r2")
    assert (await difference(outside, out, news)).changed == ("promote",)
    out = await replacement.update(outside.world(), CHAT, news, out)
    assert (out["status"], out["activeArtifactId"]) == ("completed", second)


async def test_deleting_one_in_progress_calls_it_off(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second, promotion="manual"))

    await replacement.delete(outside.world(), CHAT, out)

    fleet = (await outside.world().workloads("models"))["chat"]
    assert [each.name for each in fleet.protons] == ["r1"]
    assert leftovers(fleet) == ()
    assert "the replacement of Workload models/chat was called off" in outside.heard.infos[-1]


async def test_deleting_one_that_is_done_changes_nothing(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second))
    before = outside.pods()

    await replacement.delete(outside.world(), CHAT, out)

    assert outside.pods() == before


async def test_deleting_an_old_one_does_not_call_off_the_next(outside: Outside) -> None:
    _, _, second = await serves(outside)
    old = await created(outside, to(second))
    third = await outside.artifact(llama("vllm/vllm:v3"), {**llama("vllm/vllm:v2"), "versionId": second})
    await created(outside, to(third["versionId"], promotion="manual"))
    before = outside.pods()

    await replacement.delete(outside.world(), CHAT, old)

    assert outside.pods() == before


async def test_a_workload_that_drives_itself_is_refused(outside: Outside) -> None:
    made = await outside.artifact(llama())
    await outside.workload(chat(made["versionId"], namespace="models"))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)

    with pytest.raises(InferenceError, match=r"its own program drives it. Set `replacement.driver: external`"):
        await created(outside, to(newer["versionId"]))

    await first_line(outside.world(), to(newer["versionId"]), ())
    assert "is driven by its own program so far" in outside.heard.warnings[-1]


async def test_a_workload_that_is_not_there_is_named(outside: Outside) -> None:
    made = await outside.artifact(llama())
    with pytest.raises(InferenceError, match="Workload models/chat"):
        await created(outside, to(made["versionId"]))


async def test_mistakes_are_named_with_their_property(outside: Outside) -> None:
    wrong: Properties = {"workloadId": "chat", "candidateArtifactId": "models/llama", "driver": "external"}
    found = {fault.path: fault.reason for fault in (await replacement.check(outside.world(), {}, wrong)).faults}
    assert "is not the id of a Workload" in found["workloadId"]
    assert "names an Artifact, not one of its versions" in found["candidateArtifactId"]
    assert "is said on the Workload" in found["driver"]


async def test_preview_says_what_rolls(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))

    said = await plan_line(outside.world(), out, to(second), await difference(outside, out, to(second)))

    assert said is not None
    assert said.startswith(f"Workload models/chat rolls from r1 ({first}) to {second} because of artifactId")


async def test_preview_says_what_the_creation_of_one_rolls(outside: Outside) -> None:
    _, first, second = await serves(outside)
    world = outside.world(previewing=True)

    checked = await inquiry.checked(REPLACEMENT, world, {}, to(first))
    assert not checked.faults
    assert outside.heard.infos == [], "that serves already"
    await inquiry.checked(REPLACEMENT, outside.world(), {}, to(second))
    await inquiry.checked(REPLACEMENT, world, to(first), to(second))
    assert outside.heard.infos == [], "said by its diff"
    await inquiry.checked(REPLACEMENT, world, {}, to(second))
    await inquiry.checked(REPLACEMENT, world, {}, to(UNKNOWN))
    await inquiry.checked(REPLACEMENT, world, {}, to(second) | {"workloadId": UNKNOWN})

    sure, vague = outside.heard.infos
    assert sure.startswith(f"Workload models/chat rolls from r1 ({first}) to {second} because of artifactId")
    assert vague.startswith(f"Workload models/chat may roll from r1 ({first})")


async def test_a_workload_that_is_not_known_yet_may_be_another_one(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))

    found = await inquiry.differing(REPLACEMENT, outside.world(), CHAT, out, {**to(second), "workloadId": UNKNOWN})

    assert found.replaces == ("workloadId",)


async def test_preview_counts_the_gpus_that_the_workload_has(outside: Outside) -> None:
    made = await outside.artifact(llama())
    await outside.workload(program(made["versionId"], runtime=runtime(replicas=2, gpu=4)))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    out = await created(outside, to(made["versionId"]))
    news = to(newer["versionId"])

    said = await plan_line(outside.world(), out, news, await difference(outside, out, news))

    assert said is not None
    assert "needs 8 × GPU (2 pods × 4)" in said


async def test_preview_does_not_say_that_a_stopped_workload_starts(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))
    await workload_commands.stop(outside.world(), "models", "chat")

    said = await plan_line(outside.world(), out, to(second), await difference(outside, out, to(second)))

    assert said is not None
    assert said.startswith(f"Workload models/chat rolls from r1 ({first}) to {second}")
    assert said.endswith("; it needs no GPUs")


async def test_an_undo_at_the_command_line_is_seen_and_held(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(second))
    await workload_commands.undo(outside.world(), "models", "chat", reason="slow")

    assert (await difference(outside, out, to(second))).found == ("r1 serves, and not r2",)
    after = await replacement.update(outside.world(), CHAT, to(second), out)
    assert after["activeArtifactId"] == first
    assert "stays as it is" in outside.heard.warnings[-1]


async def test_a_refresh_shows_what_became_of_it(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second, promotion="manual"))
    await workload_commands.promote(outside.world(), "models", "chat")

    seen = await replacement.read(outside.world(), CHAT, out)

    assert seen is not None
    assert (seen["status"], seen["activeArtifactId"]) == ("completed", second)
    assert str(seen["message"]).startswith("promoted by ")


async def test_a_workload_that_is_gone_takes_its_replacement_along(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second))
    await workload.delete(outside.world(), CHAT, {})

    assert await replacement.read(outside.world(), CHAT, out) is None
    await replacement.delete(outside.world(), CHAT, out)


async def test_back_to_its_own_program_rolls_to_what_that_names(outside: Outside) -> None:
    before, first, second = await serves(outside)
    await created(outside, to(second))
    own = chat(first, namespace="models", replacement={"keepOldVersionMinutes": 60.0}, runtime=runtime(replicas=2))
    seen = await workload.read(outside.world(), CHAT, before)
    assert seen is not None

    assert "artifactId" in workload.diff(seen, own).changed
    assert (await outside.workload(own, seen))["activeArtifactId"] == first
