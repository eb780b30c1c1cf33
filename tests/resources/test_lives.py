"""Artifacts and Workloads made, looked at, changed and removed: outputs say what was observed."""

import json

import pytest

from inference_provider.errors import AlreadyExists, Forbidden, InputError, InUse, LockHeld, RolloutFailed
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import CONFIG_MAP, DEPLOYMENT, PRIORITY_CLASS, SECRET, SERVICE
from inference_provider.resources import artifact, workload
from tests.resources.outside import URN, Outside, chat, llama, runtime
from tests.support.fake_cluster import Fault
from tests.support.fake_controllers import Fate


async def served(outside: Outside, **more: object) -> dict[str, object]:
    """A Workload that serves."""
    made = await outside.artifact(llama())
    return await outside.workload(chat(made["versionId"], **more))


async def test_outputs_come_from_what_is_there(outside: Outside) -> None:
    out = await served(outside, runtime=runtime(replicas=2))

    assert out["endpoint"] == "http://chat.models.svc.cluster.local"
    assert (out["status"], out["revision"], out["readyReplicas"]) == ("running", "r1", 2)
    assert out["activeArtifactId"] == out["artifactId"]
    assert out["activeProtonId"] == "models/chat-r1"
    assert out["candidateProtonIds"] == []
    images = out["images"]
    assert isinstance(images, dict)
    assert images["vllm"].startswith("vllm/vllm@sha256:")
    assert out["incarnation"]


async def test_a_failed_update_leaves_outputs_that_tell_the_truth(outside: Outside) -> None:
    out = await served(outside)
    newer = await outside.artifact(llama("vllm/vllm:broken"), {**llama(), "images": {}})
    outside.controllers.fate = lambda _: Fate(ready_after=None)

    with pytest.raises(RolloutFailed, match="r1 still serves"):
        await outside.workload(chat(newer["versionId"]), out)

    seen = await workload.read(outside.world(), "models/chat", {**out, "artifactId": newer["versionId"]})
    assert seen is not None
    assert seen["artifactId"] == newer["versionId"]
    assert seen["activeArtifactId"] == out["activeArtifactId"]


async def test_refresh_shows_what_somebody_changed(outside: Outside) -> None:
    out = await served(outside, displayName="Chat", runtime=runtime(replicas=2))
    service = outside.cluster.named(SERVICE, "chat")
    service["metadata"]["annotations"][labels.DISPLAY_NAME] = "Hijacked"
    outside.cluster.put(SERVICE, service)
    await outside.cluster.scale(DEPLOYMENT, "models", "chat-r1", 5)

    seen = await workload.read(outside.world(), "models/chat", out)

    assert seen is not None
    assert seen["displayName"] == "Hijacked"
    assert seen["readyReplicas"] == 5
    assert workload.diff(seen, out).changed == ("displayName", "runtime.containerGroups[0].replicaCount")


async def test_a_run_that_died_behind_the_switch_of_other_resources_is_taken_back_after_a_refresh(
    outside: Outside,
) -> None:
    before = runtime(replicas=2, cpu=1.0)
    out = await served(outside, runtime=before)
    await outside.workload(chat(out["artifactId"], runtime=runtime(replicas=2, cpu=4.0)), out)  # and nobody was told

    seen = await workload.read(outside.world(), "models/chat", out)

    assert seen is not None
    program = {**out, "runtime": before}
    assert workload.diff(seen, program).changed == ("runtime.containerGroups[0].containers[0].resourceAllocation.cpu",)
    after = await outside.workload(chat(out["artifactId"], runtime=before), seen)
    assert (after["revision"], (await workload.read(outside.world(), "models/chat", after))) == ("r1", after)


async def test_a_refresh_of_what_nobody_touched_shows_nothing(outside: Outside) -> None:
    out = await served(outside, runtime=runtime(replicas=2), description="x")

    assert await workload.read(outside.world(), "models/chat", out) == out


async def test_read_says_gone_only_on_a_definite_answer(outside: Outside) -> None:
    await served(outside)
    refusal = Forbidden("find", kind="Service", namespace="models", name="chat", said="no right")
    outside.cluster.faults.append(Fault("find", SERVICE, refusal))

    with pytest.raises(Forbidden):
        await workload.read(outside.world(), "models/chat", {})

    assert await workload.read(outside.world(), "models/nobody", {}) is None
    assert await artifact.read(outside.world(), "models/nobody", {}) is None


