"""Nothing is left behind: artifacts written inside, heads of a first try that failed, what an interruption left."""

import pytest

from inference_provider.errors import InferenceError, InputError, Unavailable
from inference_provider.manifests import labels
from inference_provider.manifests.kinds import CONFIG_MAP, JOB, SECRET, SERVICE
from inference_provider.resources import artifact, workload
from inference_provider.resources.world import Properties
from tests.resources.outside import Outside, chat, llama
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
