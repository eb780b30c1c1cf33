"""A Replacement whose Workload is in trouble: killed runs, stops, foreign hands, renames, re-creations."""

import asyncio

import pytest

from inference_provider.converge.ports import Cluster
from inference_provider.errors import InferenceError, LockHeld, RolloutFailed, Superseded, Unavailable
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, LEASE
from inference_provider.resources import replacement, replacement_plan, workload, workload_commands
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama, runtime
from tests.resources.test_replacement import CHAT, created, difference, program, serves, to
from tests.support.fake_controllers import Fate


async def test_a_deleted_deployment_is_made_again_by_the_replacement(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second))
    await outside.cluster.delete(DEPLOYMENT, "models", "chat-r2")
    await asyncio.sleep(60)

    assert (await difference(outside, out, to(second))).changes
    after = await replacement.update(outside.world(), CHAT, to(second), out)

    assert len([each for each in outside.pods() if "-r2-" in each]) == 2
    assert not (await difference(outside, after, to(second))).changes


async def test_a_start_that_was_interrupted_is_no_reason_to_take_pods_away(outside: Outside) -> None:
    _, _, second = await serves(outside)
    await workload_commands.stop(outside.world(), "models", "chat")
    outside.controllers.fate = lambda _: Fate(ready_after=100)
    start = asyncio.create_task(workload_commands.start(outside.world(), "models", "chat"))
    await asyncio.sleep(50)
    start.cancel()
    await asyncio.wait({start})
    await asyncio.sleep(200)

    out = await created(outside, to(second))

    assert out["revision"] == "r2"
    assert len([each for each in outside.pods() if "-r2-" in each]) == 2


async def test_made_anew_by_force_it_keeps_what_waits(outside: Outside) -> None:
    _, _, second = await serves(outside)
    old = await created(outside, to(second, promotion="manual"))
    new = await created(outside, to(second, promotion="manual"))

    await replacement.delete(outside.world(), CHAT, old)

    assert [each for each in outside.pods() if "-r2-" in each]
    await replacement.delete(outside.world(), CHAT, new)
    await asyncio.sleep(60)
    assert not [each for each in outside.pods() if "-r2-" in each]


async def test_what_a_killed_update_left_goes_with_the_replacement(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))
    await outside.killed_while_loading(replacement.update(outside.world(), CHAT, to(second), out))
    assert [each for each in outside.pods() if "-r2-" in each]

    await replacement.delete(outside.world(), CHAT, out)
    await asyncio.sleep(60)

    assert not [each for each in outside.pods() if "-r2-" in each]


async def test_an_artifact_of_another_name_with_the_same_content_makes_no_lasting_difference(outside: Outside) -> None:
    made = await outside.artifact(llama())
    await outside.workload(program(made["versionId"]))
    same = await outside.artifact({**llama(), "name": "llama2"})

    out = await created(outside, to(same["versionId"]))

    assert out["activeArtifactId"] == same["versionId"]
    assert not (await difference(outside, out, to(same["versionId"]))).changes


async def test_nothing_is_guessed_when_nobody_knows_what_the_version_was_given(outside: Outside) -> None:
    _, _, second = await serves(outside)
    await outside.cluster.delete(CONFIG_MAP, "models", "revision-chat-r1")

    with pytest.raises(InferenceError, match="say it in the Replacement's `runtime`"):
        await created(outside, to(second))


async def test_scaling_the_workload_says_nothing_of_what_waits_for_its_replacement(outside: Outside) -> None:
    before, first, second = await serves(outside)
    await created(outside, to(second, promotion="manual"))
    news = program(first, runtime=runtime(replicas=3))

    said = await plan_line(outside.world(), before, news, workload.diff(before, news))

    assert said == "Workload models/chat: runtime.containerGroups[0].replicaCount changes, in place; no pod restarts"


