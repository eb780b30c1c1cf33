"""An Artifact's contents, numbers and users."""

import asyncio

import pytest

from inference_provider.converge import artifact
from inference_provider.converge.artifact import Version
from inference_provider.errors import Conflict, InUse, NameTaken, NotFound
from inference_provider.manifests import labels
from inference_provider.manifests.artifact import numbers_of
from inference_provider.manifests.kinds import CONFIG_MAP, SECRET, SERVICE, Body
from inference_provider.manifests.ownership import is_owned_by
from tests.converge.stage import Stage
from tests.support.fake_cluster import Fault
from tests.support.fake_seasons import FakeSeasons, Pace

NOTES = {labels.URN: "urn:pulumi:dev::p::t::llama"}


def version(content_hash: str, **more: object) -> Version:
    """A version of models/llama."""
    plain = Version("models", "llama", {"it": content_hash}, content_hash, {"v": "v@sha256:1"})
    return Version(**(vars(plain) | more))


async def claimed(stage: Stage) -> Body:
    """The head."""
    return await artifact.claim_head(stage.cluster, "models", "llama", notes=NOTES)


def used_by(stage: Stage, content_hash: str, revision: str = "r3") -> None:
    """A proton that runs a content."""
    chosen = {labels.ARTIFACT: "llama", labels.PART: "proton", labels.CONTENT: content_hash}
    named = {labels.WORKLOAD: "chat", labels.REVISION: revision}
    body = {"metadata": {"name": f"chat-{revision}", "namespace": "models", "labels": chosen | named}}
    stage.cluster.put(SERVICE, body)


async def test_the_same_content_is_the_same_object(stage: Stage) -> None:
    head = await claimed(stage)
    await artifact.keep(stage.cluster, head, version("aaaaaaaaaaaa"), notes={})
    head = await artifact.keep(stage.cluster, head, version("bbbbbbbbbbbb"), notes={})
    used_by(stage, "bbbbbbbbbbbb")
    await artifact.keep(stage.cluster, head, version("aaaaaaaaaaaa"), notes={})

    assert stage.names(CONFIG_MAP) == ["artifact-llama", "artifact-llama-aaaaaaaaaaaa", "artifact-llama-bbbbbbbbbbbb"]


async def test_locking_gives_numbers_that_are_never_used_again(stage: Stage) -> None:
    head = await claimed(stage)
    for content in ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "aaaaaaaaaaaa"):
        head = await artifact.keep(stage.cluster, head, version(content, status="locked"), notes={})

    assert numbers_of(head) == {1: "aaaaaaaaaaaa", 2: "bbbbbbbbbbbb"}


async def test_two_that_lock_at_once_get_two_numbers(stage: Stage) -> None:
    head = await claimed(stage)
    await artifact.keep(stage.cluster, head, version("aaaaaaaaaaaa", status="locked"), notes={})

    late = await artifact.keep(stage.cluster, head, version("bbbbbbbbbbbb", status="locked"), notes={})

    assert numbers_of(late) == {1: "aaaaaaaaaaaa", 2: "bbbbbbbbbbbb"}


async def test_spare_drafts_go_and_used_and_retained_contents_stay(stage: Stage) -> None:
    head = await claimed(stage)
    for content in ("111111111111", "222222222222", "333333333333"):
        kept = version(content, status="locked", retain=2, secret_values={"TOKEN": "t"})
        head = await artifact.keep(stage.cluster, head, kept, notes={})
    used_by(stage, "333333333333")
    head = await artifact.keep(stage.cluster, head, version("444444444444", retain=1), notes={})

    left = [name.removeprefix("artifact-llama-") for name in stage.names(CONFIG_MAP)]
    assert left == ["artifact-llama", "333333333333", "444444444444"]
    assert stage.names(SECRET) == ["artifact-llama-333333333333"]


async def test_a_content_that_a_kept_proton_uses_stays(stage: Stage) -> None:
    head = await claimed(stage)
    head = await artifact.keep(stage.cluster, head, version("111111111111"), notes={})
    used_by(stage, "111111111111")
    await artifact.keep(stage.cluster, head, version("222222222222"), notes={})

    assert "artifact-llama-111111111111" in stage.names(CONFIG_MAP)


async def test_the_head_of_another_resource_is_refused(stage: Stage) -> None:
    await claimed(stage)
    assert (await claimed(stage))["metadata"]["name"] == "artifact-llama"

    with pytest.raises(NameTaken, match="ConfigMap models/artifact-llama exists already"):
        await artifact.claim_head(stage.cluster, "models", "llama", notes={labels.URN: "another"})


async def test_an_unknown_namespace_is_named(stage: Stage) -> None:
    with pytest.raises(NotFound, match="Create namespace nowhere first"):
        await artifact.claim_head(stage.cluster, "nowhere", "llama", notes=NOTES)


async def test_the_key_is_made_once_and_found_again(stage: Stage) -> None:
    head = await claimed(stage)
    assert await artifact.find_key(stage.cluster, "models", "llama") is None

    key = await artifact.make_key(stage.cluster, head, "llama")

    assert await artifact.make_key(stage.cluster, head, "llama") == key
    assert await artifact.find_key(stage.cluster, "models", "llama") == key


async def test_a_version_never_shows_its_secrets() -> None:
    assert "hunter2" not in repr(version("aaaaaaaaaaaa", secret_values={"TOKEN": "hunter2"}))


async def test_an_artifact_in_use_names_its_users_and_stays(stage: Stage) -> None:
    await claimed(stage)
    used_by(stage, "aaaaaaaaaaaa")

    with pytest.raises(InUse, match="could not delete Artifact models/llama: it is used by chat r3"):
        await artifact.remove(stage.cluster, "models", "llama", incarnation=None, seconds=5, report=stage.heard)

    assert stage.heard.statuses == ["waiting until nobody uses it: chat r3"]
    assert "artifact-llama" in stage.names(CONFIG_MAP)


