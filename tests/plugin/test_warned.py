"""What a preview warns of: other people's work, and what the real run will refuse. Both doors have to say it."""

import pytest

from inference_provider.manifests.kinds import LEASE
from inference_provider.resources import workload
from inference_provider.resources.registry import REPLACEMENT
from inference_provider.resources.world import Properties
from tests.plugin.door import Door
from tests.resources.outside import chat, llama


async def test_an_update_while_somebody_works_on_it_is_warned_of(door: Door) -> None:
    made = await door.outside.artifact(llama())
    inputs = chat(made["versionId"], namespace="models")
    outputs = await door.create(inputs)
    newer = await door.outside.artifact(llama("vllm/vllm:v2"), {"versionId": made["versionId"]})
    rolls = {**inputs, "artifactId": newer["versionId"]}
    await door.outside.killed_while_loading(workload.update(door.outside.world(), "models/chat", rolls))
    lease = {"holderIdentity": "ann@vm/1/a", "acquireTime": "2026-11-21T03:00:00Z"}
    door.outside.cluster.put(LEASE, {"metadata": {"name": "chat", "namespace": "models"}, "spec": lease})
    door.outside.heard.warnings.clear()

    await door.update(outputs, rolls, preview=True)

    (said,) = door.outside.heard.warnings
    assert "ann@vm/1/a brings up r2 since" in said
    assert "While that lives, an update is refused" in said


@pytest.mark.parametrize("driver", ["artifact", "external"])
async def test_a_replacement_of_what_its_own_program_drives_is_warned_of(door: Door, driver: str) -> None:
    made = await door.outside.artifact(llama())
    await door.create({**chat(made["versionId"], namespace="models"), "replacement": {"driver": driver}})
    door.outside.heard.warnings.clear()
    move: Properties = {"workloadId": "models/chat", "candidateArtifactId": "models/llama@ffffffffffff"}

    await door.create(move, kind=REPLACEMENT, preview=True)

    warned = [each for each in door.outside.heard.warnings if "driven by its own program so far" in each]
    assert len(warned) == {"artifact": 1, "external": 0}[driver]
