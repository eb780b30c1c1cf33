"""Whatever a program sends, check and diff answer: with faults at property paths, or with a sentence."""

import asyncio
import json
import os
from dataclasses import dataclass
from random import Random

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from inference_provider.errors import InputError
from inference_provider.plugin.wire import SIGNATURE, received, sent
from inference_provider.resources.registry import ARTIFACT, KINDS, POLICY, REPLACEMENT, Kind
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused, urn
from tests.plugin.strewn import ASSET, VALID, Json, Place, places, stepping, strewing, strewn
from tests.resources.outside import chat, llama
from tests.support.virtual_time import VirtualLoop

#: How many inputs each resource is sent: ten thousand in all.
INPUTS = 2_500
#: Of how many inputs one is previewed, too.
SELDOM = 8
#: Which inputs these are. Not drawn by hypothesis: it strews in the constants of whatever modules are loaded, so that
#: it went by the other tests of a run which inputs these were.
SEED = int(os.environ.get("OTHER_INPUTS", "0"))


@dataclass
class Tally:
    """What came of the inputs, so that nobody takes ten thousand refusals at the top for a proof."""

    sent: int = 0
    valid: int = 0
    faults: int = 0
    deep: int = 0
    changes: int = 0
    previews: int = 0


class Asking:
    """One kind of resource at one door, asked again and again."""

    def __init__(self, kind: Kind) -> None:
        self.kind, self.door, self.tally = kind, Door(), Tally()
        # As far down as the inputs of this kind go, if that is not far.
        self.far = min(4, max(len(place) for program in VALID[kind.token] for place in places(program)))

    async def sends(self, olds: Json, news: Json) -> None:
        """Check, diff and now and then a preview of inputs with olds. Whatever fails says what these were."""
        try:
            before = sent(readable(wired(olds)))  # a state holds what check let pass once
            await self._asked(before, wired(news))
        except (AssertionError, Refused) as error:
            error.add_note(f"olds: {olds}\nnews: {news}")
            raise

    async def _asked(self, before: Struct, after: Struct) -> None:
        answer = await self.door.check(after, kind=self.kind, olds=before)
        there = readable(after)
        for each in answer.failures:
            steps = stepping(each.property)
            assert each.reason
            assert steps, each
            assert is_there(there, steps), f"{each.property} is not in {there}: {each.reason}"
            self.tally.deep += len(steps) >= self.far
        self.tally.sent += 1
        self.tally.valid += not answer.failures
        self.tally.faults += len(answer.failures)
        if not answer.HasField("inputs"):
            return  # they could not even be read
        await self._differing(before, answer.inputs)
        if self.tally.sent % SELDOM == 0:
            try:
                await self._differing(before, after)
            except Refused as refused:  # changed since check, as policy packs do, and checked again
                assert_sentence(refused)
            await self._previewed(before, answer.inputs)

    async def _differing(self, before: Struct, news: Struct) -> None:
        request = provider_pb2.DiffRequest(id="models/chat", urn=urn(self.kind), olds=before, news=news)
        found = await self.door.servicer.Diff(request, self.door.call)
        assert bool(found.diffs) == (found.changes == provider_pb2.DiffResponse.DIFF_SOME)
        assert set(found.diffs) == {path.partition(".")[0].partition("[")[0] for path in found.detailedDiff}
        self.tally.changes += bool(found.diffs)

    async def _previewed(self, before: Struct, news: Struct) -> None:
        """Of anything at all: what a policy pack has changed since is not checked again."""
        name = urn(self.kind)
        create = provider_pb2.CreateRequest(urn=name, properties=news, preview=True)
        update = provider_pb2.UpdateRequest(id="models/chat", urn=name, olds=before, news=news, preview=True)
        for previewing in (
            self.door.servicer.Create(create, self.door.call),
            self.door.servicer.Update(update, self.door.call),
        ):
            try:
                await previewing
                self.tally.previews += 1
            except Refused as refused:
                assert_sentence(refused)


def assert_sentence(refused: Refused) -> None:
    """Words for a person, with a code that tells the engine that nothing is uncertain."""
    assert refused.failed.code not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
    assert "bug" not in refused.failed.details, refused.failed.details
    assert "Traceback" not in refused.failed.details


