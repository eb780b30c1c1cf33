"""Nothing is left behind: artifacts written inside, heads of a first try that failed, what an interruption left."""

import pytest

from inference_provider.converge.artifact import claim_head
from inference_provider.errors import InferenceError, InputError, Unavailable
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import CONFIG_MAP, JOB, SECRET, SERVICE, Kind
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import URN, Outside, chat, llama
from tests.support.fake_cluster import Fault


def inside(image: str = "vllm/vllm:v1", name: str | None = None, **more: object) -> Properties:
    """A Workload with its artifact written inside."""
    return {"name": "chat", "artifact": {"name": name, "spec": llama(image)["spec"]}, **more}


def heads(outside: Outside) -> list[str]:
    """The Artifacts that there are."""
    bodies = [each["metadata"] for each in outside.cluster.all_of(CONFIG_MAP)]
    return sorted(meta["name"] for meta in bodies if meta["labels"][labels.PART] == "artifact-head")


async def moved_out(outside: Outside) -> Properties:
    """A Workload that got an Artifact of its own, and whose old pods have drained."""
    out = await outside.workload(inside())
    own = await outside.artifact(llama("vllm/vllm:v2"))
    out = await outside.workload(chat(own["versionId"]), out)
    outside.cluster.remove(JOB, "models", "chat-r1-keep")
    return out


async def test_an_artifact_inside_goes_after_the_workload_got_one_of_its_own(outside: Outside) -> None:
    out = await moved_out(outside)

    await outside.workload(chat(out["artifactId"], displayName="Chat"), out)

    assert heads(outside) == ["artifact-llama"]


async def test_an_artifact_inside_stays_while_a_kept_version_uses_it(outside: Outside) -> None:
    keeping = {"keepOldVersionMinutes": 5.0}
    out = await outside.workload(inside(replacement=keeping))
    own = await outside.artifact(llama("vllm/vllm:v2"))
    out = await outside.workload(chat(own["versionId"], replacement=keeping), out)
    assert heads(outside) == ["artifact-chat", "artifact-llama"]

    await workload.delete(outside.world(), "models/chat", out)

    assert heads(outside) == ["artifact-llama"]


async def test_an_artifact_inside_that_is_renamed_leaves_nothing_of_its_old_name(outside: Outside) -> None:
    out = await outside.workload(inside(name="one"))

    second = await outside.workload(inside(name="two"), out)

    assert heads(outside) == ["artifact-two"]
    assert second["revision"] == "r1"
    assert second["activeArtifactId"] == str(out["activeArtifactId"]).replace("one", "two")


async def test_an_artifact_inside_follows_its_workload_to_another_name(outside: Outside) -> None:
    out = await outside.workload(inside(name="shared"))
    checked = await workload.check(outside.world(), {}, {**inside(name="shared"), "name": "talk"})

    await workload.create(outside.world(), checked.inputs)
    await workload.delete(outside.world(), "models/chat", out)

    assert heads(outside) == ["artifact-shared"]


async def test_an_old_artifact_that_cannot_be_removed_is_only_a_warning(outside: Outside) -> None:
    out = await moved_out(outside)
    down = Unavailable("delete", kind="ConfigMap", namespace="models", name="artifact-chat", said="down")
    outside.cluster.faults.append(Fault("delete", CONFIG_MAP, down))

    second = await outside.workload(chat(out["artifactId"], displayName="Chat"), out)

    assert second["displayName"] == "Chat"
    assert "used before stays: could not delete ConfigMap" in outside.heard.warnings[-1]


async def test_a_first_artifact_that_fails_leaves_no_head(outside: Outside) -> None:
    down = Unavailable("create", kind="Secret", namespace="models", name="x", said="down")
    outside.cluster.faults.append(Fault("create", SECRET, down))

    with pytest.raises(Unavailable):
        await outside.artifact(llama(secretEnv={"TOKEN": "hunter2"}))

    assert outside.cluster.all_of(CONFIG_MAP) == ()


