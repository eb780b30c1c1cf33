"""No secret stands in anything that is said: not in faults, errors or reasons, nor on a resource's row."""

import pytest
from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import RolloutFailed
from inference_provider.plugin.failing import reasons
from inference_provider.plugin.secrecy import answering, hiding
from inference_provider.plugin.wire import received, sent
from inference_provider.resources.registry import ARTIFACT, WORKLOAD
from tests.plugin.door import Door, Refused, urn
from tests.resources.outside import chat, llama

HUSH = "hunter2-hush"


async def test_a_fault_about_a_secret_does_not_say_it(door: Door) -> None:
    news = sent({"artifactId": HUSH, "tags": {HUSH: 1.0}}, [("artifactId",)])

    answer = await door.check(news)

    assert {each.property for each in answer.failures} >= {"artifactId"}
    assert all(HUSH not in each.reason for each in answer.failures), answer.failures


async def test_an_error_that_repeats_a_secret_does_not_show_it(door: Door) -> None:
    """A policy pack may have put it there after it was checked."""
    news = sent({"name": "chat", "namespace": "models", "artifactId": HUSH}, [("artifactId",)])

    with pytest.raises(Refused) as caught:
        await door.servicer.Create(provider_pb2.CreateRequest(urn=urn(WORKLOAD), properties=news), door.call)

    assert HUSH not in caught.value.failed.details
    assert "[secret]" in caught.value.failed.details


def test_what_is_always_secret_is_hidden_though_nobody_marked_it() -> None:
    answering(provider_pb2.CreateRequest(properties=sent({"secretEnv": {"TOKEN": f"{HUSH}\nsecond line"}})))
    error = RolloutFailed("r2 did not become ready", detail=f"Last lines of vllm:\n  token={HUSH}\n  second line")

    assert reasons(error) == ["r2 did not become ready", "Last lines of vllm:\n  token=[secret]\n  [secret]"]


def test_who_speaks_elsewhere_hides_the_secrets_of_its_own_call() -> None:
    answering(provider_pb2.UpdateRequest(olds=sent({"tags": {"a": HUSH}}, [("tags", "a")])))
    hidden = hiding()
    answering(provider_pb2.UpdateRequest())

    assert hidden(f"loading {HUSH}") == "loading [secret]"
    assert hiding()("loading true") == "loading true"


def test_a_secret_that_is_a_word_spoils_no_sentence() -> None:
    env = {"A": "true", "B": "chat", "C": "8000", "D": "secret", "E": HUSH}
    answering(provider_pb2.CreateRequest(properties=sent({"name": "chat", "namespace": "models", "secretEnv": env})))

    said = hiding()(f"Workload models/chat: it is true that 48000 secrets of port 8000 are a secret: {HUSH}-8000_x")

    assert said == (
        "Workload models/chat: it is true that 48000 secrets of port [secret] are a [secret]: [secret]-[secret]_x"
    )


def test_a_name_that_is_secret_is_hidden() -> None:
    answering(provider_pb2.CreateRequest(properties=sent({"name": "merger"}, [("name",)])))

    assert hiding()("Workload models/merger") == "Workload models/[secret]"


async def test_what_is_secret_far_down_is_so_in_every_answer(door: Door) -> None:
    made = await door.outside.artifact(llama())
    inputs = sent(
        {**chat(made["versionId"]), "namespace": "models", "tags": {"team": HUSH, "b": "c"}}, [("tags", "team")]
    )
    checked = (await door.check(inputs)).inputs
    create = provider_pb2.CreateRequest(urn=urn(WORKLOAD), properties=checked, preview=True)
    foreseen = (await door.servicer.Create(create, door.call)).properties
    create.preview = False
    created = (await door.servicer.Create(create, door.call)).properties
    update = provider_pb2.UpdateRequest(urn=urn(WORKLOAD), id="models/chat", olds=created, news=checked, preview=True)
    planned = (await door.servicer.Update(update, door.call)).properties
    update.preview = False
    updated = (await door.servicer.Update(update, door.call)).properties
    read = provider_pb2.ReadRequest(urn=urn(WORKLOAD), id="models/chat", properties=updated, inputs=checked)
    seen = await door.servicer.Read(read, door.call)
    update.news.fields["description"].string_value = "new"
    door.cancelled()
    with pytest.raises(Refused) as caught:
        await door.servicer.Update(update, door.call)
    kept = caught.value.kept()
    assert kept is not None

    answers = [checked, foreseen, created, planned, updated, seen.properties, seen.inputs, kept.properties, kept.inputs]

    for answer in answers:
        back = received(answer)
        assert back.secrets == {("tags", "team")}, back
        assert back.values["tags"] == {"team": HUSH, "b": "c"}


async def test_secret_environment_comes_back_secret_though_nobody_marked_it(door: Door) -> None:
    checked = (await door.check({**llama(), "secretEnv": {"TOKEN": HUSH}}, kind=ARTIFACT)).inputs
    create = provider_pb2.CreateRequest(urn=urn(ARTIFACT), properties=checked)
    created = (await door.servicer.Create(create, door.call)).properties

    for answer in (checked, created):
        assert received(answer).secrets == {("secretEnv",)}
