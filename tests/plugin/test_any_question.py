"""Whatever a program asks, it gets an answer, faults at property paths, or a sentence; never a mistake of ours."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from inference_provider.functions.function import Function
from inference_provider.functions.registry import FUNCTIONS
from inference_provider.plugin.wire import SECRET, SIGNATURE
from inference_provider.resources.registry import KINDS
from inference_provider.seam.unknowns import UNKNOWN
from tests.plugin.door import Door, Refused
from tests.resources.outside import chat, llama
from tests.support.virtual_time import VirtualLoop

Json = Any
scalars = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e300, -1.0, 0.0, 0.5, 2.0**63])
    | st.text(max_size=20)
    | st.sampled_from([UNKNOWN, "", "9" * 5000, "\x00", "a/b", "chatt", "r0", "r" + "9" * 5000, "80Gi", "-importance"])
    | st.sampled_from([{SIGNATURE: SECRET, "value": "chat"}, {SIGNATURE: 3}])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
#: What leads somewhere, beside all that does not.
LIKELY = {
    "name": "chat",
    "namespace": "models",
    "revision": "r1",
    "toRevision": "r1",
    "artifactId": "llama@0123456789ab",
    "limit": 1.0,
    "deleted": True,
    "pods": 2.0,
    "status": ["running", "stopped"],
    "search": "CHAT",
    "replicas": {"default": 2.0},
    "changes": {"importance": "high"},
}


def questions(function: Function[Any, Any]) -> st.SearchStrategy[Json]:
    """Arguments of a function: those that it takes, with what leads somewhere or anything at all in them."""
    names = [field.alias or name for name, field in function.arguments.model_fields.items()]
    likely = {name: st.just(LIKELY[name]) | anything if name in LIKELY else anything for name in names}
    needed = {name: st.just(LIKELY[name]) for name in ("name", "revision") if name in names}
    right = st.fixed_dictionaries(needed, optional={name: likely[name] for name in names if name not in needed})
    return (
        right | st.fixed_dictionaries({}, optional=likely) | st.dictionaries(st.text(max_size=8), anything, max_size=2)
    )


async def inhabited() -> Door:
    """A cluster with one Workload."""
    door = Door()
    made = await door.outside.artifact(llama())
    await door.create(chat(made["versionId"]))
    return door


async def asked(door: Door, request: provider_pb2.InvokeRequest) -> None:
    """One function."""
    try:
        answer = await door.servicer.Invoke(request, door.call)
    except Refused as refused:
        said = str(refused)
    else:
        assert all(each.reason for each in answer.failures)
        assert bool(answer.failures) != answer.HasField("return")
        said = ""
    assert "unexpected" not in said


async def listed(door: Door, request: provider_pb2.ListRequest) -> None:
    """One list."""
    try:
        found = [each async for each in door.servicer.List(request, door.call)]
    except Refused as refused:
        said = str(refused)
    else:
        assert all(each.WhichOneof("response") for each in found)
        said = ""
    assert "unexpected" not in said


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=[each.name for each in FUNCTIONS.values()])
def test_nothing_that_is_asked_brings_an_answer_down(function: Function[Any, Any]) -> None:
    loop = VirtualLoop()
    door = loop.run_until_complete(inhabited())

    @settings(max_examples=60)
    @given(questions(function))
    def asks(arguments: Json) -> None:
        request = provider_pb2.InvokeRequest(tok=function.token, args=ParseDict(arguments, Struct()))
        loop.run_until_complete(asked(door, request))

    asks()
    loop.close()


@pytest.mark.parametrize("token", KINDS)
def test_nothing_that_is_asked_brings_a_list_down(token: str) -> None:
    loop = VirtualLoop()
    door = loop.run_until_complete(inhabited())

    @settings(max_examples=60)
    @given(
        st.dictionaries(st.sampled_from(["namespace", "allNamespaces", "search", "moon"]), anything, max_size=3),
        st.integers(-1, 2),
        st.integers(-1, 2),
        st.sampled_from(["", "[]", '[1, "models/a"]', '{"a": 1}', "null", "[1, 2]"]) | st.text(max_size=9),
    )
    def asks(query: Json, limit: int, size: int, further: str) -> None:
        said = {"token": token, "limit": limit, "page_size": size, "continuation_token": further}
        request = ParseDict(said, provider_pb2.ListRequest(query=ParseDict(query, Struct())))
        loop.run_until_complete(listed(door, request))

    asks()
    loop.close()