async def test_a_kept_version_is_named_in_the_outputs(outside: Outside) -> None:
    out = await served(outside)
    newer = await outside.artifact(llama("vllm/vllm:v2"), {**llama(), "images": {}})

    second = await outside.workload(chat(newer["versionId"], replacement={"keepOldVersionMinutes": 5.0}), out)

    rollout = second["rollout"]
    assert isinstance(rollout, dict)
    assert (rollout["status"], rollout["retained"], rollout["revision"]) == ("completed", "r1", "r2")
    assert rollout["retainedArtifactId"] == out["activeArtifactId"]
    assert str(rollout["keepOldUntil"]).endswith("Z")


async def test_a_kept_failure_is_named_in_the_outputs(outside: Outside) -> None:
    out = await served(outside)
    newer = await outside.artifact(llama("vllm/vllm:broken"), {**llama(), "images": {}})
    outside.controllers.fate = lambda _: Fate(ready_after=None)
    with pytest.raises(RolloutFailed):
        await outside.workload(chat(newer["versionId"], replacement={"onFailure": "keep"}), out)

    seen = await workload.read(outside.world(), "models/chat", out)

    assert seen is not None
    rollout = seen["rollout"]
    assert isinstance(rollout, dict)
    assert rollout["status"] == "errored"
    assert "r2 did not become ready" in str(rollout["message"])


async def test_a_load_balancers_address_is_the_endpoint(outside: Outside) -> None:
    await served(outside, service={"type": "LoadBalancer", "port": 8080.0})
    service = outside.cluster.named(SERVICE, "chat")
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "10.1.2.3"}]}}
    outside.cluster.put(SERVICE, service)

    seen = await workload.read(outside.world(), "models/chat", {})

    assert seen is not None
    assert seen["endpoint"] == "http://10.1.2.3:8080"


async def test_the_record_says_who_and_what(outside: Outside) -> None:
    made = await outside.artifact(llama())
    inputs = (await workload.check(outside.world(), {}, chat(made["versionId"]))).inputs
    await workload.create(outside.world(facts={"stack": "dev", "commit": "c0ffee"}), inputs)

    data = outside.cluster.named(CONFIG_MAP, "revision-chat-r1")["data"]
    assert (data["actor"], data["commit"], data["urn"]) == ("ann", "c0ffee", URN)
    assert json.loads(data["content"])["type"] == "service"
    assert json.loads(data["images"])


async def test_without_rights_on_priorities_the_importance_is_only_noted(outside: Outside) -> None:
    made = await outside.artifact(llama())
    refusal = Forbidden("find", kind="PriorityClass", namespace=None, name="x", said="no right")
    outside.cluster.faults.append(Fault("find", PRIORITY_CLASS, refusal))

    await outside.workload(chat(made["versionId"], importance="high"))

    assert "importance high is noted, but does not schedule" in outside.heard.infos[0]


async def test_an_artifact_written_inside_lives_and_dies_with_its_workload(outside: Outside) -> None:
    inputs: dict[str, object] = {"name": "chat", "artifact": {"spec": llama()["spec"]}}
    out = await outside.workload(inputs)
    assert str(out["activeArtifactId"]).startswith("models/chat@")

    await workload.delete(outside.world(), "models/chat", out)

    assert not outside.cluster.all_of(CONFIG_MAP)
    assert not outside.cluster.all_of(SERVICE)


async def test_a_moved_tag_inside_of_a_workload_never_rolls_unasked(outside: Outside) -> None:
    inputs: dict[str, object] = {"name": "chat", "artifact": {"spec": llama()["spec"]}}
    out = await outside.workload(inputs)
    outside.registry.moved = 1

    second = await outside.workload({**inputs, "displayName": "Chat"}, out)

    assert (second["revision"], second["activeArtifactId"]) == ("r1", out["activeArtifactId"])


async def test_an_artifact_inside_stays_while_another_run_makes_the_workload(outside: Outside) -> None:
    outside.cluster.lock_error = LockHeld("Workload models/chat is being changed by another run")

    with pytest.raises(LockHeld):
        await outside.workload({"name": "chat", "artifact": {"spec": llama()["spec"]}})

    assert outside.cluster.all_of(CONFIG_MAP)


