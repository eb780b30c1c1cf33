"""Whatever a stack's configuration holds, it is read, refused at its properties, or refused in a sentence."""

import asyncio
import json
from collections import Counter
from random import Random

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from inference_provider.functions.registry import FUNCTIONS
from inference_provider.plugin.wire import SECRET, SIGNATURE
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused
from tests.plugin.strewn import Json, Place, stepping, strewing, strewn
from tests.plugin.test_any_input import SEED, assert_sentence, is_there, readable, wired
from tests.plugin.test_configuration import ONE
from tests.support.virtual_time import VirtualLoop

#: How many configurations, and how many questions of each function.
CONFIGURATIONS, QUESTIONS = 1_500, 150
_REGISTRIES = [{"address": "ghcr.io", "username": "a", "password": {SIGNATURE: SECRET, "value": "hush"}}]
VALID: list[Json] = [
    {"kubeconfig": {SIGNATURE: SECRET, "value": ONE}, "context": "there", "namespace": "ml", "version": "1.0.0"},
    {"kubeconfig": "/nowhere/config", "registries": '[{"address": "ghcr.io"}]'},
    {"registries": _REGISTRIES, "namespace": "ml"},
    {"inference:kubeconfig": ONE, "inference:context": "here", "namspace": "ml"},
]
ASKED: Json = {
    "name": "chat",
    "namespace": "models",
    "revision": "r1",
    "toRevision": "r1",
    "limit": 1.0,
    "deleted": True,
    "artifactId": "llama@0123456789ab",
    "pods": 2.0,
    "status": ["running"],
    "search": "CHAT",
    "replicas": {"default": 2.0},
    "changes": {"importance": "high"},
}


async def configured(door: Door, olds: Struct, news: Struct) -> Counter[str]:
    """What came of one configuration."""
    came = Counter[str]()
    answer = await door.servicer.CheckConfig(provider_pb2.CheckRequest(olds=olds, news=news), door.call)
    for each in answer.failures:
        steps = stepping(each.property)
        assert each.reason
        assert steps
        assert is_there(readable(news), steps) or in_json(readable(news), steps), f"{each.property}: {each.reason}"
    came["checked" if not answer.failures else "faulty"] += 1
    try:
        found = await door.servicer.DiffConfig(provider_pb2.DiffRequest(olds=olds, news=news), door.call)
        assert set(found.replaces) <= set(found.diffs)
        came["elsewhere"] += bool(found.replaces)
    except Refused as refused:
        assert_sentence(refused)
    why = await refusal(door, news)
    came["configured"] += why is None
    if not answer.failures and UNKNOWN not in str(readable(news)):
        assert why is None, "what check lets pass is taken"
    return came


async def refusal(door: Door, news: Struct) -> Refused | None:
    """Why a provider cannot be configured so; that this process has another configuration already is no reason."""
    try:
        await door.servicer.Configure(provider_pb2.ConfigureRequest(args=news), door.call)
    except Refused as refused:
        assert_sentence(refused)
        return None if "works for one cluster" in str(refused) else refused
    return None


def in_json(values: Json, steps: Place) -> bool:
    """Whether it is in the list of registries, which may travel as text."""
    text = values.get(steps[0])
    return isinstance(text, str) and is_there({steps[0]: json.loads(text)}, steps)


def test_nothing_that_is_configured_brings_a_provider_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    random, came = Random(SEED), Counter[str]()

    async def everything() -> None:
        door = Door()
        for _ in range(CONFIGURATIONS):
            olds, news = (strewn(random.choice(VALID), strewing(random)) for _ in range(2))
            try:
                came.update(await configured(door, wired(olds), wired(news)))
            except (AssertionError, Refused) as error:
                error.add_note(f"olds: {olds}\nnews: {news}")
                raise

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(everything())
    assert min(came["checked"], came["faulty"], came["configured"]) > CONFIGURATIONS / 5, came
    assert came["elsewhere"] > CONFIGURATIONS / 100, came


def test_no_mark_anywhere_in_a_question_brings_a_function_down() -> None:
    random, came = Random(SEED), Counter[str]()

    async def asked(door: Door, token: str, given: Json) -> None:
        request = provider_pb2.InvokeRequest(tok=token, args=wired(given))
        try:
            answer = await door.servicer.Invoke(request, door.call)
        except Refused as refused:
            assert_sentence(refused)
            came["refused"] += 1
            return
        came["answered"] += not answer.failures
        for each in answer.failures:
            assert each.reason
            assert is_there(readable(request.args), stepping(each.property)), f"{each.property}: {each.reason}"
            came["faults"] += 1

    async def everything() -> None:
        door = Door()
        for function in FUNCTIONS.values():
            names = {field.alias or name for name, field in function.arguments.model_fields.items()}
            likely = {name: ASKED[name] for name in ASKED if name in names}
            for _ in range(QUESTIONS):
                given = strewn(likely, strewing(random))
                try:
                    await asked(door, function.token, given)
                except AssertionError as error:
                    error.add_note(f"{function.name}: {given}")
                    raise

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(everything())
    assert min(came["refused"], came["faults"]) > QUESTIONS, came
    assert came["answered"] > QUESTIONS / 3, came
