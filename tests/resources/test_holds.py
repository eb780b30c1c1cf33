"""What people say at the command line, as outputs, differences and preview lines show it."""

import pytest

from inference_provider.errors import NameTaken
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import DEPLOYMENT, POD, SERVICE
from inference_provider.resources import workload, workload_commands
from inference_provider.resources.preview import plan_line
from inference_provider.resources.world import Difference, Properties
from inference_provider.seam.overview import Overview
from tests.resources.outside import Outside, chat, llama, runtime

KEPT = {"keepOldVersionMinutes": 60.0}


async def difference(outside: Outside, olds: Properties, news: Properties) -> Difference:
    """What a diff says, with a look at the cluster."""
    return workload.diff(olds, news).and_found(await workload.found(outside.world(), "models/chat", olds))


async def foretold(outside: Outside, olds: Properties, news: Properties) -> str | None:
    """What a preview says."""
    return await plan_line(outside.world(), olds, news, await difference(outside, olds, news))


async def second_serves(outside: Outside) -> tuple[Properties, Properties]:
    """The second version serves, the first is kept: its outputs, and the inputs of the first."""
    made = await outside.artifact(llama())
    first = chat(made["versionId"], namespace="models", replacement=KEPT)
    out = await outside.workload(first)
    newer = await outside.artifact(llama("vllm/vllm:v2"), made)
    return await outside.workload(chat(newer["versionId"], namespace="models", replacement=KEPT), out), first


async def test_an_undo_shows_in_outputs_and_preview_and_withholds_the_same_program(outside: Outside) -> None:
    out, _ = await second_serves(outside)
    same = chat(out["artifactId"], namespace="models", replacement=KEPT)

    undone = await workload_commands.undo(outside.world(), "models", "chat", reason="latency")
    assert undone["revision"] == "r1"
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    assert (await difference(outside, seen, same)).changed == ("artifactId", "held")

    said = await foretold(outside, seen, same)
    assert said is not None
    assert said.startswith("Workload models/chat stays as it is: ann took r2 back on ")
    assert "(latency)" in said
    assert said.endswith("or `replacement.resume: r2`")
    after = await outside.workload(same, seen)
    assert after["activeArtifactId"] != after["artifactId"]
    held = after["held"]
    assert isinstance(held, dict)
    assert (held["kind"], held["revision"], held["by"]) == ("undo", "r2", "ann")


async def test_the_reverted_program_is_in_order_after_an_undo(outside: Outside) -> None:
    out, first = await second_serves(outside)
    await workload_commands.undo(outside.world(), "models", "chat")

    after = await outside.workload(first, out)

    assert after["held"] is None
    assert not (await difference(outside, after, first)).changes


async def test_a_workload_stopped_by_hand_shows_in_refresh_and_stays_stopped(outside: Outside) -> None:
    made = await outside.artifact(llama())
    program = chat(made["versionId"], namespace="models", runtime=runtime(replicas=2.0))
    out = await outside.workload(program)

    stopped = await workload_commands.stop(outside.world(), "models", "chat", reason="too dear at night")
    assert stopped["status"] == "stopped"
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    assert (seen["running"], seen["runtime"]) == (False, program["runtime"])
    again = await outside.workload(program, seen)
    assert again["status"] == "stopped"
    assert outside.cluster.all_of(POD) == ()

    assert (await workload_commands.start(outside.world(), "models", "chat"))["status"] == "running"
    assert (await outside.workload(program, again))["held"] is None


async def test_a_preview_says_that_a_workload_stops_and_starts(outside: Outside) -> None:
    made = await outside.artifact(llama())
    runs = chat(made["versionId"], namespace="models")
    out = await outside.workload(runs)
    stops = {**runs, "running": False}

    said = await foretold(outside, out, stops)
    assert said == "Workload models/chat stops: its pods end and their GPUs fall free; endpoint and history stay"
    out = await outside.workload(stops, out)
    assert not (await difference(outside, out, stops)).changes
    assert await foretold(outside, out, runs) == "Workload models/chat starts: its pods come back, and load their model"


async def test_an_edited_selector_is_said_and_put_right(outside: Outside) -> None:
    made = await outside.artifact(llama())
    program = chat(made["versionId"], namespace="models")
    out = await outside.workload(program)
    assert not (await difference(outside, out, program)).changes
    edited = outside.cluster.named(SERVICE, "chat")
    outside.cluster.put(SERVICE, edited | {"spec": edited["spec"] | {"selector": {"app": "something"}}})

    assert (await difference(outside, out, program)).changes
    await foretold(outside, out, program)
    assert outside.heard.infos == [
        "Workload models/chat is put right: the endpoint does not send to r1 alone: nothing of ours gets its traffic"
    ]
    out = await outside.workload(program, out)
    assert outside.cluster.named(SERVICE, "chat")["spec"]["selector"][labels.SERVES] == "chat"
    assert not (await difference(outside, out, program)).changes


