"""How the engines of the traffic proof live and end, on loopback, without a cluster."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from inference_provider.manifests import labels
from tests.support.eventually import eventually
from tools.traffic.backing import pre_stop_seconds
from tools.traffic.endpoints import Endpoint
from tools.traffic.engine import TOKENS, Engine
from tools.traffic.engines import Engines
from tools.traffic.watching import Body
from tools.traffic.wire import LOOPBACK, BrokenError, Head, read_body, read_head

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def yes() -> bool:
    """The pod is ready."""
    return True


async def no() -> bool:
    """The pod is not."""
    return False


@pytest.fixture
def going_on() -> asyncio.Event:
    """Until it is set, streams stand still after their first part."""
    return asyncio.Event()


@pytest_asyncio.fixture
async def engine(going_on: asyncio.Event) -> AsyncIterator[Engine]:
    """An engine of a ready pod."""

    async def pace() -> None:
        await going_on.wait()

    running = Engine("r1", yes, pace)
    await running.run()
    yield running
    running.cut()


async def asked(port: int, path: str) -> Streams:
    """A connection on which a request was sent."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(Head(f"GET {path} HTTP/1.1", {"host": "chat"}).encoded())
    return reader, writer


async def test_an_engine_that_is_told_to_end_gives_the_answer_it_is_at_and_takes_no_other(
    engine: Engine, going_on: asyncio.Event
) -> None:
    reader, writer = await asked(engine.port, "/stream")
    head = await read_head(reader)

    ending = asyncio.create_task(engine.drain())
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="Connect"):
        await asked(engine.port, "/answer")
    going_on.set()

    assert await read_body(reader, head) == b"r1 " * TOKENS
    await ending
    writer.close()


async def test_an_engine_that_is_told_to_end_closes_connections_that_wait(engine: Engine) -> None:
    reader, writer = await asked(engine.port, "/answer")
    assert await read_body(reader, await read_head(reader)) == b"r1"

    await engine.drain()

    assert await reader.read() == b""
    writer.close()


async def test_an_engine_that_is_cut_leaves_half_an_answer(engine: Engine) -> None:
    reader, writer = await asked(engine.port, "/stream")
    head = await read_head(reader)

    engine.cut()

    with pytest.raises(BrokenError, match="amid an answer"):
        await read_body(reader, head)
    assert engine.cut_short == 1
    writer.close()


async def test_a_pod_that_is_not_ready_answers_nobody() -> None:
    loading = Engine("r2", no)
    await loading.run()

    reader, writer = await asked(loading.port, "/stream")

    assert (await read_head(reader)).word == "503"
    writer.close()
    loading.cut()


def pod(uid: str, *, leaving: bool = False, pre_stop: int = 0) -> Body:
    """A ready pod of r1."""
    metadata: Body = {"name": f"pod-{uid}", "uid": uid, "labels": {labels.REVISION: "r1", labels.WORKLOAD: "chat"}}
    if leaving:
        metadata["deletionTimestamp"] = "2026-11-21T18:00:00Z"
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": pre_stop}}}}
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "main", "ports": [{"containerPort": 8000}]}, {"name": "side", **hook}]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def worker(uid: str, *, ready: bool = True) -> Body:
    """A pod of r1 that listens nowhere."""
    body = pod(uid)
    body["metadata"]["labels"][labels.GROUP] = "worker"
    body["spec"] = {"containers": [{"name": "main"}]}
    body["status"]["conditions"][0]["status"] = str(ready)
    return body


@contextlib.asynccontextmanager
async def engines(*found: Body) -> AsyncIterator[Engines]:
    """Engines that ask an API server which knows these pods; a single one is also its answer to a name."""

    def answer(request: httpx.Request) -> httpx.Response:
        listing = "labelSelector" in request.url.params
        return httpx.Response(200, json={"items": list(found)} if listing else found[0])

    async with httpx.AsyncClient(base_url="https://cluster", transport=httpx.MockTransport(answer)) as api:
        running = Engines(api, "models")
        yield running
        running.close()


async def status_of(running: Engines) -> str:
    """What the engine of pod a answers."""
    port = await running.port(Endpoint("pod-a", "a"))
    assert port is not None
    reader, writer = await asked(port, "/answer")
    head = await read_head(reader)
    writer.close()
    return head.word


async def test_an_engine_ends_in_peace_when_its_pod_is_told_to_end_and_stays() -> None:
    async with engines() as running:
        running.told({"a": pod("a")})
        running.told({"a": pod("a", leaving=True)})
        await eventually(lambda: running.at_peace("a"))
        running.told({})

    assert (running.drained, running.cut) == (1, 0)


async def test_a_pod_in_which_nothing_listens_refuses_whoever_is_sent_there() -> None:
    silent = worker("b")

    async with engines(silent) as running:
        running.told({"a": pod("a"), "b": silent})

        assert await running.port(Endpoint("pod-a", "a")) is not None
        assert await running.port(Endpoint("pod-b", "b")) is None


async def test_an_engine_answers_as_soon_as_the_rest_of_its_version_is_there() -> None:
    loading, loaded = worker("b", ready=False), worker("b")
    async with engines(loading) as running:
        running.told({"a": pod("a"), "b": loading})
        assert await status_of(running) == "503"

    async with engines(loaded) as running:  # the watch is behind: the API server knows it already
        running.told({"a": pod("a"), "b": loading})
        assert await status_of(running) == "200"


async def test_a_pod_that_vanishes_takes_its_engine_along() -> None:
    async with engines() as running:
        running.told({"a": pod("a", pre_stop=60)})
        running.told({"a": pod("a", leaving=True, pre_stop=60)})
        running.told({})

    assert (running.drained, running.cut) == (0, 1)


def test_an_engine_serves_on_for_the_longest_pre_stop_hook() -> None:
    assert pre_stop_seconds(pod("a", pre_stop=15)) == 15
    assert pre_stop_seconds({"spec": {"containers": [{"name": "main"}]}}) == 0