async def test_removing_an_artifact_takes_its_contents_and_keys(stage: Stage) -> None:
    head = await claimed(stage)
    await artifact.make_key(stage.cluster, head, "llama")
    await artifact.keep(stage.cluster, head, version("aaaaaaaaaaaa", secret_values={"A": "b"}), notes={})

    await artifact.remove(stage.cluster, "models", "llama", incarnation=None, seconds=5, report=stage.heard)
    await artifact.remove(stage.cluster, "models", "llama", incarnation=None, seconds=5, report=stage.heard)

    assert stage.names(CONFIG_MAP) == stage.names(SECRET) == []


async def test_an_artifact_that_was_created_anew_is_left_alone(stage: Stage) -> None:
    await claimed(stage)

    await artifact.remove(stage.cluster, "models", "llama", incarnation="old", seconds=5, report=stage.heard)

    assert stage.names(CONFIG_MAP) == ["artifact-llama"]
    assert "was created anew since" in stage.heard.infos[0]


async def test_a_head_that_is_written_meanwhile_is_read_again(stage: Stage) -> None:
    head = await claimed(stage)
    conflict = Conflict("replace", kind="ConfigMap", namespace="models", name="artifact-llama", said="it changed")
    stage.cluster.faults.append(Fault("replace", CONFIG_MAP, conflict))

    pointed = await artifact.keep(stage.cluster, head, version("aaaaaaaaaaaa", description="best"), notes={})

    assert pointed["data"]["description"] == "best"


def deleted_by_hand(stage: Stage, *, lag: float) -> None:
    """Somebody deletes the head, and garbage collection takes its time over what that owned."""
    FakeSeasons(stage.cluster, Pace(lag=lag), asyncio.get_running_loop())
    stage.cluster.remove(CONFIG_MAP, "models", "artifact-llama")


async def made_again(stage: Stage, content_hash: str, **more: object) -> Body:
    """The head and its content, by the next run."""
    head = await artifact.claim_head(stage.cluster, "models", "llama", notes=NOTES, report=stage.heard)
    return await artifact.keep(stage.cluster, head, version(content_hash, **more), notes={}, report=stage.heard)


async def test_an_artifact_that_somebody_deleted_is_made_again_once_its_old_content_is_gone(stage: Stage) -> None:
    await artifact.keep(
        stage.cluster, await claimed(stage), version("aaaaaaaaaaaa", secret_values={"A": "b"}), notes={}
    )
    old = stage.cluster.named(CONFIG_MAP, "artifact-llama-aaaaaaaaaaaa")
    deleted_by_hand(stage, lag=8)

    head = await made_again(stage, "aaaaaaaaaaaa", secret_values={"A": "b"})

    new = stage.cluster.named(CONFIG_MAP, "artifact-llama-aaaaaaaaaaaa")
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert is_owned_by(new, head)
    assert is_owned_by(stage.cluster.named(SECRET, "artifact-llama-aaaaaaaaaaaa"), head)
    assert stage.heard.statuses[0] == "waiting until an earlier ConfigMap artifact-llama-aaaaaaaaaaaa is gone"


async def test_a_head_that_is_being_deleted_is_waited_for_and_made_again(stage: Stage) -> None:
    head = await claimed(stage)
    stage.cluster.condemn((CONFIG_MAP.name, "models", "artifact-llama"))
    asyncio.get_running_loop().call_later(20, stage.cluster.remove, CONFIG_MAP, "models", "artifact-llama")

    again = await made_again(stage, "aaaaaaaaaaaa")

    assert again["metadata"]["uid"] != head["metadata"]["uid"]
    assert stage.heard.statuses == ["waiting until an earlier ConfigMap artifact-llama is gone"]


async def test_what_a_finalizer_keeps_is_named_after_a_minute(stage: Stage) -> None:
    await artifact.keep(stage.cluster, await claimed(stage), version("aaaaaaaaaaaa"), notes={})
    kept = stage.cluster.named(CONFIG_MAP, "artifact-llama-aaaaaaaaaaaa")
    kept["metadata"] |= {"finalizers": ["backup/keep"], "deletionTimestamp": "2031-05-04T03:00:00Z"}
    stage.cluster.put(CONFIG_MAP, kept)

    with pytest.raises(NameTaken, match=r"its finalizers \(backup/keep\) keep it for 60 s already"):
        await made_again(stage, "aaaaaaaaaaaa")


async def test_the_key_of_a_deleted_artifact_lives_on_so_that_the_same_secrets_roll_nothing(stage: Stage) -> None:
    key = await artifact.make_key(stage.cluster, await claimed(stage), "llama")
    deleted_by_hand(stage, lag=8)
    head = await claimed(stage)

    assert await artifact.make_key(stage.cluster, head, "llama") == key
    assert is_owned_by(stage.cluster.named(SECRET, "artifact-llama-key"), head)


async def test_an_artifact_that_is_deleted_while_it_is_written_says_what_to_do(stage: Stage) -> None:
    head = await claimed(stage)
    stage.cluster.condemn((CONFIG_MAP.name, "models", "artifact-llama"))

    with pytest.raises(NotFound, match=r"somebody is deleting it.*Run `pulumi up` again: that makes the Artifact anew"):
        await artifact.keep(
            stage.cluster, stage.cluster.named(CONFIG_MAP, "artifact-llama"), version("a" * 12), notes={}
        )

    stage.cluster.remove(CONFIG_MAP, "models", "artifact-llama")
    with pytest.raises(NotFound, match="Run `pulumi up` again"):
        await artifact.keep(stage.cluster, head, version("b" * 12), notes={})