async def test_a_workload_that_is_not_in_the_cluster_is_said(outside: Outside) -> None:
    assert await workload.found(outside.world(), "models/chat", {}) == ("its Service is not in this cluster",)


async def test_a_namespace_is_looked_at_once_for_all_its_workloads(outside: Outside) -> None:
    made = await outside.artifact(llama())
    await outside.workload(chat(made["versionId"]))
    overview = Overview(outside.world().connect)
    world = outside.world(around=overview.of)
    outside.cluster.calls.clear()

    for _ in range(100):
        assert await workload.found(world, "models/chat", {}) == ()

    assert sorted(outside.cluster.calls) == ["list Deployment", "list Job", "list Service"]
    assert len(outside.cluster.all_of(DEPLOYMENT)) == 1


async def test_a_program_that_follows_an_undo_is_not_said_to_roll(outside: Outside) -> None:
    out, first = await second_serves(outside)
    await workload_commands.undo(outside.world(), "models", "chat")

    said = await foretold(outside, out, first)

    assert said is None or " rolls from " not in said


async def test_nor_is_it_said_to_name_another_artifact(outside: Outside) -> None:
    out, first = await second_serves(outside)
    await workload_commands.undo(outside.world(), "models", "chat")
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None

    said = await foretold(outside, seen, first)

    assert said is None or "another Artifact" not in said


async def test_what_is_held_is_not_said_to_be_put_right(outside: Outside) -> None:
    out, first = await second_serves(outside)
    await workload_commands.undo(outside.world(), "models", "chat")
    same = {**first, "artifactId": out["artifactId"]}
    await foretold(outside, out, same)
    assert outside.heard.infos == []


async def test_a_workload_that_is_gone_is_not_said_to_be_put_right(outside: Outside) -> None:
    out, first = await second_serves(outside)
    await outside.cluster.delete(SERVICE, "models", "chat")

    said = await foretold(outside, out, {**first, "artifactId": out["artifactId"]})

    assert outside.heard.infos == []
    assert said is not None
    assert said.startswith("Workload models/chat: its Service is not in this cluster. If it was deleted, `pulumi refr")


async def test_a_held_artifact_inside_is_said_to_stay(outside: Outside) -> None:
    def inside(image: str) -> Properties:
        return {"name": "chat", "namespace": "models", "artifact": {"spec": llama(image)["spec"]}, "replacement": KEPT}

    out = await outside.workload(inside("vllm/vllm:v1"))
    out = await outside.workload(inside("vllm/vllm:v2"), out)
    await workload_commands.undo(outside.world(), "models", "chat")
    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    said = await foretold(outside, seen, inside("vllm/vllm:v2"))

    assert said is not None
    assert "stays as it is" in said


async def test_one_of_two_deployments_that_is_gone_is_seen(outside: Outside) -> None:
    one = {"name": "vllm", "image": "one:1", "primary": True, "port": 8000.0}
    groups = [{"name": "a", "containers": [one]}, {"name": "b", "containers": [{"name": "vllm", "image": "two:1"}]}]
    made = await outside.artifact({"name": "llama", "spec": {"containerGroups": groups}})
    out = await outside.workload(chat(made["versionId"]))
    outside.cluster.remove(DEPLOYMENT, "models", "chat-r1-b")
    assert await workload.found(outside.world(), "models/chat", out) == (
        "r1 should serve, but its Deployment of b is gone",
    )


async def test_a_workload_that_another_stack_has_made_anew_is_not_taken_over(outside: Outside) -> None:
    made = await outside.artifact(llama())
    program = chat(made["versionId"], namespace="models")
    out = await outside.workload(program)
    theirs = outside.cluster.named(SERVICE, "chat")
    notes = {labels.INCARNATION: "another", labels.URN: "urn:pulumi:prod::shop::inference:index:Workload::chat"}
    theirs["metadata"]["annotations"] |= notes
    outside.cluster.put(SERVICE, theirs)

    with pytest.raises(NameTaken, match="urn:pulumi:prod"):
        await workload.update(outside.world(), "models/chat", {**program, "displayName": "mine"}, out)