async def test_a_refresh_while_other_resources_wait_for_promotion_shows_nothing(outside: Outside) -> None:
    made = await outside.artifact(llama())
    manual: Properties = {"replacement": {"promotion": "manual"}}
    out = await outside.workload(chat(made["versionId"], namespace="models", runtime=runtime(cpu=1.0), **manual))
    news = chat(made["versionId"], namespace="models", runtime=runtime(cpu=4.0), **manual)
    staged = await outside.workload(news, out)

    seen = await workload.read(outside.world(), CHAT, staged)

    assert seen is not None
    assert not workload.diff(seen, news).changes


async def test_a_run_does_not_end_well_when_what_serves_lost_a_part_that_it_cannot_make(outside: Outside) -> None:
    made = await outside.artifact(llama())
    manual: Properties = {"replacement": {"promotion": "manual"}}
    out = await outside.workload(chat(made["versionId"], namespace="models", **manual))
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    news = chat(newer["versionId"], namespace="models", **manual)
    staged = await outside.workload(news, out)
    await outside.cluster.delete(DEPLOYMENT, "models", "chat-r1")
    await asyncio.sleep(60)

    with pytest.raises(RolloutFailed, match="Promote what waits, or put the program back"):
        await outside.workload(news, staged)


async def test_another_version_follows_on_conflict_while_the_first_is_under_way(outside: Outside) -> None:
    _, first, second = await serves(outside)
    outside.controllers.fate = lambda _: Fate(ready_after=100)
    run = asyncio.create_task(created(outside, to(second)))
    await asyncio.sleep(50)
    third = await outside.artifact(llama("vllm/vllm:v3"), {**llama("vllm/vllm:v2"), "versionId": second})
    olds: Properties = {"activeArtifactId": first, "token": "known"}

    with pytest.raises(LockHeld):
        await replacement.update(outside.world(), CHAT, to(third["versionId"]), olds)
    superseding = to(third["versionId"], onConflict="supersede")
    out = await replacement.update(outside.world(facts={"person": "bob"}), CHAT, superseding, olds)

    assert (out["status"], out["revision"], out["activeArtifactId"]) == ("completed", "r3", third["versionId"])
    assert isinstance(run.exception(), Superseded)
    assert "bob began another change of Workload models/chat" in str(run.exception())


async def test_a_workload_that_a_replacement_drives_pushes_no_replacement_aside(outside: Outside) -> None:
    before, first, second = await serves(outside)
    outside.controllers.fate = lambda _: Fate(ready_after=100)
    run = asyncio.create_task(created(outside, to(second)))
    await asyncio.sleep(50)
    mine = program(first, runtime=runtime(replicas=3))
    mine["replacement"] = {"driver": "external", "onConflict": "supersede"}

    with pytest.raises(LockHeld):
        await outside.workload(mine, before)

    assert (await run)["revision"] == "r2"


async def test_nothing_is_staged_beside_a_stopped_workload(outside: Outside) -> None:
    _, first, second = await serves(outside)
    await workload_commands.stop(outside.world(), "models", "chat")
    news = to(second, promotion="manual")

    said = await replacement_plan.plan_line(outside.world(), to(first), news, replacement.diff(to(first), news))
    with pytest.raises(InferenceError, match="it is stopped, and a version that waits"):
        await created(outside, news)

    assert said is not None
    assert "but this refused: it is stopped" in said
    seen = await workload.read(outside.world(), CHAT, {})
    assert seen is not None
    assert seen["activeArtifactId"] == first


async def test_the_workload_s_preview_tells_of_a_candidate_that_nobody_drives(outside: Outside) -> None:
    before, _, second = await serves(outside)
    await outside.killed_while_loading(created(outside, to(second)))

    assert await workload.found(outside.world(previewing=True), CHAT, before) == (), "no update of it would help"

    assert "r2 is half made: its Replacement is under way, or died" in outside.heard.warnings[-1]
    assert "`pulumi-inference cancel chat -n models` removes it" in outside.heard.warnings[-1]
    told = len(outside.heard.warnings)
    await workload.found(outside.world(), CHAT, before)
    assert len(outside.heard.warnings) == told + 1, "so do a refresh, and a door whose diff knows of no preview"


