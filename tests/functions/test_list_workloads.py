"""Which Workloads are there?"""

import pytest

from inference_provider.errors import InputError
from inference_provider.resources import workload_commands
from inference_provider.resources.world import Properties
from tests.functions.asker import Asker, objects


async def names(asker: Asker, **given: object) -> list[str]:
    """The names of those that are found, in the order of the answer."""
    return [str(each["name"]) for each in objects(await asker.asks("listWorkloads", **given), "workloads")]


@pytest.fixture
async def three(asker: Asker) -> Asker:
    """``chat``, locked and important; ``embed``, described; ``rank``, stopped."""
    artifact: Properties = {"name": "llama", "status": "locked"}
    await asker.made("chat", artifact=artifact, importance="critical", tags={"team": "search", "tier": "a"})
    await asker.made("embed", description="Vectors for SEARCH", displayName="Embeddings", tags={"tier": "b"})
    await asker.made("rank", importance="high")
    await workload_commands.stop(asker.outside.world(), "models", "rank")
    return asker


async def test_nothing_is_an_empty_list(asker: Asker) -> None:
    found = await asker.asks("listWorkloads")

    assert found == {"count": 0, "totalCount": 0, "nextOffset": None, "workloads": []}


FILTERS: list[tuple[Properties, list[str]]] = [
    ({}, ["chat", "embed", "rank"]),
    ({"ids": ["models/rank", "models/chat", "models/gone"]}, ["chat", "rank"]),
    ({"search": "VECTORS"}, ["embed"]),
    ({"search": "embeddings"}, ["embed"]),
    ({"search": "els/ra"}, ["rank"]),
    ({"createdBy": ["ann"]}, ["chat", "embed", "rank"]),
    ({"createdBy": ["bob"]}, []),
    ({"tagKeys": ["team", "owner"]}, ["chat"]),
    ({"tagValues": ["a", "b"]}, ["chat", "embed"]),
    ({"tagKeys": ["tier"], "tagValues": ["b"]}, ["embed"]),
    ({"status": ["stopped"]}, ["rank"]),
    ({"status": ["running", "errored"]}, ["chat", "embed"]),
    ({"artifactStatus": ["locked"]}, ["chat"]),
    ({"artifactStatus": ["draft"]}, ["embed", "rank"]),
    ({"importance": ["critical", "high"]}, ["chat", "rank"]),
    ({"repositoryId": ["models/embed-model"]}, ["embed"]),
    ({"type": ["service"]}, ["chat", "embed", "rank"]),
    ({"type": ["nim"]}, []),
    ({"namespace": "other"}, []),
    ({"orderBy": "-name"}, ["rank", "embed", "chat"]),
    ({"orderBy": "importance"}, ["chat", "rank", "embed"]),
    ({"orderBy": "-status"}, ["rank", "chat", "embed"]),
    ({"orderBy": "-name", "limit": 2}, ["rank", "embed"]),
    ({"orderBy": "-name", "limit": 2, "offset": 2}, ["chat"]),
    ({"offset": 7}, []),
]


@pytest.mark.parametrize(("given", "expected"), FILTERS, ids=[str(given) for given, _ in FILTERS])
async def test_those_are_found_that_fit_every_filter(three: Asker, given: Properties, expected: list[str]) -> None:
    assert await names(three, **given) == expected


async def test_what_serves_a_version_is_found_by_it(asker: Asker) -> None:
    first, second = await asker.twice()

    assert await names(asker, artifactId=[first]) == []
    assert await names(asker, artifactId=[first, second]) == ["chat"]


async def test_all_namespaces_are_looked_in_when_that_is_asked(three: Asker) -> None:
    elsewhere = three.outside.world(namespace="other")

    await three.made("chat", world=elsewhere, namespace="other")

    found = objects(await three.asks("listWorkloads", allNamespaces=True, search="chat"), "workloads")
    assert [each["id"] for each in found] == ["models/chat", "other/chat"]


async def test_pages_follow_one_another_to_the_end(three: Asker) -> None:
    seen, offset = [], 0
    while True:
        page = await three.asks("listWorkloads", limit=2, offset=offset)
        seen += [each["name"] for each in objects(page, "workloads")]
        assert (page["count"], page["totalCount"]) == (len(objects(page, "workloads")), 3)
        if page["nextOffset"] is None:
            break
        offset = int(str(page["nextOffset"]))

    assert seen == ["chat", "embed", "rank"]


async def test_what_cannot_be_a_filter_is_refused_at_its_place(asker: Asker) -> None:
    wrong: Properties = {
        "status": ["running", "runing"],
        "orderBy": "age",
        "limit": 0,
        "offset": -1,
        "allNamespaces": True,
        "namespace": "models",
    }
    with pytest.raises(InputError) as caught:
        await asker.asks("listWorkloads", **wrong)

    found = {fault.path: fault.reason for fault in caught.value.faults}
    assert set(found) == {"status[1]", "orderBy", "limit", "offset", "namespace"}
    assert "'runing', but must be one of unknown, submitted" in found["status[1]"]
    assert "-createdAt" in found["orderBy"]