async def test_a_first_artifact_whose_image_is_unknown_leaves_no_head(outside: Outside) -> None:
    outside.registry.down = True

    with pytest.raises(InputError):
        await artifact.create(outside.world(), llama(pinImages="always"))

    assert outside.cluster.all_of(CONFIG_MAP) == ()


async def test_a_secret_of_somebody_else_survives_the_tidying_of_contents(outside: Outside) -> None:
    first = await outside.artifact(llama())
    name = f"artifact-llama-{str(first['versionId']).rpartition('@')[2]}"
    outside.cluster.put(SECRET, {"metadata": {"name": name, "namespace": "models"}})

    await outside.artifact(llama("vllm/vllm:v2"), first)

    assert [each["metadata"]["name"] for each in outside.cluster.all_of(SECRET)] == [name]
    assert name not in [each["metadata"]["name"] for each in outside.cluster.all_of(CONFIG_MAP)]


async def test_what_an_interruption_left_is_removed_by_refresh_and_up(outside: Outside) -> None:
    made = await outside.artifact(llama())
    out = await outside.workload(chat(made["versionId"]))
    left = outside.cluster.named(SERVICE, "chat-r1")
    left["metadata"] |= {"name": "chat-r2", "uid": "left"}
    left["metadata"]["labels"] |= {labels.REVISION: "r2", labels.TEMPLATE: "ffffffffffff"}
    outside.cluster.put(SERVICE, left)

    seen = await workload.read(outside.world(), "models/chat", out)
    assert seen is not None
    assert workload.diff(seen, chat(made["versionId"], namespace="models")).changed == ("candidateProtonIds",)
    second = await outside.workload(chat(made["versionId"]), seen)

    assert second["candidateProtonIds"] == []
    assert sorted(each["metadata"]["name"] for each in outside.cluster.all_of(SERVICE)) == ["chat", "chat-r1"]


async def test_a_head_without_data_is_a_sentence(outside: Outside) -> None:
    made = await outside.artifact(llama())
    head = outside.cluster.named(CONFIG_MAP, "artifact-llama")
    del head["data"]
    outside.cluster.put(CONFIG_MAP, head)

    with pytest.raises(InferenceError, match="somebody took `current` out of its ConfigMap"):
        await artifact.read(outside.world(), "models/llama", made)

    again = await outside.artifact(llama(description="written anew"), made)
    assert again["versionId"] == made["versionId"]


async def put_right(outside: Outside, made: Properties) -> tuple[str, ...]:
    """What a preview says of an Artifact."""
    return await artifact.found(outside.world(), "models/llama", made)


async def test_an_artifact_that_somebody_deleted_is_said_to_be_gone_and_made_again(outside: Outside) -> None:
    made = await outside.artifact(llama())
    outside.cluster.remove(CONFIG_MAP, "models", "artifact-llama")

    assert await artifact.read(outside.world(), "models/llama", made) is None
    assert await put_right(outside, made) == ("its ConfigMap is not in this cluster, so it is made again",)
    again = await outside.artifact(llama(), made)

    assert again["versionId"] == made["versionId"]
    assert again["incarnation"] != made["incarnation"]
    assert outside.heard.infos == ["Artifact models/llama was gone and is made again"]
    assert await put_right(outside, again) == ()


@pytest.mark.parametrize("kind", [CONFIG_MAP, SECRET])
async def test_a_content_that_somebody_deleted_is_said_to_be_gone_and_made_again(outside: Outside, kind: Kind) -> None:
    inputs = llama(secretEnv={"TOKEN": "hunter2"})
    made = await outside.artifact(inputs)
    name = f"artifact-llama-{str(made['versionId']).rpartition('@')[2]}"
    outside.cluster.remove(kind, "models", name)
    gone = f"{kind.name} {name}, which holds its current version, is gone"

    assert await put_right(outside, made) == (f"{gone}, so it is made again",)
    assert await artifact.read(outside.world(), "models/llama", made) == made
    assert outside.heard.warnings[-1] == f"Artifact models/llama: {gone}; the next `pulumi up` makes it again"
    assert await outside.artifact(inputs, made) == made

    assert await put_right(outside, made) == ()


