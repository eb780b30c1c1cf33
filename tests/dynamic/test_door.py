"""What the dynamic providers answer the engine, without any engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.output import UNKNOWN as SDK_UNKNOWN

from inference_provider.dynamic import process
from inference_provider.dynamic.calls import _call
from inference_provider.dynamic.failure import unexpected
from inference_provider.dynamic.provider import ArtifactProvider, WorkloadProvider
from inference_provider.resources.world import World
from inference_provider.seam.unknowns import UNKNOWN
from tests.resources.outside import chat, llama

OLD = "models/llama@0123456789ab"
CONFIG = """
apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: nobody, user: {}}]
"""


@pytest.fixture(autouse=True)
def _configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A provider process whose cluster does not answer; no test here needs one."""
    (tmp_path / "kubeconfig").write_text(CONFIG)
    monkeypatch.setattr(process._process, "wiring", None)
    process.configure({"kubeconfig": str(tmp_path / "kubeconfig"), "namespace": "models"})
    yield
    process.previewing(now=False)


def pinned(**more: object) -> dict[str, object]:
    """An Artifact whose image needs no registry."""
    return llama("vllm/vllm@sha256:" + "a" * 64, **more)


@pytest.mark.parametrize("path", ["secretEnv", "namespace", "type", "status", "pinImages"])
def test_no_version_is_foretold_while_something_that_decides_it_is_unknown(path: str) -> None:
    value = {"TOKEN": UNKNOWN} if path == "secretEnv" else UNKNOWN
    known = ArtifactProvider().check({}, pinned())
    unknown = ArtifactProvider().check({}, pinned(**{path: value}))

    assert known.inputs["versionId"]
    assert unknown.failures == []
    assert not {"versionId", "images"} & unknown.inputs.keys()


def test_an_unknown_description_does_not_hide_the_version() -> None:
    checked = ArtifactProvider().check({}, pinned(description=UNKNOWN))

    assert checked.inputs["versionId"] == ArtifactProvider().check({}, pinned()).inputs["versionId"]


@pytest.mark.parametrize("field", ["name", "namespace", "service"])
def test_no_endpoint_is_foretold_while_its_parts_are_unknown(field: str) -> None:
    value = {"port": UNKNOWN} if field == "service" else UNKNOWN

    assert "endpoint" in WorkloadProvider().check({}, chat(OLD)).inputs
    assert "endpoint" not in WorkloadProvider().check({}, {**chat(OLD), field: value}).inputs


@pytest.mark.parametrize("value", [SDK_UNKNOWN, {"port": SDK_UNKNOWN}])
def test_what_the_sdk_says_is_unknown_is_so_wherever_it_stands(value: object) -> None:
    checked = WorkloadProvider().check({}, {**chat(OLD), "service": value})
    olds = {**chat(OLD, namespace="models"), "activeArtifactId": OLD, "service": {"port": 80}}

    assert checked.failures == []
    assert "endpoint" not in checked.inputs
    assert WorkloadProvider().diff("models/chat", olds, {**olds, "service": value}).changes


def test_an_artifact_is_not_called_elsewhere_while_the_namespace_is_unknown() -> None:
    elsewhere = chat("prod/llama@0123456789ab")

    assert WorkloadProvider().check({}, dict(elsewhere)).failures
    assert WorkloadProvider().check({}, {**elsewhere, "namespace": UNKNOWN}).failures == []


@pytest.mark.parametrize("key", ["name", "namespace"])
def test_nothing_is_deleted_before_its_successor_is_there(key: str) -> None:
    olds = {**chat(OLD, namespace="models"), "activeArtifactId": OLD}

    result = WorkloadProvider().diff("models/chat", olds, {**olds, key: "another"})

    assert result.replaces == [key]
    assert result.delete_before_replace is False


def test_an_unknown_version_is_a_change_and_not_a_reason_to_make_anew() -> None:
    olds = {**chat(OLD, namespace="models"), "activeArtifactId": OLD}

    result = WorkloadProvider().diff("models/chat", olds, {**olds, "artifactId": UNKNOWN})

    assert (result.changes, result.replaces) == (True, [])


def test_a_mistake_of_ours_is_one_sentence_without_any_value() -> None:
    async def broken(world: World) -> None:
        raise KeyError(f"hunter2 in {world.namespace}")

    with pytest.raises(Exception, match="this is a bug of pulumi-inference") as caught:
        _call({}, broken)

    assert str(caught.value).startswith("unexpected KeyError in dynamic/process.py:")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_mistake_outside_of_our_code_says_so() -> None:
    assert str(unexpected(ValueError("hunter2"))).startswith("unexpected ValueError in unknown code;")