async def test_an_artifact_is_read_made_anew_and_removed(outside: Outside) -> None:
    first = await outside.artifact(llama(status="locked", secretEnv={"TOKEN": "hunter2"}))
    assert first["version"] == 1
    assert await artifact.read(outside.world(), "models/llama", first) == first

    for kind in (CONFIG_MAP, SECRET):
        for body in outside.cluster.all_of(kind):
            outside.cluster.remove(kind, "models", body["metadata"]["name"])
    again = await outside.artifact(llama(), first)
    assert again["incarnation"] not in (None, first["incarnation"])

    await artifact.delete(outside.world(), "models/llama", again)
    assert not outside.cluster.all_of(CONFIG_MAP)


async def test_locking_what_runs_keeps_its_version(outside: Outside) -> None:
    draft = await outside.artifact(llama())

    locked = await outside.artifact(llama(status="locked"), draft)

    assert (locked["versionId"], locked["version"]) == (draft["versionId"], 1)


async def test_an_artifact_in_use_is_not_removed_within_its_time(outside: Outside) -> None:
    out = await served(outside)

    with pytest.raises(InUse, match="it is used by chat r1"):
        await artifact.delete(outside.world(), "models/llama", {"timeouts": {"delete": "30s"}})

    await workload.delete(outside.world(), "models/chat", {**out, "timeouts": {"delete": "30s"}})
    await artifact.delete(outside.world(), "models/llama", {})


async def test_no_secret_value_leaves_the_secrets(outside: Outside) -> None:
    out = await outside.artifact(llama(secretEnv={"TOKEN": "hunter2"}))
    await outside.workload(chat(out["versionId"]))

    everything = [body for kind in (CONFIG_MAP, SERVICE) for body in outside.cluster.all_of(kind)]
    assert "hunter2" not in json.dumps(everything)
    assert "hunter2" not in json.dumps({key: value for key, value in out.items() if key != "secretEnv"})


async def test_a_workload_without_any_version_says_so(outside: Outside) -> None:
    await served(outside)
    outside.cluster.remove(SERVICE, "models", "chat-r1")

    seen = await workload.read(outside.world(), "models/chat", {})

    assert seen is not None
    assert (seen["status"], seen["statusMessage"], seen["revision"]) == ("unknown", "no version runs", None)
    assert seen["readyReplicas"] == 0


async def test_a_first_try_that_fails_takes_its_inside_artifact_along(outside: Outside) -> None:
    outside.controllers.fate = lambda _: Fate(ready_after=None)

    with pytest.raises(RolloutFailed, match="Nothing of this first try is left"):
        await outside.workload({"name": "chat", "artifact": {"spec": llama()["spec"]}})

    assert not outside.cluster.all_of(CONFIG_MAP)


async def test_a_draft_inside_keeps_its_tag_with_a_warning(outside: Outside) -> None:
    outside.registry.down = True

    await outside.workload({"name": "chat", "artifact": {"spec": llama()["spec"]}})

    assert "the draft keeps the tag vllm/vllm:v1" in outside.heard.warnings[0]


async def test_a_workload_without_anything_to_run_makes_nothing(outside: Outside) -> None:
    with pytest.raises(InputError, match="give `artifactId`"):
        await workload.create(outside.world(), {"name": "chat"})

    assert outside.cluster.calls == []


async def test_a_runtime_that_this_release_does_not_know_is_shown_as_it_was(outside: Outside) -> None:
    await served(outside)

    for strange in ({"containerGroups": "many"}, {"containerGroups": ["one"]}):
        seen = await workload.read(outside.world(), "models/chat", {"runtime": strange})
        assert seen is not None
        assert seen["runtime"] == strange


async def test_another_artifact_with_the_same_content_rolls_nothing_and_is_named(outside: Outside) -> None:
    out = await served(outside)
    twin = await artifact.check(outside.world(), {}, {**llama(), "name": "twin"})
    _, made = await artifact.create(outside.world(), twin.inputs)

    second = await outside.workload(chat(made["versionId"]), out)

    assert (second["revision"], second["activeArtifactId"]) == ("r1", made["versionId"])
    assert not workload.diff(second, second).changes
    await artifact.delete(outside.world(), "models/llama", {})


async def test_a_priority_that_another_run_makes_at_the_same_time_is_used(outside: Outside) -> None:
    made = await outside.artifact(llama())
    twice = AlreadyExists("create", kind="PriorityClass", namespace=None, name="x", said="it exists")
    outside.cluster.faults.append(Fault("create", PRIORITY_CLASS, twice, after=True))

    await outside.workload(chat(made["versionId"], importance="high"))

    pod = outside.cluster.named(DEPLOYMENT, "chat-r1")["spec"]["template"]["spec"]
    assert pod["priorityClassName"] == "pulumi-inference-high"