async def test_a_preview_says_who_works_on_it_and_what_that_means(outside: Outside) -> None:
    _, first, second = await serves(outside)
    out = await created(outside, to(first))
    outside.controllers.fate = lambda _: Fate(ready_after=200)
    run = asyncio.create_task(replacement.update(outside.world(), CHAT, to(second), out))
    await asyncio.sleep(50)
    times = {"acquireTime": "2026-11-21T03:00:00Z", "renewTime": "2026-11-21T03:00:45Z"}
    held = {"metadata": {"name": "chat", "namespace": "models"}, "spec": {"holderIdentity": "ann@vm/1/a", **times}}
    await outside.cluster.create(LEASE, held)

    await replacement.found(outside.world(), CHAT, out)
    assert outside.heard.warnings == [], "a run says so itself"
    await replacement.found(outside.world(previewing=True), CHAT, out)

    assert outside.heard.warnings[-1].startswith("Workload models/chat: ann@vm/1/a brings up r2 since 2026-11-21T03:00")
    assert "an update is refused, or, with `onConflict: supersede`, asks it to step back" in outside.heard.warnings[-1]
    await run


async def test_an_old_one_can_be_deleted_while_the_next_is_under_way(outside: Outside) -> None:
    _, _, second = await serves(outside)
    old = await created(outside, to(second))
    third = await outside.artifact(llama("vllm/vllm:v3"), {**llama("vllm/vllm:v2"), "versionId": second})
    outside.controllers.fate = lambda _: Fate(ready_after=100)
    run = asyncio.create_task(created(outside, to(third["versionId"])))
    await asyncio.sleep(50)

    await replacement.delete(outside.world(), CHAT, old)

    assert (await run)["revision"] == "r3"


async def test_one_that_is_just_being_promoted_is_not_deleted_behind_that(outside: Outside) -> None:
    _, _, second = await serves(outside)
    out = await created(outside, to(second, promotion="manual"))
    outside.cluster.locked.add(CHAT)

    with pytest.raises(LockHeld):
        await replacement.delete(outside.world(), CHAT, out)


@pytest.mark.parametrize("then", ["carried on", "taken out of the program"])
async def test_one_whose_first_run_was_cut_off_after_its_signature_owns_what_waits(outside: Outside, then: str) -> None:
    _, _, second = await serves(outside)
    program_of_it = to(second, promotion="manual")
    await created(outside, program_of_it)  # and its answer is lost

    seen = await replacement.read(outside.world(), CHAT, program_of_it)

    assert seen is not None
    assert (seen["revision"], seen["status"]) == ("r2", "awaiting_promotion")
    assert not (await difference(outside, seen, program_of_it)).changes
    if then == "carried on":
        seen = await replacement.update(outside.world(), CHAT, program_of_it, seen)
        assert seen["revision"] == "r2"
    await replacement.delete(outside.world(), CHAT, seen)
    await asyncio.sleep(60)
    assert not [each for each in outside.pods() if "-r2-" in each]


async def test_a_replacement_s_preview_tells_that_nobody_answers(outside: Outside) -> None:
    first = await outside.artifact(llama())

    async def nobody() -> Cluster:
        raise Unavailable("reach", kind="cluster", namespace=None, name="prod", said="no answer from https://cluster")

    said = await replacement_plan.first_line(outside.world(connect=nobody), to(first), ())

    assert said is None
    (warning,) = outside.heard.warnings
    assert warning == (
        "Workload models/chat: what serves now, free GPUs and minutes are not known, and the plan rests on the last "
        "run, since the cluster could not be asked: could not reach cluster prod: no answer from https://cluster"
    )
