"""A version that waits for promotion, as outputs, differences and previews show it."""

from inference_provider.resources import workload, workload_commands
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Difference, Properties
from tests.resources.outside import Outside, chat, llama

SETTINGS: Properties = {"keepOldVersionMinutes": 60.0, "promotion": "manual"}


def program(version: object, *, promote: str | None = None, **settings: object) -> Properties:
    """A Workload with manual promotion."""
    named = {"promote": promote} if promote else {}
    return chat(version, namespace="models", replacement={**SETTINGS, **named, **settings})


async def difference(outside: Outside, olds: Properties, news: Properties) -> Difference:
    """What a diff says, with a look at the cluster."""
    return workload.diff(olds, news).and_found(await workload.found(outside.world(), "models/chat", olds))


async def foretold(outside: Outside, olds: Properties, news: Properties) -> str:
    """What a preview says."""
    return await plan_line(outside.world(), olds, news, await difference(outside, olds, news)) or ""


async def staged(outside: Outside) -> tuple[Properties, Properties, Properties]:
    """r1 serves, r2 waits: the outputs of r1 alone, those with r2, and the inputs of the first version."""
    made = await outside.artifact(llama())
    first = program(made["versionId"])
    before = await outside.workload(first)
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    return before, await outside.workload(program(newer["versionId"]), before), first


async def test_outputs_say_what_serves_and_what_waits(outside: Outside) -> None:
    _, out, _ = await staged(outside)

    assert (out["revision"], out["candidateProtonIds"]) == ("r1", ["models/chat-r2"])
    assert out["activeArtifactId"] != out["artifactId"]
    rollout = out["rollout"]
    assert isinstance(rollout, dict)
    assert (rollout["status"], rollout["revision"]) == ("awaiting_promotion", "r2")
    assert str(rollout["message"]).startswith("r2 waits for promotion since 20")


async def test_the_same_program_has_no_difference_while_one_waits_nor_after_a_refresh(outside: Outside) -> None:
    _, out, _ = await staged(outside)
    same = program(out["artifactId"])

    assert not (await difference(outside, out, same)).changes
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    assert not (await difference(outside, seen, same)).changes


async def test_a_roll_says_that_it_will_wait(outside: Outside) -> None:
    made = await outside.artifact(llama())
    before = await outside.workload(program(made["versionId"]))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)

    assert (await foretold(outside, before, program(newer["versionId"]))).endswith("; it then waits for promotion")


async def test_preview_foretells_the_promotion(outside: Outside) -> None:
    _, out, _ = await staged(outside)

    said = await foretold(outside, out, program(out["artifactId"], promote="r2"))

    assert said.startswith("Workload models/chat switches: r2 (models/llama@")
    assert said.endswith("takes over from r1: its pods run already, no load, no further GPUs")


async def test_preview_says_that_a_stale_promotion_does_nothing(outside: Outside) -> None:
    _, out, _ = await staged(outside)

    said = await foretold(outside, out, program(out["artifactId"], promote="r1"))

    assert "goes on waiting; replacement.promote names r1, which is not what waits; r1 serves" in said


async def test_preview_says_that_putting_the_program_back_cancels(outside: Outside) -> None:
    _, out, first = await staged(outside)

    said = await foretold(outside, out, first)
    after = await outside.workload(first, out)

    assert said.endswith("is cancelled and removed; r1 serves on")
    assert after["candidateProtonIds"] == []
    assert not (await difference(outside, after, first)).changes


async def test_preview_says_that_a_third_version_would_be_refused(outside: Outside) -> None:
    _, out, _ = await staged(outside)
    made = {**llama("vllm/vllm:v2"), "versionId": out["artifactId"]}
    third = await outside.artifact(llama("vllm/vllm:v3"), made)

    assert "would be refused: r2" in await foretold(outside, out, program(third["versionId"]))
    pushing = await foretold(outside, out, program(third["versionId"], onConflict="supersede"))
    assert "rolls from r1" in pushing


async def test_a_run_that_was_killed_once_it_had_staged_is_seen_by_the_reverted_program(outside: Outside) -> None:
    before, _, first = await staged(outside)

    found = (await difference(outside, before, first)).found

    assert found == ("r2 waits for promotion, and the stack does not know of it",)
    after = await outside.workload(first, before)
    assert after["candidateProtonIds"] == []


async def test_a_promotion_at_the_command_line_is_seen_and_followed_by_the_program(outside: Outside) -> None:
    _, out, _ = await staged(outside)
    same = program(out["artifactId"])

    await workload_commands.promote(outside.world(), "models", "chat")

    assert (await difference(outside, out, same)).found == ("r2 serves, and the stack knows of r1 only",)
    after = await outside.workload(same, out)
    assert (after["revision"], after["activeArtifactId"]) == ("r2", out["artifactId"])
    assert not (await difference(outside, after, same)).changes


async def test_what_waited_and_was_cancelled_by_hand_is_missed(outside: Outside) -> None:
    _, out, _ = await staged(outside)
    same = program(out["artifactId"])

    await workload_commands.cancel(outside.world(), "models", "chat")

    assert "r2, which waited for promotion, is gone" in (await difference(outside, out, same)).found
    assert "stays as it is" in await foretold(outside, out, same)


async def test_a_plan_says_what_becomes_of_a_new_version_while_the_workload_is_stopped(outside: Outside) -> None:
    made = await outside.artifact(llama())
    first = program(made["versionId"])
    out = await outside.workload({**first, "running": False}, await outside.workload(first))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    awake = program(newer["versionId"])
    asleep: Properties = {**awake, "running": False}

    said = await foretold(outside, out, asleep)
    assert f"stays stopped with r1 ({made['versionId']}): {newer['versionId']} cannot wait for promotion" in said
    out = await outside.workload(asleep, out)
    assert not (await difference(outside, out, asleep)).changes

    assert f"starts r1 ({made['versionId']}), whose pods load their model" in await foretold(outside, out, awake)
    out = await outside.workload(awake, out)
    assert (out["revision"], out["candidateProtonIds"]) == ("r1", ["models/chat-r2"])
