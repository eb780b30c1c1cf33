"""Delete as the engine calls it, on a real API server: it names what blocks, and a second one finds nothing to do."""

from pathlib import Path
from typing import cast

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.manifests.kinds import POD
from inference_provider.plugin.answering import Context
from inference_provider.plugin.servicer import Servicer
from inference_provider.plugin.session import Session
from inference_provider.plugin.wire import sent
from inference_provider.resources.registry import ARTIFACT, WORKLOAD, Kind
from inference_provider.resources.world import Properties
from tests.live.programs import artifact, workload
from tests.live.stand import Stand
from tests.plugin.door import Call, Refused

HOLD = "example.com/accounting"


class Plugin:
    """The plugin's own calls, in this process, on the simulated cluster."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        session = Session(lambda: None)
        session.configure({"kubeconfig": str(kubeconfig), "namespace": namespace})
        self.servicer, self.namespace = Servicer(session), namespace

    async def delete(self, kind: Kind, name: str, outputs: Properties, *, seconds: float = 30.0) -> None:
        """As `pulumi destroy` does."""
        urn = f"urn:pulumi:dev::shop::{kind.token}::{name}"
        request = provider_pb2.DeleteRequest(
            id=f"{self.namespace}/{name}", urn=urn, properties=sent(outputs), timeout=seconds
        )
        await self.servicer.Delete(request, cast("Context", Call()))


async def test_a_delete_names_what_blocks_it_and_a_second_one_succeeds(stand: Stand, kubeconfig: Path) -> None:
    plugin = Plugin(kubeconfig, stand.namespace)
    made = await stand.artifact(artifact())
    outputs = await stand.create(workload(str(made["versionId"])))
    pod = (await stand.objects(POD))[0]["metadata"]["name"]
    hold = [{"op": "add", "path": "/metadata/finalizers", "value": [HOLD]}]
    await stand.client.patch(POD, stand.namespace, pod, hold)

    with pytest.raises(Refused, match=r"Artifact .*/llama: it is used by .*chat"):
        await plugin.delete(ARTIFACT, "llama", made, seconds=0.5)
    for _ in range(2):
        with pytest.raises(Refused, match=rf"deleting Workload .*/chat.* Pod {pod} is held by its finalizer {HOLD}"):
            await plugin.delete(WORKLOAD, "chat", outputs, seconds=1.5)

    await stand.client.patch(POD, stand.namespace, pod, [{"op": "remove", "path": "/metadata/finalizers"}])
    for _ in range(2):
        await plugin.delete(WORKLOAD, "chat", outputs)
        await plugin.delete(ARTIFACT, "llama", made)
    assert await stand.names(POD) == []
