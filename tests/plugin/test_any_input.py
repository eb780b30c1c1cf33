"""Whatever a program sends, check and diff answer: with faults at property paths, or with a sentence."""

import asyncio
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from inference_provider.plugin.wire import SECRET, SIGNATURE, received
from inference_provider.resources.registry import KINDS, Kind
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused, urn
from tests.support.virtual_time import VirtualLoop

Json = Any
ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x", "hash": "0"}
scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e300, -0.0, 2.0**63, 0.5, 1.0, 3.0])
    | st.text(max_size=30)
    | st.sampled_from([UNKNOWN, "", "9" * 5000, "1Gi", "30m", "chat", "models/llama@aaaaaaaaaaaa", "r7", "\x00", "a/b"])
    | st.sampled_from([ASSET, {SIGNATURE: SECRET}, {SIGNATURE: 3}])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        | inner.map(lambda value: {SIGNATURE: SECRET, "value": value})
        | inner.map(lambda value: {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": value, "secret": True})
    ),
    max_leaves=6,
)


def shaped(schema: Json, definitions: Json) -> st.SearchStrategy[Json]:
    """Values that look like what is asked for, with anything at all in some places."""
    if "$ref" in schema:
        return shaped(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return st.one_of(anything, *(shaped(each, definitions) for each in schema[union]))
    if schema.get("type") == "object" and "properties" in schema:
        fields = {name: shaped(each, definitions) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=fields) | anything
    if schema.get("type") == "array":
        return st.lists(shaped(schema.get("items", {}), definitions), max_size=3) | anything
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | anything
    return anything


def inputs(kind: Kind) -> st.SearchStrategy[Json]:
    """Inputs of a resource."""
    document = kind.inputs.model_json_schema(by_alias=True)
    fields = {name: shaped(each, document.get("$defs", {})) for name, each in document["properties"].items()}
    return st.fixed_dictionaries({}, optional=fields)


async def asked(kind: Kind, olds: Json, news: Json) -> None:
    """Check, then diff what check made of it."""
    door = Door()
    before, after = ParseDict(olds, Struct()), ParseDict(news, Struct())
    answer = await door.check(after, kind=kind, olds=before)
    assert all(each.property and each.reason for each in answer.failures), answer.failures
    for given_news in (answer.inputs, after):
        request = provider_pb2.DiffRequest(id="models/chat", urn=urn(kind), olds=before, news=given_news)
        found = await door.servicer.Diff(request, door.call)
        assert bool(found.diffs) == (found.changes == provider_pb2.DiffResponse.DIFF_SOME)


@pytest.mark.parametrize("kind", KINDS.values(), ids=[kind.name for kind in KINDS.values()])
def test_nothing_that_is_sent_brings_down_check_or_diff(kind: Kind) -> None:
    @settings(max_examples=340)
    @given(inputs(kind), inputs(kind))
    def whatever(olds: Json, news: Json) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(asked(kind, olds, news))

    whatever()


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
