"""Artifacts on a real API server: contents, numbers, users, secrets."""

import asyncio
import base64
import json

import pytest

from inference_provider.errors import InUse, NameTaken
from inference_provider.manifests.kinds import CONFIG_MAP, SECRET
from inference_provider.resources import artifact as resource
from tests.live.programs import artifact, server, workload
from tests.live.stand import Lines, Stand


class Listening(Lines):
    """Says when a status is reported."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self._awaited, self.heard = awaited, asyncio.Event()

    def status(self, text: str) -> None:
        """Keep a status."""
        super().status(text)
        if text == self._awaited:
            self.heard.set()


async def test_the_same_content_again_is_the_same_version(stand: Stand) -> None:
    first = await stand.artifact(artifact())
    second = await stand.artifact(artifact(server("v2")), first)
    third = await stand.artifact(artifact(), second)
    assert third["versionId"] == first["versionId"] != second["versionId"]


async def test_locking_gives_a_number_and_changes_no_version(stand: Stand) -> None:
    draft = await stand.artifact(artifact())
    locked = await stand.artifact(artifact(status="locked"), draft)
    assert (draft["version"], locked["version"]) == (None, 1)
    assert locked["versionId"] == draft["versionId"]
    second = await stand.artifact(artifact(server("v2"), status="locked"), locked)
    assert second["version"] == 2
    back = await stand.artifact(artifact(status="locked"), second)
    assert back["version"] == 1


async def test_locking_what_runs_restarts_nothing(stand: Stand) -> None:
    draft = await stand.artifact(artifact())
    await stand.create(workload(draft["versionId"]))
    pods = await stand.pod_uids("r1")
    locked = await stand.artifact(artifact(status="locked"), draft)
    outputs = await stand.update(workload(locked["versionId"]))
    assert outputs["revision"] == "r1"
    assert await stand.pod_uids("r1") == pods


async def test_contents_nobody_needs_are_tidied_away(stand: Stand) -> None:
    outputs = await stand.artifact(artifact())
    await stand.create(workload(outputs["versionId"]))
    for name in ("v2", "v3", "v4"):
        outputs = await stand.artifact(artifact(server(name)), outputs)
    contents = [name for name in await stand.names(CONFIG_MAP) if name.startswith("artifact-llama-")]
    assert len(contents) == 2  # what runs, and what is current


async def test_only_so_many_locked_versions_are_kept(stand: Stand) -> None:
    outputs = await stand.artifact(artifact(status="locked", retainVersions=2))
    for name in ("v2", "v3", "v4"):
        outputs = await stand.artifact(artifact(server(name), status="locked", retainVersions=2), outputs)
    assert outputs["version"] == 4
    contents = [name for name in await stand.names(CONFIG_MAP) if name.startswith("artifact-llama-")]
    assert len(contents) == 2


async def test_an_artifact_that_is_used_names_its_users_and_stays(stand: Stand) -> None:
    outputs = await stand.artifact(artifact())
    await stand.create(workload(outputs["versionId"]))
    with pytest.raises(InUse, match="it is used by chat r1"):
        await resource.delete(stand.world(), f"{stand.namespace}/llama", outputs | {"timeouts": {"delete": "1s"}})
    assert "artifact-llama" in await stand.names(CONFIG_MAP)


async def test_deleting_an_artifact_takes_its_contents_and_secrets(stand: Stand) -> None:
    outputs = await stand.artifact(artifact(secretEnv={"HF_TOKEN": "hf_very_secret"}))
    await resource.delete(stand.world(), f"{stand.namespace}/llama", outputs)
    await resource.delete(stand.world(), f"{stand.namespace}/llama", outputs)
    assert await resource.read(stand.world(), f"{stand.namespace}/llama", outputs) is None


async def test_a_secret_value_is_only_ever_in_secrets(stand: Stand) -> None:
    outputs = await stand.artifact(artifact(secretEnv={"HF_TOKEN": "hf_very_secret"}))
    await stand.create(workload(outputs["versionId"]))
    everything = json.dumps([await stand.objects(CONFIG_MAP), stand.lines.statuses, stand.lines.lasting])
    assert "hf_very_secret" not in everything
    assert base64.b64encode(b"hf_very_secret").decode() not in everything
    values = [secret.get("data", {}).get("HF_TOKEN") for secret in await stand.objects(SECRET)]
    assert base64.b64encode(b"hf_very_secret").decode() in values


async def test_another_secret_value_is_another_version(stand: Stand) -> None:
    first = await stand.artifact(artifact(secretEnv={"HF_TOKEN": "one"}))
    second = await stand.artifact(artifact(secretEnv={"HF_TOKEN": "two"}), first)
    again = await stand.artifact(artifact(secretEnv={"HF_TOKEN": "one"}), second)
    assert first["versionId"] == again["versionId"] != second["versionId"]


async def test_an_artifact_of_another_resource_is_not_taken_over(stand: Stand) -> None:
    await stand.artifact(artifact())
    stand.urn = "urn:pulumi:prod::shop::inference:index:Artifact::other"
    with pytest.raises(NameTaken, match="artifact-llama exists already"):
        await stand.artifact(artifact())


async def test_an_artifact_that_somebody_deleted_is_said_to_be_gone_and_made_again_at_once(stand: Stand) -> None:
    outputs = await stand.artifact(artifact())
    await stand.create(workload(outputs["versionId"]))
    pods = await stand.pod_uids("r1")
    identifier = f"{stand.namespace}/llama"
    await stand.client.delete(CONFIG_MAP, stand.namespace, "artifact-llama")

    assert await resource.read(stand.world(), identifier, outputs) is None
    assert "so it is made again" in (await resource.found(stand.world(), identifier, outputs))[0]
    again = await stand.artifact(artifact(), outputs)  # garbage collection may not have taken the content yet

    assert again["versionId"] == outputs["versionId"]
    assert again["incarnation"] != outputs["incarnation"]
    assert await resource.found(stand.world(), identifier, again) == ()
    served = await stand.update(workload(again["versionId"], displayName="Chat"))
    assert served["revision"] == "r1"
    assert await stand.pod_uids("r1") == pods


async def test_a_content_that_somebody_deleted_is_made_again(stand: Stand) -> None:
    outputs = await stand.artifact(artifact())
    identifier = f"{stand.namespace}/llama"
    name = f"artifact-llama-{str(outputs['versionId']).rpartition('@')[2]}"
    await stand.client.delete(CONFIG_MAP, stand.namespace, name)

    assert await resource.read(stand.world(), identifier, outputs) == outputs
    assert "the next `pulumi up` makes it again" in stand.lines.lasting[-1]
    await stand.artifact(artifact(), outputs)

    assert name in await stand.names(CONFIG_MAP)
    assert await resource.found(stand.world(), identifier, outputs) == ()


async def test_a_head_that_a_finalizer_keeps_for_a_while_is_waited_for(stand: Stand) -> None:
    outputs = await stand.artifact(artifact())
    held = await stand.client.get(CONFIG_MAP, stand.namespace, "artifact-llama")
    held["metadata"]["finalizers"] = ["pulumi-inference.test/hold"]
    await stand.client.replace(CONFIG_MAP, held)
    await stand.client.delete(CONFIG_MAP, stand.namespace, "artifact-llama")

    stand.lines = listening = Listening("waiting until an earlier ConfigMap artifact-llama is gone")
    again = asyncio.ensure_future(stand.artifact(artifact(), outputs))
    await asyncio.wait_for(listening.heard.wait(), 10)
    free = [{"op": "remove", "path": "/metadata/finalizers"}]
    await stand.client.patch(CONFIG_MAP, stand.namespace, "artifact-llama", free)

    assert (await again)["versionId"] == outputs["versionId"]