def readable(properties: Struct) -> Json:
    """The values; none where they are nested more deeply than we read."""
    try:
        return received(properties).values
    except InputError:
        return {}


def wired(value: Json) -> Struct:
    """JSON, with Pulumi's own marks in it, as the engine sends it."""
    return sent(value)


def is_there(values: Json, steps: Place) -> bool:
    """Whether a fault is about something that was sent, or about what is missing in an object that was."""
    for step in steps:
        if values is None:  # the same as left out
            return True
        if isinstance(values, dict):
            if step not in values:
                return True
            values = values[step]
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return False
    return True


async def saved(kind: Kind) -> list[Json]:
    """What a stack may hold of the resource, in an order that is the same in every run."""
    return [json.loads(json.dumps(each, sort_keys=True)) for each in await _saved(kind)]


async def _saved(kind: Kind) -> list[Json]:
    """Nothing, what this release writes there, and inputs alone."""
    door = Door()
    made = await door.create(llama(), kind=ARTIFACT)
    if kind is ARTIFACT:
        return [{}, made, VALID[kind.token][0]]
    if kind is POLICY:
        return [{}, await door.create(VALID[kind.token][1] | {"name": "gpus"}, kind=POLICY), VALID[kind.token][0]]
    version = made["versionId"]
    outputs = await door.create(chat(version, replacement={"driver": "external"}))
    if kind is REPLACEMENT:
        inputs = {"workloadId": "models/chat", "candidateArtifactId": version}
        outputs = await door.create(inputs, kind=kind)
    return [{}, outputs, VALID[kind.token][0]]


@pytest.mark.parametrize("kind", KINDS.values(), ids=[kind.name for kind in KINDS.values()])
def test_nothing_that_is_sent_brings_down_check_diff_or_preview(kind: Kind) -> None:
    asking, random = Asking(kind), Random(SEED)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        states, programs = runner.run(saved(kind)), VALID[kind.token]

        async def everything() -> None:
            for _ in range(INPUTS):
                olds = strewn(random.choice(states), strewing(random))
                await asking.sends(olds, strewn(random.choice(programs), strewing(random)))

        runner.run(everything())
    tally = asking.tally
    assert INPUTS / 5 < tally.valid < INPUTS * 4 / 5, tally
    assert min(tally.faults, tally.changes) > INPUTS / 5, tally
    assert tally.deep > INPUTS / 10, f"hardly anything was amiss far down: {tally}"
    assert tally.previews > INPUTS / SELDOM / 5, tally


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
async def test_a_number_that_is_none_is_a_fault_at_its_property(door: Door, number: float) -> None:
    news = Struct()
    news.update({"name": "chat", "artifactId": "models/llama@aaaaaaaaaaaa"})
    news.fields["runtime"].struct_value.fields["containerGroups"].list_value.values.add().struct_value.fields[
        "replicaCount"
    ].number_value = number

    answer = await door.check(news)

    assert [each.property for each in answer.failures] == ["runtime.containerGroups[0].replicaCount"]


async def test_an_asset_in_the_place_of_text_is_a_fault(door: Door) -> None:
    answer = await door.check({"artifactId": "models/llama@aaaaaaaaaaaa", "tags": ASSET, "description": ASSET})

    assert {each.property.partition("[")[0] for each in answer.failures} == {"tags", "description"}


async def test_an_output_value_counts_as_what_is_in_it(door: Door) -> None:
    wrapped = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": "for people", "secret": True}
    unknown = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": ["urn"]}

    answer = await door.check({"artifactId": unknown, "description": wrapped})

    assert not answer.failures
    back = received(answer.inputs)
    assert back.values["artifactId"] == UNKNOWN
    assert back.secrets == {("description",)}


async def test_a_type_that_is_not_ours_is_refused_in_a_sentence(door: Door) -> None:
    request = provider_pb2.CheckRequest(urn="urn:pulumi:dev::shop::inference:index:Model::chat", name="chat")

    with pytest.raises(Refused, match="there is no resource inference:index:Model"):
        await door.servicer.Check(request, door.call)
