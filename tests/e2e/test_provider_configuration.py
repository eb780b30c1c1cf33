"""A provider whose cluster is made by the same program: not known in the preview, and never another one instead."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference_provider.resources.registry import ARTIFACT
from tests.e2e.programs import artifact, server
from tests.e2e.stack import Stack
from tests.e2e.test_plugin_door import saved
from tests.support.registry import LocalRegistry

#: Beside the usual program: a resource that makes a "cluster", and a provider that works for it.
PROGRAM = """\
import json
import pathlib

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider
from tests.e2e.door import Artifact

said = json.loads(pathlib.Path("program.json").read_text())


class Making(ResourceProvider):
    def create(self, props):
        return CreateResult("cluster", {**props, "kubeconfig": props["makes"]})

    def diff(self, id, olds, news):
        return DiffResult(changes=olds["makes"] != news["makes"], replaces=["makes"])


class Cluster(Resource):
    kubeconfig: pulumi.Output[str]

    def __init__(self, name, makes):
        super().__init__(Making(), name, {"makes": makes, "kubeconfig": None})


cluster = Cluster("cluster", said["makes"])
there = pulumi.ProviderResource("inference", "there", {"kubeconfig": cluster.kubeconfig, "namespace": said["in"]})
Artifact("llama", pulumi.ResourceOptions(provider=there), **said["artifact"])
"""


class Trap:
    """The cluster that kubectl would choose; it only notices that somebody came."""

    def __init__(self, folder: Path) -> None:
        self.came = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.kubeconfig = folder / "trap"
        cluster = {"name": "trap", "cluster": {"server": server}}
        context = {"name": "trap", "context": {"cluster": "trap", "user": "trap"}}
        users = [{"name": "trap", "user": {}}]
        content = {"current-context": "trap", "clusters": [cluster], "contexts": [context], "users": users}
        self.kubeconfig.write_text(json.dumps(content))
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                self._listening.accept()[0].close()
            except OSError:
                return
            self.came += 1

    def close(self) -> None:
        """Nobody can come any more."""
        self._listening.close()


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    made = Trap(tmp_path)
    yield made
    made.close()


def test_a_cluster_that_is_not_known_yet_is_tolerated_and_no_other_is_asked(
    tmp_path: Path, toolchain_bin: Path, kubeconfig: Path, namespace: str, trap: Trap
) -> None:
    stack = Stack(tmp_path / "stack", toolchain_bin, trap.kubeconfig, namespace, door="plugin").start()
    (stack.folder / "__main__.py").write_text(PROGRAM)

    def declare(makes: str) -> None:
        stack.declare(artifact=artifact(), makes=makes, **{"in": namespace})

    declare(makes=str(kubeconfig))
    first = stack.preview()
    assert first.code == 0, first.text
    assert first.has("inference:index:Artifact")
    assert not first.has("warning")

    stack.must_up("--skip-preview")
    assert saved(stack, ARTIFACT)["outputs"]["versionId"].startswith(f"{namespace}/llama@")

    declare(makes=kubeconfig.read_text())  # another way into the same cluster, which only the update can tell
    again = stack.preview()
    assert again.code == 0, again.text
    assert again.has("inputs that are not known during preview"), "the engine does not ask us, and says so"
    done = stack.must_up("--skip-preview")
    assert done.has("2 unchanged"), done.text

    declare(makes="")
    refused = stack.up("--skip-preview")
    assert refused.code != 0
    assert "is empty" in refused.text, refused.text
    assert trap.came == 0


@pytest.mark.parametrize("door", ["dynamic", "plugin"])
def test_what_a_stack_says_of_registries_reaches_the_provider_by_each_door(
    door: str, tmp_path: Path, toolchain_bin: Path, registry: LocalRegistry
) -> None:
    """The registry on this machine speaks plain HTTP, so that it is asked with TLS shows who said so."""
    stack = Stack(tmp_path / "stack", toolchain_bin, Path("/nonexistent"), "models", door=door).start()
    said = {"address": registry.host, "plainHttp": "false", "username": "me"}
    plain = [f"--plaintext=inference:registries[0].{key}={value}" for key, value in said.items()]
    hidden = "--secret=inference:registries[0].password=swordfish"
    assert stack.run("config", "set-all", "--path", *plain, hidden).code == 0
    stack.declare(artifact=artifact(server(image=f"{registry.host}/team/model:v1"), pin_images="always"))

    seen = stack.preview()

    assert f"registry {registry.host} could not be reached" in seen.text, seen.text
    assert "SSL" in seen.text
    assert "swordfish" not in seen.text
