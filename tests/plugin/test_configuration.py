"""The provider's own configuration, and the names that a stack proposes."""

import base64
import json
from pathlib import Path

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.cluster.login import login
from inference_provider.errors import InferenceError, Unauthorized
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import ARTIFACT
from inference_provider.resources.world import Properties
from inference_provider.seam.configuration import settings_from
from inference_provider.seam.unknowns import UNKNOWN
from inference_provider.seam.wiring import Wiring
from tests.plugin.door import Door, Naming
from tests.resources.outside import llama

PROPOSE, ENFORCE, DISABLE = Naming.PROPOSE, Naming.ENFORCE, Naming.DISABLE


def kubeconfig(server: str, user: str = "me", other: str = "http://127.0.0.1:9") -> str:
    """One with the contexts `here` (the current one) and `there`."""
    clusters = [
        {"name": "a", "cluster": {"server": server}},
        {"name": "b", "cluster": {"server": other}},
    ]
    contexts = [
        {"name": "here", "context": {"cluster": "a", "user": user}},
        {"name": "there", "context": {"cluster": "b", "user": user}},
    ]
    users = [{"name": user, "user": {}}]
    return json.dumps({"current-context": "here", "clusters": clusters, "contexts": contexts, "users": users})


ONE = kubeconfig("http://127.0.0.1:1")


async def moved(door: Door, olds: Properties, news: Properties) -> list[str]:
    """What makes other resources."""
    request = provider_pb2.DiffRequest(olds=sent(olds), news=sent(news))
    return list((await door.servicer.DiffConfig(request, door.call)).replaces)


async def test_another_cluster_makes_other_resources(door: Door) -> None:
    assert await moved(door, {"kubeconfig": ONE}, {"kubeconfig": kubeconfig("http://127.0.0.1:2")}) == ["kubeconfig"]
    assert await moved(door, {"kubeconfig": ONE}, {"kubeconfig": ONE, "context": "there"}) == ["context"]


async def test_the_dynamic_door_s_settings_are_read_as_the_stack_says_them(door: Door) -> None:
    before: Properties = {"inference:kubeconfig": ONE, "inference:context": "there"}

    assert not await moved(door, before, {"kubeconfig": ONE, "context": "there"})
    assert await moved(door, before, {"kubeconfig": ONE, "context": "here"}) == ["context"]


async def test_another_way_into_the_same_cluster_does_not(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(ONE)

    assert not await moved(door, {"kubeconfig": ONE}, {"kubeconfig": kubeconfig("http://127.0.0.1:1/", "other")})
    assert not await moved(door, {"kubeconfig": ONE}, {"kubeconfig": str(file), "context": "here"})
    assert not await moved(door, {"namespace": "a"}, {"namespace": "b"})


@pytest.mark.parametrize("vague", [UNKNOWN, "/nowhere", "{", "[]", '{"contexts": 3}', None])
async def test_what_cannot_be_told_replaces_nothing(door: Door, vague: object) -> None:
    assert not await moved(door, {"kubeconfig": ONE}, {"kubeconfig": vague, "context": "there"})


async def wrong(door: Door, **config: object) -> dict[str, str]:
    """What is wrong with a configuration."""
    answer = await door.servicer.CheckConfig(provider_pb2.CheckRequest(news=sent(config)), door.call)
    return {each.property: each.reason for each in answer.failures}


async def test_a_fault_of_the_configuration_is_said_at_its_property(door: Door) -> None:
    assert set(await wrong(door, kubeconfig={"a": 1}, context=3, namespace="Not a name")) == {
        "kubeconfig",
        "context",
        "namespace",
    }
    assert "`kubeconfig`" in (await wrong(door, kubeConfig="x"))["kubeConfig"]


async def test_what_nobody_may_read_is_kept_as_a_secret_however_it_was_given(door: Door) -> None:
    given = sent({"kubeconfig": ONE, "namespace": "team", "registries": '[{"address": "ghcr.io"}]'})

    answer = await door.servicer.CheckConfig(provider_pb2.CheckRequest(news=given), door.call)

    kept = received(answer.inputs)
    assert kept.values == received(given).values
    assert kept.secrets == {("kubeconfig",), ("registries",)}


async def test_what_is_unknown_or_not_ours_is_let_pass(door: Door) -> None:
    assert not await wrong(
        door, kubeconfig=UNKNOWN, namespace=UNKNOWN, version="1.0.0", pluginDownloadURL="x", replicas="3", __internal={}
    )


async def test_a_namespace_that_is_not_known_yet_is_no_namespace(door: Door) -> None:
    door.session.configure({"namespace": UNKNOWN})

    answer = await door.check(llama(), kind=ARTIFACT)

    inputs = received(answer.inputs).own
    assert (inputs["namespace"], inputs.get("versionId", UNKNOWN)) == (UNKNOWN, UNKNOWN)


async def test_nobody_asks_another_cluster_while_the_one_that_is_meant_is_not_known() -> None:
    wiring = Wiring(settings_from({}, known=False))

    with pytest.raises(InferenceError, match="not known yet"):
        await wiring.world(report=Door().outside.heard, urn="").connect()


@pytest.mark.parametrize(
    ("mode", "given", "old", "name"),
    [
        (PROPOSE, None, None, "chat-7f3a"),
        (ENFORCE, None, None, "chat-7f3a"),
        (PROPOSE, "mine", None, "mine"),
        (PROPOSE, None, "chat-0000", "chat-0000"),
        (None, None, None, "chat"),
        (None, None, "talk", "talk"),
    ],
)
async def test_a_name_is_the_program_s_else_the_stack_s_else_the_logical_one(
    door: Door, mode: Naming.Mode.ValueType | None, given: str | None, old: str | None, name: str
) -> None:
    proposed = None if mode is None else Naming(proposed_name="chat-7f3a", mode=mode)
    said: Properties = {"artifactId": "models/llama@aaaaaaaaaaaa", "name": given}

    answer = await door.check(said, olds=sent({"name": old} if old else {}), autonaming=proposed)

    assert not answer.failures
    assert received(answer.inputs).own["name"] == name


async def test_a_stack_that_finds_no_names_wants_one(door: Door) -> None:
    answer = await door.check({"artifactId": "models/llama@aaaaaaaaaaaa"}, autonaming=Naming(mode=DISABLE))

    assert [each.property for each in answer.failures] == ["name"]


@pytest.mark.parametrize("damaged", ['{"a":' * 3_000, "a: 2020-99-99\n"])
async def test_a_kubeconfig_that_no_parser_can_read_is_refused_in_a_sentence(door: Door, damaged: str) -> None:
    assert not await moved(door, {"kubeconfig": ONE}, {"kubeconfig": damaged})
    with pytest.raises(Unauthorized):
        login(kubeconfig=damaged, context=None)


async def test_registries_that_no_parser_can_read_are_a_fault_there(door: Door) -> None:
    assert set(await wrong(door, registries="[" * 60_000)) == {"registries"}


def test_a_kubeconfig_in_another_coding_is_not_repeated_in_an_error() -> None:
    coded = base64.b64encode(ONE.encode()).decode()

    with pytest.raises(Unauthorized) as caught:
        login(kubeconfig=coded, context=None)

    assert coded[:40] not in str(caught.value)
    assert "neither a file nor" in str(caught.value)