async def test_an_artifact_whose_making_was_interrupted_gets_its_version_and_its_stamp(outside: Outside) -> None:
    made = await outside.artifact(llama())
    outside.cluster.remove(CONFIG_MAP, "models", "artifact-llama")
    await claim_head(outside.cluster, "models", "llama", notes={labels.URN: URN})

    assert await artifact.read(outside.world(), "models/llama", made) is None
    assert await put_right(outside, made) == ("its ConfigMap holds no version yet, so it is made again",)
    again = await outside.artifact(llama(), made)

    assert again["versionId"] == made["versionId"]
    assert again["incarnation"]


async def test_a_tombstone_whose_version_somebody_deleted_is_said_and_cleared(outside: Outside) -> None:
    made = await outside.artifact(llama())
    keeping = {"keepOldVersionMinutes": 60.0}
    out = await outside.workload(chat(made["versionId"]))
    second = await outside.artifact(llama("vllm/vllm:v2"), made)
    out = await outside.workload(chat(second["versionId"], replacement=keeping), out)
    outside.cluster.remove(SERVICE, "models", "chat-r1")

    found = await workload.found(outside.world(), "models/chat", out)
    assert found == ("the tombstone of r1 keeps nothing any more",)
    await outside.workload(chat(second["versionId"], replacement=keeping), out)

    assert outside.cluster.all_of(JOB) == ()
    assert await workload.found(outside.world(), "models/chat", out) == ()


async def test_a_content_of_a_newer_release_is_a_sentence(outside: Outside) -> None:
    made = await outside.artifact(llama())
    name = f"artifact-llama-{str(made['versionId']).rpartition('@')[2]}"
    held = outside.cluster.named(CONFIG_MAP, name)
    held["data"]["content"] = '{"containerGroups": [], "newField": 1}'
    outside.cluster.put(CONFIG_MAP, held)

    with pytest.raises(InferenceError, match="a newer release of pulumi-inference made it"):
        await outside.workload(chat(made["versionId"]))


async def test_a_strange_time_to_delete_keeps_nothing_alive(outside: Outside) -> None:
    made = await outside.artifact(llama())

    await artifact.delete(outside.world(), "models/llama", {**made, "timeouts": {"delete": "soon"}})

    assert outside.cluster.all_of(CONFIG_MAP) == ()


async def test_containers_of_the_same_name_in_two_groups_are_told_apart(outside: Outside) -> None:
    one = {"name": "vllm", "image": "one:1", "primary": True, "port": 8000.0}
    groups = [{"name": "a", "containers": [one]}, {"name": "b", "containers": [{"name": "vllm", "image": "two:1"}]}]
    made = await outside.artifact({"name": "llama", "spec": {"containerGroups": groups}})

    out = await outside.workload(chat(made["versionId"]))

    assert isinstance(out["images"], dict)
    assert {name: str(image).partition("@")[0] for name, image in out["images"].items()} == {
        "a/vllm": "one",
        "b/vllm": "two",
    }


async def test_a_refresh_after_a_run_that_died_does_not_hide_what_serves(outside: Outside) -> None:
    out = await outside.workload(inside())
    await outside.workload(inside("vllm/vllm:v2"), out)  # its answer reaches nobody

    seen = await workload.read(outside.world(), "models/chat", out)

    assert seen is not None
    reverted = await workload.check(outside.world(), out, inside())
    assert "artifact.spec.containerGroups[0].containers[0].image" in workload.diff(seen, reverted.inputs).changed
    back = await outside.workload(inside(), seen)
    assert back["images"] == out["images"]
